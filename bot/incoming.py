"""Who wrote what where, and how an update is answered: by outbox rows in its own transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import structlog
from sqlite_utils import Database as Tables

from bot.chart import Day
from storage import outbox
from storage.people import Person

SILENT_SECONDS = 60.0
MOST_UNSAID = 10  # answers in one chat
log = structlog.get_logger(__name__)
Buttons = Sequence[Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Who wrote what update where. Ids are Telegram's; now is in Unix seconds.

    person: who wrote it, as they are known now; None where nobody can be told.
    leads_chat: whether they are an administrator of the group; asked for where only those may ask.
    """

    bot_id: int
    update_id: int
    user_id: int
    chat_id: int
    chat_type: str
    thread_id: int | None
    message_id: int
    language: str
    now: float
    person: Person | None
    leads_chat: bool = False

    @property
    def is_anonymous(self) -> bool:
        """Whether an administrator writes as the group, so that nobody knows who it is."""
        return self.user_id == self.chat_id and not self.is_private

    @property
    def is_private(self) -> bool:
        """Whether the chat is the person's own with the bot."""
        return self.chat_type == "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request becomes no job, in words for the person.

    flood: which limit keeps the person from having any clip now; "" when this request is at fault.
    """

    sentence: str
    flood: str = ""


def say(
    db: Tables,
    incoming: Incoming,
    text: str,
    *,
    key: str = "",
    buttons: Buttons = (),
    days: Sequence[Day] = (),
) -> None:
    """Answer an update with one text, in its topic and, in a group, as a reply.

    Nothing is said where many answers wait for Telegram's limits already: whoever floods a chat
    must not keep its clips and everybody else's answers waiting.

    key: of the outbox row; without it one update has one answer.
    buttons: rows of (words, callback data).
    days: of a picture that bears the text; it is sent at most once.
    """
    here = {"bot_id": incoming.bot_id, "chat_id": incoming.chat_id}
    if outbox.count_pending_in(db, **here) >= MOST_UNSAID:
        log.info("said nothing: too much is to be said already", chat=incoming.chat_id)
        return
    payload: dict[str, object] = {"text": text}
    if days:
        payload = {"caption": text, "days": [asdict(day) for day in days]}
    if buttons:
        payload["buttons"] = buttons
    if not incoming.is_private:
        payload["reply_to"] = incoming.message_id
    if incoming.thread_id is not None:
        payload["message_thread_id"] = incoming.thread_id
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=key or f"update:{incoming.update_id}",
        chat_id=incoming.chat_id,
        method="send_photo" if days else "send_message",
        payload=payload,
        once=bool(days),
        now=incoming.now,
    )


def refuse(db: Tables, incoming: Incoming, refusal: Refusal) -> None:
    """Tell a person why; a flood is answered once, and then not for a while."""
    if not refusal.flood:
        say(db, incoming, refusal.sentence)
        return
    about = f"refusal:{refusal.flood}:{incoming.chat_id}:{incoming.user_id}"
    now, since = incoming.now, incoming.now - SILENT_SECONDS
    if not outbox.was_said(db, bot_id=incoming.bot_id, about=about, since=since, now=now):
        say(db, incoming, refusal.sentence, key=outbox.dated_key(about, now))
