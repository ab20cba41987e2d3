"""/privacy and /forgetme: what is kept of a person, and how they make it go."""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable

from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import RetryAfter, TelegramError

from bot.clips_folder import ClipsFolder
from bot.intake import Incoming, say
from bot.replies.groups import GroupReplies
from bot.replies.preferences import PreferenceReplies
from bot.replies.privacy import PrivacyReplies
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.menus import publish_own_menu
from bot.telegram.pacing import retry_seconds
from bot.telegram.people import Context
from storage import forgetting
from storage.forgetting import Forgotten

TAP = r"^forget:"
MOST_TRIES = 4
MOST_WAIT_SECONDS = 30.0


def tell_privacy(db: Tables, incoming: Incoming, rules: Rules) -> None:
    """/privacy."""
    replies = PrivacyReplies(incoming.language)
    say(db, incoming, replies.privacy(rules.keep_clips_days, rules.keep_updates_days))


def ask_to_confirm(db: Tables, incoming: Incoming, _rules: Rules) -> None:
    """/forgetme."""
    if incoming.is_anonymous:
        say(db, incoming, GroupReplies(incoming.language).anonymous())
        return
    replies = PrivacyReplies(incoming.language)
    buttons = [
        [
            (replies.forget_button(), f"forget:{incoming.user_id}:yes"),
            (replies.keep_button(), f"forget:{incoming.user_id}:no"),
        ]
    ]
    say(db, incoming, replies.confirm(), buttons=buttons)


def answer_question(
    db: Tables, incoming: Incoming, rules: Rules, data: str
) -> tuple[str, bool, Forgotten | None]:
    """A tap: the words for it, whether it was the asker's, and what is left to do.

    data: forget:USER_ID:yes, or no. Nothing about this very answer is stored: it names the person.
    """
    if data not in {f"forget:{incoming.user_id}:{answer}" for answer in ("yes", "no")}:
        return PreferenceReplies(incoming.language).somebody_elses(), False, None
    replies = PrivacyReplies(incoming.language)
    if data.endswith("no"):
        return replies.kept(), True, None
    who = {"bot_id": incoming.bot_id, "user_id": incoming.user_id}
    hashed_id = forgetting.hash_id(rules.people_key, **who)
    forgotten = forgetting.forget(db, **who, hashed_id=hashed_id, now=incoming.now)
    return replies.forgotten(), True, forgotten


class Privacy:
    """The handlers of this module."""

    def __init__(self, desk: Desk, clips_folder: ClipsFolder) -> None:
        self._desk = desk
        self._clips = clips_folder

    async def privacy(self, update: Update, _context: Context) -> None:
        """/privacy."""
        await self._desk.handle(update, tell_privacy)

    async def forgetme(self, update: Update, _context: Context) -> None:
        """/forgetme."""
        await self._desk.handle(update, ask_to_confirm)

    async def tapped(self, update: Update, context: Context) -> None:
        """A button under the question of /forgetme."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None:
            return
        result = await self._desk.handle(update, answer_question, query.data or "")
        words, is_theirs, forgotten = result or ("", False, None)
        if forgotten is not None:
            for job_id in forgotten.running:
                self._desk.cancel_running(job_id)
            for path in forgotten.paths:
                self._clips.remove(path)
        # The rest is a courtesy: what had to go has gone.
        with contextlib.suppress(TelegramError):
            await query.answer(words or None)
        if is_theirs:
            await _insist(lambda: query.edit_message_text(words))
        if forgotten is not None:
            await self._tidy_chats(context, user.id, forgotten)

    async def _tidy_chats(self, context: Context, user_id: int, forgotten: Forgotten) -> None:
        for chat_id, message_id in forgotten.cards:
            await _insist(functools.partial(context.bot.delete_message, chat_id, message_id))
        is_admin = user_id in self._desk.rules.admins
        with contextlib.suppress(TelegramError):
            await publish_own_menu(context.bot, user_id, language="", is_admin=is_admin)


async def _insist(call: Callable[[], Awaitable[object]]) -> None:
    """Make a call once Telegram lets it be made. It is written down nowhere: a kill ends it."""
    with contextlib.suppress(TelegramError):
        for _ in range(MOST_TRIES):
            try:
                await call()
            except RetryAfter as error:
                await asyncio.sleep(min(retry_seconds(error), MOST_WAIT_SECONDS))
            else:
                return
