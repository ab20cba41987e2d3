"""Groups: prompts that mention the bot, and /group with the buttons of its administrators."""

import contextlib
import re
from collections.abc import Callable

from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import TelegramError

from bot.incoming import Buttons, Incoming, say
from bot.replies.groups import GroupReplies
from bot.rules import Rules
from bot.telegram.chat_admins import leads_chat
from bot.telegram.desk import Desk
from bot.telegram.people import Context, People, behind_name
from storage import audit, chats, outbox, pools
from storage.chats import Chat

# Tenths of a credit that the buttons offer as a cap.
CAPS = (10, 20, 30, 50, 100)
DATA = re.compile(r"group:(cap|admins|own|spoiler):(none|\d{1,4})", re.ASCII)


def tell_group(db: Tables, incoming: Incoming, _rules: Rules, *, leads: bool) -> None:
    """/group. leads: an administrator of the group asks, and gets buttons."""
    if incoming.is_private:
        say(db, incoming, GroupReplies(incoming.language).for_groups())
        return
    text, buttons = _panel(db, incoming, leads=leads)
    say(db, incoming, text, buttons=buttons if leads else ())


def change_group(
    db: Tables, incoming: Incoming, _rules: Rules, setting: str, value: str, *, leads: bool
) -> str:
    """A tap on a button of /group. Returns words for who tapped."""
    replies = GroupReplies(incoming.language)
    if incoming.is_private or not leads:
        return replies.only_administrators()
    if not _set(db, incoming, setting, value):
        return replies.changed()
    audit.record(
        db,
        bot_id=incoming.bot_id,
        actor_id=incoming.user_id,
        action="group",
        target=str(incoming.chat_id),
        detail=f"{setting} {value}",
        now=incoming.now,
    )
    text, buttons = _panel(db, incoming, leads=True)
    if incoming.message_id:
        outbox.say(
            db,
            bot_id=incoming.bot_id,
            key=f"update:{incoming.update_id}",
            chat_id=incoming.chat_id,
            method="edit_message_text",
            payload={"message_id": incoming.message_id, "text": text, "buttons": buttons},
            now=incoming.now,
        )
    return replies.changed()


def _set(db: Tables, incoming: Incoming, setting: str, value: str) -> bool:
    """Make a group's setting what a button says; False for a value that no button has."""
    at = {"bot_id": incoming.bot_id, "chat_id": incoming.chat_id}
    if setting == "cap":
        if value != "none" and int(value) not in CAPS:
            return False
        chats.set_cap(db, **at, cap_tenths=None if value == "none" else int(value))
        return True
    if value not in {"0", "1"}:
        return False
    on = value == "1"
    changes: dict[str, Callable[[], None]] = {
        "admins": lambda: chats.set_admins_only(db, **at, admins_only=on),
        "own": lambda: chats.set_own_credits(db, **at, own_credits=on),
        "spoiler": lambda: chats.set_spoiler(db, **at, spoiler=on),
    }
    changes[setting]()
    return True


def _panel(db: Tables, incoming: Incoming, *, leads: bool) -> tuple[str, Buttons]:
    """What /group shows, and its buttons: each says what a tap on it makes true."""
    chat = chats.get(db, bot_id=incoming.bot_id, chat_id=incoming.chat_id)
    pool = pools.pool(
        db,
        bot_id=incoming.bot_id,
        chat_id=incoming.chat_id,
        user_id=incoming.user_id,
        now=incoming.now,
    )
    replies = GroupReplies(incoming.language)
    rows = [
        [(replies.button(setting, value), f"group:{setting}:{value}") for setting, value in row]
        for row in _offers(chat)
    ]
    return replies.group(chat, pool, leads=leads), rows


def _offers(chat: Chat) -> list[list[tuple[str, str]]]:
    caps = [("cap", str(cap)) for cap in CAPS if cap != chat.cap_tenths]
    if chat.cap_tenths is not None:
        caps.insert(0, ("cap", "none"))
    return [
        caps[:3],
        caps[3:],
        [("admins", str(int(not chat.admins_only)))],
        [("own", str(int(not chat.own_credits)))],
        [("spoiler", str(int(not chat.spoiler)))],
    ]


class Groups:
    """The handlers of this module."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk = desk
        self._people = people

    async def mentioned(self, update: Update, context: Context) -> None:
        """A text in a group that names the bot; one that begins so is a prompt."""
        message = update.effective_message
        text = (message.text or "") if message else ""
        prompt = behind_name(text, context.bot.username)
        if prompt is not None:
            await self._people.take(update, prompt)

    async def group(self, update: Update, _context: Context) -> None:
        """/group."""
        await self._desk.handle(update, tell_group, leads=await leads_chat(update))

    async def tapped(self, update: Update, _context: Context) -> None:
        """A tap on a button of /group."""
        query = update.callback_query
        asked = DATA.fullmatch((query.data or "") if query else "")
        if query is None or asked is None:
            return
        words = await self._desk.handle(
            update, change_group, asked[1], asked[2], leads=await leads_chat(update)
        )
        # The answer is a courtesy: a tap that is too old to answer has had its effect all the same.
        with contextlib.suppress(TelegramError):
            await query.answer(words)
