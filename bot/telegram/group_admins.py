"""What the bot's admins may do with a group: its credits, and whether it is answered.

They name it by its id, or by `here` within it. What they do is in the audit already.
"""

import re

from sqlite_utils import Database as Tables

from bot.intake import Incoming, say
from bot.replies.groups import GroupReplies
from storage import chats, pools

HERE = "here"
GROUP_ID = re.compile(r"-[1-9]\d{0,15}", re.ASCII)


def names_group(who: str | int) -> bool:
    """Whether an admin means a group by that word."""
    return isinstance(who, str) and (who.lower() == HERE or GROUP_ID.fullmatch(who) is not None)


def tell_group_quota(db: Tables, incoming: Incoming, who: str | int) -> None:
    """/quota of a group."""
    chat_id = _find(db, incoming, who)
    if chat_id is not None:
        pool = pools.pool(
            db,
            bot_id=incoming.bot_id,
            chat_id=chat_id,
            user_id=incoming.user_id,
            now=incoming.now,
        )
        chat = chats.get(db, bot_id=incoming.bot_id, chat_id=chat_id)
        say(db, incoming, GroupReplies(incoming.language).group(chat, pool, leads=False))


def change_group_credits(
    db: Tables, incoming: Incoming, action: str, who: str | int, tenths: int
) -> None:
    """/setquota and /grant for a group."""
    chat_id = _find(db, incoming, who)
    if chat_id is None:
        return
    replies, at = GroupReplies(incoming.language), {"bot_id": incoming.bot_id, "chat_id": chat_id}
    if action == "setquota":
        chats.set_daily(db, **at, daily_tenths=tenths)
        say(db, incoming, replies.daily_set(str(chat_id), tenths))
        return
    actor_id = incoming.user_id
    pools.grant(db, **at, amount_tenths=tenths, actor_id=actor_id, now=incoming.now)
    say(db, incoming, replies.granted(str(chat_id), tenths))


def change_group_block(db: Tables, incoming: Incoming, who: str | int, *, blocked: bool) -> None:
    """/block and /unblock for a group."""
    chat_id = _find(db, incoming, who)
    if chat_id is not None:
        chats.set_blocked(
            db, bot_id=incoming.bot_id, chat_id=chat_id, blocked=blocked, now=incoming.now
        )
        said = GroupReplies(incoming.language).block_set(str(chat_id), blocked=blocked)
        say(db, incoming, said)


def _find(db: Tables, incoming: Incoming, who: str | int) -> int | None:
    """The id that the group has now; None, said so, for `here` where no group is."""
    if str(who).lower() == HERE:
        if incoming.is_private:
            say(db, incoming, GroupReplies(incoming.language).only_in_groups())
            return None
        return incoming.chat_id
    return chats.current_id(db, bot_id=incoming.bot_id, chat_id=int(who))
