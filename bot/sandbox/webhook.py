"""Posts updates to the bot's webhook, one after another, until each has been taken."""

import asyncio
import logging
from typing import Any

import aiohttp

from bot.sandbox import updates
from bot.sandbox.state import State

ANSWER_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 60.0

logger = logging.getLogger(__name__)


class WebhookSender:
    """Runs beside the server. An update that is not answered with 2xx is posted again.

    first_pause_seconds: before the second try; doubled with every further one.
    """

    def __init__(self, state: State, *, first_pause_seconds: float = 1.0) -> None:
        self._state = state
        self._first_pause = first_pause_seconds

    async def run(self) -> None:
        """Send until cancelled."""
        pause = self._first_pause
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        ) as session:
            while not self._state.closing:
                webhook = self._state.setting("webhook")
                waiting = updates.pending(self._state, 1) if webhook else []
                if not waiting:
                    pause = self._first_pause
                    await self._state.changed.wait(3600)
                    continue
                problem = await _post(session, webhook, waiting[0])
                if self._state.setting("webhook") != webhook:
                    continue
                with self._state.transaction():
                    if not problem:
                        updates.confirm(self._state, waiting[0]["update_id"])
                    else:
                        self._remember(problem)
                if not problem:
                    pause = self._first_pause
                    continue
                await self._rest(pause, webhook)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _rest(self, seconds: float, webhook: dict[str, Any]) -> None:
        """Wait that long, or until the webhook is another one."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until and self._state.setting("webhook") == webhook:
            await self._state.changed.wait(until - loop.time())

    def _remember(self, problem: str) -> None:
        logger.warning("an update was not taken by the webhook: %s", problem)
        error = {"last_error_date": int(self._state.clock()), "last_error_message": problem}
        self._state.set_setting("webhook_error", error)


async def _post(
    session: aiohttp.ClientSession, webhook: dict[str, Any], update: dict[str, Any]
) -> str:
    """What went wrong, in Telegram's words; "" when the bot took the update."""
    headers = {}
    if webhook["secret_token"]:
        headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret_token"]
    try:
        async with session.post(
            webhook["url"], json=update, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()
            if 200 <= answer.status < 300:
                return ""
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except TimeoutError:
        return "Read timeout expired"
    except aiohttp.ClientConnectorError:
        return "Connection refused"
    except aiohttp.ClientError as error:
        return f"Connection error: {type(error).__name__}"
