"""A check of finished clips that the operator brings: a function from an mp4 to a reason, or None.

Kinogram has none of its own. Whatever the function needs is installed beside Kinogram.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import structlog

from bot.screening.screen import ScreenListError

FrameScreen = Callable[[Path], str | None]
SETTING = "KINOGRAM_SCREEN_FRAMES"
log = structlog.get_logger(__name__)


class FrameScreenError(ScreenListError):
    """The check cannot be loaded; the text names the setting and says why."""


def load(name: str) -> FrameScreen | None:
    """The function that `module:function` names; None for "".

    Raises: FrameScreenError.
    """
    if not name:
        return None
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise FrameScreenError(f"{SETTING}={name!r} cannot be loaded: {error}") from None
    if not callable(found):
        raise FrameScreenError(f"{SETTING}={name!r} is no function")
    screen: FrameScreen = found
    return screen


async def blocks(screen: FrameScreen | None, mp4: Path) -> bool:
    """Whether a clip is to be held back; so is one that could not be checked."""
    if screen is None:
        return False
    try:
        reason = await asyncio.to_thread(screen, mp4)
    except Exception:
        # Somebody else's code; to let everything through when it breaks would be worse.
        log.exception("the check of frames failed")
        return True
    if reason is not None:
        log.info("held back a clip", reason=str(reason))
    return reason is not None
