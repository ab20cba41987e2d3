"""From Telegram into the inbox table; bot/telegram/feeder.py goes on from there.

PTB's own updater acknowledges updates before their handlers have finished; here an update is
confirmed when it is committed.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import structlog
from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application

from bot.telegram.pacing import retry_seconds
from storage import inbox
from storage.database import Database
from storage.errors import StorageUnavailable

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


def parse_webhook(body: bytes) -> dict[str, Any] | None:
    """The update in a webhook's body, or None when it is none."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(payload, dict) and type(payload.get("update_id")) is int:
        return payload
    return None
