"""/draft: a preview in few steps, which one tap renders in full."""

import secrets

from sqlite_utils import Database as Tables
from telegram import Update

from bot.incoming import Incoming, say
from bot.languages import Language
from bot.options import OptionRejected
from bot.prompts import as_draft
from bot.replies.prompts import explain
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.people import Context, arguments, take_prompt


def take_draft(
    db: Tables, incoming: Incoming, rules: Rules, text: str, reply_to: int | None, seed: int
) -> None:
    """A prompt like any other, but in few steps."""
    try:
        text = as_draft(text)
    except OptionRejected as error:
        say(db, incoming, explain(Language(incoming.language), error))
        return
    take_prompt(db, incoming, rules, text, reply_to, seed)


class Drafts:
    """The handler of this module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def draft(self, update: Update, _context: Context) -> None:
        """/draft PROMPT, anywhere."""
        message = update.effective_message
        answered = message.reply_to_message if message else None
        reply_to = answered.message_id if answered else None
        text, seed = arguments(update), secrets.randbits(32)
        await self._desk.handle(update, take_draft, text, reply_to, seed)
