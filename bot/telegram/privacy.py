"""/privacy and /forgetme: what is kept of a person, and how they make it go."""

import contextlib

from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import TelegramError

from bot.clips_folder import ClipsFolder
from bot.incoming import Incoming, say
from bot.replies.groups import GroupReplies
from bot.replies.preferences import PreferenceReplies
from bot.replies.privacy import PrivacyReplies
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.menus import publish_own_menu
from bot.telegram.people import Context
from storage import forgetting, outbox
from storage.forgetting import Forgotten

TAP = r"^forget:"


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
) -> tuple[str, Forgotten | None]:
    """A tap: the words for it, and what is left to do.

    data: forget:USER_ID:yes, or no.
    """
    if data not in {f"forget:{incoming.user_id}:{answer}" for answer in ("yes", "no")}:
        return PreferenceReplies(incoming.language).somebody_elses(), None
    replies = PrivacyReplies(incoming.language)
    if data.endswith("no"):
        _say_instead(db, incoming, replies.kept())
        return replies.kept(), None
    who = {"bot_id": incoming.bot_id, "user_id": incoming.user_id}
    hashed_id = forgetting.hash_id(rules.people_key, **who)
    forgotten = forgetting.forget(db, **who, hashed_id=hashed_id, now=incoming.now)
    _say_instead(db, incoming, replies.forgotten())
    return replies.forgotten(), forgotten


def _say_instead(db: Tables, incoming: Incoming, words: str) -> None:
    """Put words in place of the question; what is known of this in the meantime names a person."""
    if incoming.message_id:
        outbox.say(
            db,
            bot_id=incoming.bot_id,
            key=f"{outbox.TRACELESS}question:{incoming.update_id}",
            chat_id=incoming.chat_id,
            method="edit_message_text",
            payload={"message_id": incoming.message_id, "text": words},
            now=incoming.now,
        )


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
        words, forgotten = result or ("", None)
        if forgotten is not None:
            for job_id in forgotten.running:
                self._desk.cancel_running(job_id)
            for path in forgotten.paths:
                self._clips.remove(path)
        # The rest is a courtesy: what had to go has gone, or waits in the outbox.
        with contextlib.suppress(TelegramError):
            await query.answer(words or None)
        if forgotten is not None:
            is_admin = user.id in self._desk.rules.admins
            with contextlib.suppress(TelegramError):
                await publish_own_menu(context.bot, user.id, language="", is_admin=is_admin)
