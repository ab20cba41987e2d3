"""Telegram's limits on calls: kept before they are met, and when met, only that chat waits.

About one message a second in a private chat, 20 a minute in a group and 30 a second overall
(https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
"""

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.crash_points import CrashPoint

MOST_CHATS_REMEMBERED = 10_000


class Pacing(BaseRateLimiter[None]):
    """A rate limiter that parks a chat which Telegram has told to wait, and no other."""

    def __init__(self, clock: Callable[[], float], at_call: CrashPoint | None = None) -> None:
        self._clock = clock
        self._at_call = at_call or (lambda _phase, _name: None)
        self._overall = AsyncLimiter(30, 1)
        self._chats: OrderedDict[int, AsyncLimiter] = OrderedDict()
        self._parked: dict[int, float] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    def parked_until(self, chat_id: int) -> float:
        """Unix seconds before which the chat takes no call; 0 when it is free."""
        until = self._parked.get(chat_id, 0.0)
        if until and until <= self._clock():
            del self._parked[chat_id]
            return 0.0
        return until

    def parked(self) -> set[int]:
        """The chats that take no call now."""
        return {chat_id for chat_id in list(self._parked) if self.parked_until(chat_id)}

    def park(self, chat_id: int, seconds: float) -> None:
        """Let the chat rest that long."""
        self._parked[chat_id] = max(self._parked.get(chat_id, 0.0), self._clock() + seconds)

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,  # noqa: ARG002  (PTB's signature)
    ) -> Any:
        """Make one call in its turn. A 429 parks its chat and is raised: no retry here."""
        chat_id = data.get("chat_id")
        self._at_call("before", endpoint)
        # Whoever taps a button a hundred times makes the bot ask a hundred times who leads the
        # group: that must not take the turns of its messages.
        if isinstance(chat_id, int) and not endpoint.startswith("get"):
            await self._limiter(chat_id).acquire()
            await self._overall.acquire()
        try:
            result = await callback(*args, **kwargs)
        except RetryAfter as error:
            if isinstance(chat_id, int):
                self.park(chat_id, retry_seconds(error))
            raise
        self._at_call("after", endpoint)
        return result

    def _limiter(self, chat_id: int) -> AsyncLimiter:
        limiter = self._chats.pop(chat_id, None)
        if limiter is None:
            # Groups have negative ids.
            limiter = AsyncLimiter(20, 60) if chat_id < 0 else AsyncLimiter(5, 5)
        self._chats[chat_id] = limiter
        while len(self._chats) > MOST_CHATS_REMEMBERED:
            self._chats.popitem(last=False)
        return limiter


def retry_seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait, in seconds."""
    # A timedelta by the switch in bot/telegram/__init__.py; PTB's types still allow both.
    wait: int | timedelta = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
