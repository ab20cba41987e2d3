"""The gate to what admins may do (bot/admins/). To anybody else these commands do not exist."""

import functools
import unicodedata
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from sqlite_utils import Database as Tables
from telegram import Update

from bot.admins.asked import Asked
from bot.admins.commands import carry_out
from bot.incoming import Incoming, say
from bot.prompts import clean
from bot.replies.admins import AdminReplies
from bot.replies.commands import ADMIN_COMMANDS
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.people import Context, arguments, tell_quota, unknown_command
from storage import jobs

Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]


def act(
    db: Tables,
    incoming: Incoming,
    rules: Rules,
    desk: Desk,
    name: str,
    words: Sequence[str],
    replied_to: int | None,
) -> None:
    """An admin's command, and its answer."""
    asked = Asked(
        bot_id=incoming.bot_id,
        actor_id=incoming.user_id,
        language=incoming.language,
        now=incoming.now,
        rules=rules,
        chat_id=None if incoming.is_private else incoming.chat_id,
        is_private=incoming.is_private,
        workers=desk.workers(),
        live=dict(desk.live),
    )
    answer = carry_out(db, asked, name, words, replied_to)
    text = "\n".join(filter(None, (answer.text, answer.legend)))
    say(db, incoming, text, days=answer.days)


class Admins:
    """The handlers of every admin's command, and of /quota, which is everybody's."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handlers(self) -> dict[str, Handler]:
        """Each command's handler, by its name."""
        names = ("quota", *ADMIN_COMMANDS)
        return {name: functools.partial(self._handle, name) for name in names}

    async def _handle(self, name: str, update: Update, _context: Context) -> None:
        user = update.effective_user
        # Chinese keyboards write ＠, and digits as wide as their characters.
        words = unicodedata.normalize("NFKC", clean(arguments(update))).split()
        author = replied_to(update)
        message = update.effective_message
        is_admin = user is not None and user.id in self._desk.rules.admins
        if is_admin and message is not None and message.forward_origin is not None:
            # Somebody else's words.
            await self._desk.handle(update, refuse_forwarded)
        elif name == "quota" and not (is_admin and (words or author)):
            await self._desk.handle(update, tell_quota)
        elif is_admin:
            await self._desk.handle(update, act, self._desk, name, words, author)
            bot_id = self._desk.bot_id
            for job_id in await self._desk.database.read(jobs.to_be_stopped, bot_id=bot_id):
                self._desk.cancel_running(job_id)
        elif _is_asked(update):
            await self._desk.handle(update, unknown_command, f"/{name}")


def refuse_forwarded(db: Tables, incoming: Incoming, _rules: Rules) -> None:
    """A command that an admin forwards."""
    say(db, incoming, AdminReplies(incoming.language).forwarded())


def _is_asked(update: Update) -> bool:
    """Whether a command is surely meant for this bot: in a group, others may have one like it."""
    message, chat = update.effective_message, update.effective_chat
    words = ((message.text or "") if message else "").split()
    return (chat is not None and chat.type == chat.PRIVATE) or "@" in words[0]


def replied_to(update: Update) -> int | None:
    """The person whose message is answered."""
    message = update.effective_message
    replied = message.reply_to_message if message else None
    # In a topic of a forum, what answers nobody answers the message that opened the topic.
    if replied is None or replied.forum_topic_created is not None:
        return None
    if replied.sender_chat is not None:
        return None  # A channel's post, or an administrator who hides as the group.
    author = replied.from_user
    return author.id if author and not author.is_bot else None
