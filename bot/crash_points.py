"""Places where a test can kill the process, to show that nothing is lost there.

A point is named `before:NAME` or `after:NAME`, where NAME is a storage transaction (the function's
name) or a Bot API method.
"""

import os
import signal
from collections.abc import Callable

CrashPoint = Callable[[str, str], None]


def crash_at(point: str) -> CrashPoint:
    """A callback that kills this process, as a power cut would, when it reaches `point`."""

    def reached(phase: str, name: str) -> None:
        if point == f"{phase}:{name}":
            os.kill(os.getpid(), signal.SIGKILL)

    return reached
