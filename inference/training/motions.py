"""How things and cameras move: curves over a clip, in units of the stage and radians."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAMES = 61
FRAMES_PER_SECOND = 12
GROWTH = math.log(2.2)
ZOOM = math.log(1.6)
Numbers = NDArray[np.floating[Any]]
Curve = NDArray[np.float32]  # (FRAMES - 1, MOVING): moved since the first frame
_TIME = np.arange(1, FRAMES, dtype=np.float32) / (FRAMES - 1)
DIRECTIONS = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "up left": (-1, -1),
    "up right": (1, -1),
    "down left": (-1, 1),
    "down right": (1, 1),
}
SIDEWAYS = ("left", "right")


def _curve(
    x: Numbers | float = 0,
    y: Numbers | float = 0,
    log_size: Numbers | float = 0,
    turn: Numbers | float = 0,
) -> Curve:
    return np.stack(
        [
            np.broadcast_to(np.asarray(value, np.float32), _TIME.shape)
            for value in (x, y, log_size, turn)
        ],
        axis=1,
    )


def _waves(count: float) -> Numbers:
    wave: Numbers = np.sin(2 * np.pi * count * _TIME)
    return wave


def _jump() -> Curve:
    """Two leaps, with a rest before each."""
    phase = (_TIME * 2) % 1
    leap = np.clip((phase - 0.3) / 0.6, 0, 1)
    return _curve(y=-0.3 * 4 * leap * (1 - leap))


def _swing(side: float) -> Curve:
    """A pendulum from a point above the thing."""
    angle = 0.55 * side * _waves(2.5)
    return _curve(x=-0.35 * np.sin(angle), y=-0.35 * (1 - np.cos(angle)), turn=angle)


def _circle(side: float) -> Curve:
    angle = 2 * np.pi * 1.5 * _TIME
    return _curve(x=0.2 * side * np.sin(angle), y=0.2 * (1 - np.cos(angle)))


def _dance(side: float) -> Curve:
    sway = side * _waves(3)
    return _curve(x=0.07 * sway, y=-0.08 * np.abs(_waves(3)), turn=0.22 * sway)


_CURVES: dict[str, Callable[[float], Curve]] = {
    "still": lambda _: _curve(),
    "bounce": lambda _: _curve(y=-0.2 * np.abs(_waves(2.5))),
    "spin": lambda side: _curve(turn=2 * np.pi * side * _TIME),
    "grow": lambda _: _curve(log_size=GROWTH * _TIME),
    "shrink": lambda _: _curve(log_size=-GROWTH * _TIME),
    "shake": lambda side: _curve(x=0.03 * side * _waves(15), turn=0.05 * side * _waves(15)),
    "circle": _circle,
    "jump": lambda _: _jump(),
    "swing": _swing,
    "dance": _dance,
    "float": lambda side: _curve(x=0.02 * side * _waves(1), y=-0.06 * _waves(1.5)),
}


def curve(motion: str, side: float, reach: tuple[float, float]) -> Curve:
    """The movement of that name.

    side: -1 or 1, for those that begin to either side. reach: how far it goes along x and y.
    """
    if motion in DIRECTIONS:
        x, y = DIRECTIONS[motion]
        return _curve(x=x * reach[0] * _TIME, y=y * reach[1] * _TIME)
    if motion == "roll":
        return _curve(x=side * reach[0] * _TIME, turn=2 * np.pi * side * _TIME)
    return _CURVES[motion](side)


def camera_curve(camera: str) -> tuple[Curve, tuple[float, float, float]]:
    """A camera's movement, and its x, y and log zoom at the first frame."""
    pan = 0.32
    if camera == "zoom in":
        return _curve(log_size=ZOOM * _TIME), (0, 0, 0)
    if camera == "zoom out":
        return _curve(log_size=-ZOOM * _TIME), (0, 0, ZOOM)
    side = 1 if camera == "pan right" else -1
    return _curve(x=side * pan * _TIME), (-side * pan / 2, 0, math.log(1.4))
