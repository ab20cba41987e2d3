"""Telegram's flood limits, all numbers in one place.

Telegram names them in its Bots FAQ ("My bot is hitting limits"): about one message a second in a
chat, 20 a minute in a group, 30 a second over all chats. Sends and edits both count.
"""

import math
import time
from collections import deque
from collections.abc import Callable

from bot.sandbox.people import is_private

PRIVATE_PER_SECOND = 1.0
PRIVATE_BURST = 5
GROUP_PER_MINUTE = 20
OVERALL_PER_SECOND = 30

UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024


class FloodLimits:
    """Counts messages by chat; says how long to wait once there are too many.

    scale: 1.0 as Telegram; less is tighter (0.5 allows half).
    clock: seconds that only grow.
    """

    def __init__(self, *, scale: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        if not 0 < scale <= 1:
            raise ValueError(f"flood scale must be above 0 and at most 1, not {scale}")
        self._clock = clock
        self._scale = scale
        self._overall = _Window(OVERALL_PER_SECOND * scale, 1.0)
        self._groups: dict[int, _Window] = {}
        self._private: dict[int, _Bucket] = {}

    def take(self, chat_id: int) -> int:
        """0 when a message may go out now, and counts it; otherwise whole seconds to wait."""
        now = self._clock()
        meters = (self._of_chat(chat_id), self._overall)
        wait = max(meter.wait(now) for meter in meters)
        if wait > 0:
            return max(1, math.ceil(wait))
        for meter in meters:
            meter.count()
        return 0

    def _of_chat(self, chat_id: int) -> "_Window | _Bucket":
        if is_private(chat_id):
            if chat_id not in self._private:
                self._private[chat_id] = _Bucket(
                    PRIVATE_BURST * self._scale, PRIVATE_PER_SECOND * self._scale
                )
            return self._private[chat_id]
        if chat_id not in self._groups:
            self._groups[chat_id] = _Window(GROUP_PER_MINUTE * self._scale, 60.0)
        return self._groups[chat_id]


class _Window:
    """At most so many in any stretch of so many seconds."""

    def __init__(self, most: float, seconds: float) -> None:
        self._most = max(1, round(most))
        self._seconds = seconds
        self._times: deque[float] = deque()
        self._now = 0.0

    def wait(self, now: float) -> float:
        self._now = now
        while self._times and now - self._times[0] >= self._seconds:
            self._times.popleft()
        if len(self._times) < self._most:
            return 0.0
        return self._times[0] + self._seconds - now

    def count(self) -> None:
        self._times.append(self._now)


class _Bucket:
    """A burst of so many, refilled at so many a second."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = max(1.0, burst)
        self._per_second = per_second
        self._left = self._burst
        self._at: float | None = None

    def wait(self, now: float) -> float:
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (1.0 - self._left) / self._per_second - 1e-9)

    def count(self) -> None:
        self._left -= 1.0
