"""From Telegram into the inbox table; bot/telegram/feeder.py goes on from there.

PTB's own updater acknowledges updates before their handlers have finished; here an update is
confirmed when it is committed.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import structlog
from telegram.error import EndPointNotFound, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application

from bot.telegram.pacing import retry_seconds
from storage import inbox
from storage.database import Database
from storage.errors import StorageUnavailable

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member", "inline_query")
# PTB's own get_updates reads what it fetched, and of a batch with one update that it cannot read it
# hands out none; so it is called by its name on the wire, which PTB makes of this.
GET_UPDATES = "get_Updates"
POLL_SECONDS = 30
ANSWER_SECONDS = 5  # for the answer to arrive, after that
SILENT_SECONDS = 24 * 3600.0
RETRY_SECONDS = 1.0
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
                updates = await self._fetch(offset)
                if not updates:
                    continue
                # What the next typed letter makes worthless is not written down.
                kept = [update for update in updates if not self._take_inline(update)]
                if kept:
                    await self._database.run(
                        inbox.record, bot_id=self._bot_id, updates=kept, now=self._clock()
                    )
            except (InvalidToken, EndPointNotFound):
                raise
            except RetryAfter as error:
                await asyncio.sleep(retry_seconds(error))
            except (TelegramError, StorageUnavailable) as error:
                log.warning("no updates for now", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                offset = updates[-1]["update_id"] + 1
                heard_at = self._clock()
                self._received()

    async def _fetch(self, offset: int | None) -> list[dict[str, Any]]:
        """The next updates as Telegram sent them. Raises: TelegramError."""
        wanted: dict[str, Any] = {"timeout": POLL_SECONDS, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            wanted["offset"] = offset
        fetched = await self._bot.do_api_request(
            GET_UPDATES, api_kwargs=wanted, read_timeout=POLL_SECONDS + ANSWER_SECONDS
        )
        return list(fetched)


def parse_webhook(body: bytes) -> dict[str, Any] | None:
    """The update in a webhook's body, or None when it is none."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(payload, dict) and type(payload.get("update_id")) is int:
        return payload
    return None
