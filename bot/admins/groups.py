"""Acts on one group: its credits, its turns, and whether it is answered."""

from sqlite_utils import Database as Tables

from bot.admins.asked import Answer, Asked, Group
from bot.replies.admins import AdminReplies
from bot.replies.groups import GroupReplies
from storage import chats, jobs, pools


def show_quota(db: Tables, asked: Asked, whom: Group) -> Answer:
    """/quota of a group."""
    at = {"bot_id": asked.bot_id, "chat_id": whom.chat_id}
    pool = pools.pool(db, **at, user_id=asked.actor_id, now=asked.now)
    replies = GroupReplies(asked.language)
    return Answer(text=replies.group(chats.get(db, **at), pool, leads=False))


def set_quota(db: Tables, asked: Asked, whom: Group, tenths: int) -> Answer:
    """/setquota of a group."""
    chats.set_daily(db, bot_id=asked.bot_id, chat_id=whom.chat_id, daily_tenths=tenths)
    return Answer(text=GroupReplies(asked.language).daily_set(whom.name, tenths))


def grant(db: Tables, asked: Asked, whom: Group, tenths: int) -> Answer:
    """/grant to a group."""
    pools.grant(
        db,
        bot_id=asked.bot_id,
        chat_id=whom.chat_id,
        amount_tenths=tenths,
        actor_id=asked.actor_id,
        now=asked.now,
    )
    return Answer(text=GroupReplies(asked.language).granted(whom.name, tenths))


def block(db: Tables, asked: Asked, whom: Group) -> Answer:
    """/block of a group."""
    return _set_blocked(db, asked, whom, blocked=True)


def unblock(db: Tables, asked: Asked, whom: Group) -> Answer:
    """/unblock of a group."""
    return _set_blocked(db, asked, whom, blocked=False)


def _set_blocked(db: Tables, asked: Asked, whom: Group, *, blocked: bool) -> Answer:
    chats.set_blocked(db, bot_id=asked.bot_id, chat_id=whom.chat_id, blocked=blocked, now=asked.now)
    if blocked:
        jobs.cancel_all(db, bot_id=asked.bot_id, chat_id=whom.chat_id, now=asked.now)
    return Answer(text=GroupReplies(asked.language).block_set(whom.name, blocked=blocked))


def set_priority(db: Tables, asked: Asked, whom: Group, weight: float) -> Answer:
    """/priority of a group."""
    chats.set_weight(db, bot_id=asked.bot_id, chat_id=whom.chat_id, weight=weight)
    return Answer(text=AdminReplies(asked.language).priority_set(whom.name, weight))
