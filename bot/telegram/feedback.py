"""/feedback: words for the admins, and an admin's answer to them."""

import re

from sqlite_utils import Database as Tables
from telegram import Message, Update
from telegram.ext import filters

from bot import languages
from bot.incoming import Incoming, say
from bot.prompts import clean
from bot.replies.feedback import FEEDBACK_SIGN, FeedbackReplies
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.people import Context, arguments
from storage import feedback, outbox, people

MOST_A_DAY = 5
DAY_SECONDS = 86_400.0
ADMIN_LINE = re.compile(rf"{FEEDBACK_SIGN} (\d{{1,15}}) · ", re.ASCII)


def pass_on(db: Tables, incoming: Incoming, rules: Rules, text: str) -> None:
    """/feedback TEXT."""
    replies = FeedbackReplies(incoming.language)
    who = {"bot_id": incoming.bot_id, "user_id": incoming.user_id}
    given = feedback.count_since(db, **who, since=incoming.now - DAY_SECONDS)
    if not text.strip():
        say(db, incoming, replies.write_what())
    elif not rules.admins:
        say(db, incoming, replies.nobody())
    elif given >= MOST_A_DAY:
        say(db, incoming, replies.enough(MOST_A_DAY))
    else:
        number = feedback.insert(
            db,
            **who,
            chat_id=incoming.chat_id,
            thread_id=incoming.thread_id,
            message_id=incoming.message_id,
            now=incoming.now,
        )
        for admin in sorted(rules.admins):
            _tell_admin(db, incoming, admin, number, text)
        say(db, incoming, replies.passed_on())


def _tell_admin(db: Tables, incoming: Incoming, admin: int, number: int, text: str) -> None:
    person = incoming.person
    name = clean(person.first_name) if person else ""
    if person is not None and person.username:
        name = f"{name} @{person.username}".strip()
    replies = FeedbackReplies(_language_of(db, incoming.bot_id, admin))
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=f"feedback:{number}:{admin}",
        chat_id=admin,
        method="send_message",
        payload={"text": replies.for_admin(number, name, incoming.user_id, text)},
        keep=True,
        now=incoming.now,
    )


def answer(db: Tables, incoming: Incoming, _rules: Rules, number: int, text: str) -> None:
    """An admin's reply to a feedback: it goes where the feedback was written."""
    replies = FeedbackReplies(incoming.language)
    given = feedback.find(db, bot_id=incoming.bot_id, number=number)
    if given is None or given.user_id < 0:
        say(db, incoming, replies.nobody_to_answer())
        return
    language = _language_of(db, incoming.bot_id, given.user_id)
    payload: dict[str, object] = {
        "text": FeedbackReplies(language).answer(text),
        "reply_to": given.message_id,
    }
    if given.thread_id is not None:
        payload["message_thread_id"] = given.thread_id
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=f"feedback:{number}:answer:{incoming.update_id}",
        chat_id=given.chat_id,
        method="send_message",
        payload=payload,
        now=incoming.now,
    )
    say(db, incoming, replies.answered())


def _language_of(db: Tables, bot_id: int, user_id: int) -> str:
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    if person is None:
        return languages.SOURCE_LANGUAGE
    return languages.choose(person.language, person.language_code)


def _number(message: Message) -> int | None:
    """The number of the feedback that a message replies to, None when it replies to none."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None:
        return None
    # Only the bot's own messages: anybody can write such a line.
    if replied.from_user.id != message.get_bot().id:
        return None
    line = ADMIN_LINE.match(replied.text or "")
    return int(line[1]) if line else None


class _RepliesToFeedback(filters.MessageFilter):
    """Messages of admins that reply to a feedback."""

    def __init__(self, admins: frozenset[int]) -> None:
        super().__init__()
        self._admins = admins

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        user = message.from_user
        return user is not None and user.id in self._admins and _number(message) is not None


class FeedbackDesk:
    """The handlers of this module. answers: which messages are answers of admins."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.answers = filters.TEXT & ~filters.COMMAND & _RepliesToFeedback(desk.rules.admins)

    async def feedback(self, update: Update, _context: Context) -> None:
        """/feedback."""
        await self._desk.handle(update, pass_on, arguments(update))

    async def answered(self, update: Update, _context: Context) -> None:
        """An admin's reply to a feedback."""
        message = update.effective_message
        number = _number(message) if message else None
        if message is not None and number is not None:
            await self._desk.handle(update, answer, number, message.text or "")
