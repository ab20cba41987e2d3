"""From the inbox table to the handlers, each update until it is done.

An update leaves the inbox in the transaction that holds its effect.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import CallbackContext

from bot import languages
from bot.replies.people import Replies
from bot.telegram.inbox import BotApplication
from bot.telegram.order import Order
from storage import chats, inbox, outbox, people
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.inbox import InboxUpdate

RETRY_SECONDS = 1.0
MOST_FAILURES = 3
MOST_UNFINISHED = 1000  # updates held in memory; the others wait in the table
log = structlog.get_logger(__name__)


class Feeder:
    """Hands each update to the handlers once, in the order of bot/telegram/order.py."""

    def __init__(
        self,
        application: BotApplication,
        database: Database,
        bot_id: int,
        clock: Callable[[], float],
        answered: Callable[[], None],
    ) -> None:
        self._application = application
        self._database = database
        self._bot_id = bot_id
        self._clock = clock
        self._answered = answered
        self._received = asyncio.Event()
        self._order = Order()
        self._unfinished: set[asyncio.Task[None]] = set()
        self._last_arrival = 0
        self._done: set[int] = set()
        self._errors: dict[int, Exception] = {}
        application.add_error_handler(self._note_error)

    def wake(self) -> None:
        """Updates were committed to the inbox."""
        self._received.set()

    def note_done(self, update_id: int) -> None:
        """A handler's transaction has marked that update done."""
        self._done.add(update_id)

    async def run(self) -> None:
        """Feed until cancelled; handlers under way are let finish, up to a second."""
        try:
            while True:
                self._received.clear()
                for row in await self._newer():
                    self._start(row)
                await self._received.wait()
        finally:
            if self._unfinished:
                _, late = await asyncio.wait(self._unfinished, timeout=1.0)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def _newer(self) -> Sequence[InboxUpdate]:
        room = MOST_UNFINISHED - len(self._unfinished)
        if room <= 0:
            return ()
        try:
            return await self._database.read(
                inbox.waiting, bot_id=self._bot_id, after=self._last_arrival, limit=room
            )
        except StorageUnavailable as error:
            log.warning("the database cannot be read", error=str(error))
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self.wake)
            return ()

    def _start(self, row: InboxUpdate) -> None:
        self._last_arrival = row.arrival
        task = asyncio.create_task(self._handle(row, self._order.before(row.payload)))
        self._order.add(row.payload, task)
        self._unfinished.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        if len(self._unfinished) >= MOST_UNFINISHED:
            self.wake()  # What waits in the table has room now.
        self._unfinished.discard(task)

    async def _handle(self, row: InboxUpdate, earlier: set[asyncio.Task[None]]) -> None:
        if earlier:
            await asyncio.wait(earlier)
        while True:
            if await self._is_finished(row):
                return
            # Those who come after this one wait meanwhile, so that the order holds.
            await asyncio.sleep(RETRY_SECONDS)

    async def _is_finished(self, row: InboxUpdate) -> bool:
        """Handle the update: True once it is done or parked, False when it is to be tried again."""
        try:
            update = Update.de_json(row.payload, self._application.bot)
            await self._application.process_update(update)
        except Exception as error:  # noqa: BLE001  (a payload that PTB cannot read)
            self._errors[row.update_id] = error
        failure = self._errors.pop(row.update_id, None)
        was_done = row.update_id in self._done
        self._done.discard(row.update_id)
        try:
            if failure is None:
                if not was_done:  # No handler wanted it.
                    await self._database.run(
                        inbox.mark_done,
                        bot_id=self._bot_id,
                        update_id=row.update_id,
                        now=self._clock(),
                    )
                return True
            if was_done:
                log.warning("after an update was done", update=row.update_id, exc_info=failure)
                return True
            if _is_passing(failure):
                log.warning(
                    "an update waits for Telegram", update=row.update_id, error=str(failure)
                )
                return False
            if isinstance(failure, StorageUnavailable):
                return False
            log.error("an update could not be handled", update=row.update_id, exc_info=failure)
            parked = await self._database.run(
                mark_failed, bot_id=self._bot_id, row=row, error=repr(failure), now=self._clock()
            )
            self._answered()
        except StorageUnavailable as unavailable:
            log.warning("the database takes no writes", error=str(unavailable))
            return False
        return parked

    async def _note_error(
        self, update: object, context: CallbackContext[Any, Any, Any, Any]
    ) -> None:
        if isinstance(update, Update) and isinstance(context.error, Exception):
            self._errors[update.update_id] = context.error


def _is_passing(failure: Exception) -> bool:
    """Whether Telegram could not be asked now: no fault of the update's, which waits for it."""
    unreached = isinstance(failure, NetworkError) and not isinstance(failure, BadRequest)
    return unreached or isinstance(failure, RetryAfter)


def mark_failed(db: Tables, *, bot_id: int, row: InboxUpdate, error: str, now: float) -> bool:
    """Count a failure; whether it was the third, and the update is parked with an apology."""
    parked = inbox.mark_failed(
        db, bot_id=bot_id, update_id=row.update_id, error=error, now=now, most=MOST_FAILURES
    )
    if parked:
        _apologize(db, bot_id, row, now)
    return parked


def _apologize(db: Tables, bot_id: int, row: InboxUpdate, now: float) -> None:
    query = _part(row.payload, "callback_query")
    asked = query or _part(row.payload, "message")
    message = _part(query, "message") if query else asked
    chat_id, sender = _part(message, "chat").get("id"), _part(asked, "from")
    if not isinstance(chat_id, int):
        return
    user_id = sender.get("id")
    person = people.get(db, bot_id=bot_id, user_id=user_id) if isinstance(user_id, int) else None
    chosen = person.language if person else ""
    language = languages.choose(chosen, str(sender.get("language_code") or ""))
    payload: dict[str, Any] = {"text": Replies(language).apology()}
    if chat_id < 0 and isinstance(message.get("message_id"), int):
        payload["reply_to"] = message["message_id"]
    if message.get("is_topic_message") and isinstance(message.get("message_thread_id"), int):
        payload["message_thread_id"] = message["message_thread_id"]
    outbox.say(
        db,
        bot_id=bot_id,
        key=f"apology:{row.update_id}",
        chat_id=chats.current_id(db, bot_id=bot_id, chat_id=chat_id),
        method="send_message",
        payload=payload,
        now=now,
    )


def _part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """That part of an update of which nothing is certain; {} where it is none."""
    found = whole.get(name)
    return found if isinstance(found, dict) else {}
