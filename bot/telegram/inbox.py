"""From Telegram into the inbox table, and from there to the handlers, each update until it is done.

PTB's own updater acknowledges updates before their handlers have finished; here an update is
confirmed when it is committed, and leaves the inbox in the transaction that holds its effect.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, CallbackContext

from bot import languages
from bot.replies.people import Replies
from bot.telegram.pacing import retry_seconds
from storage import inbox, outbox, people
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.inbox import InboxUpdate

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member", "inline_query")
POLL_SECONDS = 30
SILENT_SECONDS = 24 * 3600.0
RETRY_SECONDS = 1.0
MOST_FAILURES = 3
log = structlog.get_logger(__name__)
BotApplication = Application[Any, Any, Any, Any, Any, Any]


class Poller:
    """Fetches updates by long poll and confirms what has been committed."""

    def __init__(
        self,
        application: BotApplication,
        database: Database,
        bot_id: int,
        clock: Callable[[], float],
        received: Callable[[], None],
        take_inline: Callable[[dict[str, Any]], bool],
    ) -> None:
        self._bot = application.bot
        self._database = database
        self._bot_id = bot_id
        self._clock = clock
        self._received = received
        self._take_inline = take_inline

    async def run(self) -> None:
        """Poll until cancelled."""
        # Ids restart at random after an idle week: only ids seen in this process are confirmed,
        # and after a silent day none is.
        offset: int | None = None
        heard_at = self._clock()
        while True:
            if self._clock() - heard_at > SILENT_SECONDS:
                offset = None
            try:
                updates = await self._bot.get_updates(
                    offset=offset, timeout=POLL_SECONDS, allowed_updates=ALLOWED_UPDATES
                )
                if not updates:
                    continue
                # What the next typed letter makes worthless is not written down.
                payloads = [update.to_dict() for update in updates]
                kept = [payload for payload in payloads if not self._take_inline(payload)]
                if kept:
                    await self._database.run(
                        inbox.record, bot_id=self._bot_id, updates=kept, now=self._clock()
                    )
            except InvalidToken:
                raise
            except RetryAfter as error:
                await asyncio.sleep(retry_seconds(error))
            except (TelegramError, StorageUnavailable) as error:
                log.warning("no updates for now", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                offset = updates[-1].update_id + 1
                heard_at = self._clock()
                self._received()


class Feeder:
    """Hands each waiting update to the handlers: one person's in order, people in parallel."""

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
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._errors: dict[int, Exception] = {}
        application.add_error_handler(self._note_error)

    def wake(self) -> None:
        """Updates were committed to the inbox."""
        self._received.set()

    async def run(self) -> None:
        """Feed until cancelled; handlers under way are let finish, up to a second."""
        try:
            while True:
                self._received.clear()
                waiting: Sequence[InboxUpdate] = ()
                with contextlib.suppress(StorageUnavailable):
                    waiting = await self._database.read(inbox.waiting, bot_id=self._bot_id)
                for row in waiting:
                    self._start(row)
                await self._received.wait()
        finally:
            if self._lanes:
                _, late = await asyncio.wait(self._lanes.values(), timeout=1.0)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    def _start(self, row: InboxUpdate) -> None:
        lane = _lane(row.payload)
        if lane not in self._lanes:
            task = asyncio.create_task(self._handle(row))
            self._lanes[lane] = task
            task.add_done_callback(lambda _task: self._free(lane))

    def _free(self, lane: int) -> None:
        del self._lanes[lane]
        self._received.set()

    async def _handle(self, row: InboxUpdate) -> None:
        try:
            update = Update.de_json(row.payload, self._application.bot)
            await self._application.process_update(update)
        except Exception as error:  # noqa: BLE001  (a payload that PTB cannot read)
            self._errors[row.update_id] = error
        failure = self._errors.pop(row.update_id, None)
        try:
            if failure is None:
                # An update that no handler wanted.
                await self._database.run(
                    inbox.mark_done,
                    bot_id=self._bot_id,
                    update_id=row.update_id,
                    now=self._clock(),
                )
                return
            if _is_passing(failure):
                log.warning(
                    "an update waits for Telegram", update=row.update_id, error=str(failure)
                )
            elif not isinstance(failure, StorageUnavailable):
                log.error("an update could not be handled", update=row.update_id, exc_info=failure)
                await self._database.run(
                    mark_failed,
                    bot_id=self._bot_id,
                    row=row,
                    error=repr(failure),
                    now=self._clock(),
                )
                self._answered()
        except StorageUnavailable as unavailable:
            log.warning("the database takes no writes", error=str(unavailable))
        # The lane is kept meanwhile, so that the person's order holds.
        await asyncio.sleep(RETRY_SECONDS)

    async def _note_error(
        self, update: object, context: CallbackContext[Any, Any, Any, Any]
    ) -> None:
        if isinstance(update, Update) and isinstance(context.error, Exception):
            self._errors[update.update_id] = context.error


def _is_passing(failure: Exception) -> bool:
    """Whether Telegram could not be asked now: no fault of the update's, which waits for it."""
    unreached = isinstance(failure, NetworkError) and not isinstance(failure, BadRequest)
    return unreached or isinstance(failure, RetryAfter)


def mark_failed(db: Tables, *, bot_id: int, row: InboxUpdate, error: str, now: float) -> None:
    """Count a failure; park the update with an apology at the third."""
    parked = inbox.mark_failed(
        db, bot_id=bot_id, update_id=row.update_id, error=error, now=now, most=MOST_FAILURES
    )
    message = row.payload.get("message")
    if not parked or not isinstance(message, dict):
        return
    sender = message.get("from") or {}
    person = people.get(db, bot_id=bot_id, user_id=sender.get("id") or 0)
    chosen = person.language if person else ""
    language = languages.choose(chosen, str(sender.get("language_code") or ""))
    chat_id = (message.get("chat") or {}).get("id")
    if isinstance(chat_id, int):
        outbox.say(
            db,
            bot_id=bot_id,
            key=f"apology:{row.update_id}",
            chat_id=chat_id,
            method="send_message",
            payload={"text": Replies(language).apology()},
            now=now,
        )


def _lane(payload: dict[str, Any]) -> int:
    """Whose update it is: the person's id, or the chat's where no person acts."""
    for value in payload.values():
        if isinstance(value, dict):
            for key in ("from", "chat"):
                lane = (value.get(key) or {}).get("id")
                if isinstance(lane, int):
                    return lane
    return 0


def parse_webhook(body: bytes) -> dict[str, Any] | None:
    """The update in a webhook's body, or None when it is none."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(payload, dict) and type(payload.get("update_id")) is int:
        return payload
    return None
