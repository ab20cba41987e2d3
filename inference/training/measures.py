"""What a clip shows, measured: its background, the way its thing moves, and which thing it is.

No trained network takes part: the world is plain enough to measure, and a measure that knows
nothing of the model cannot share its mistakes. Noise scores at chance (a test shows it).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.training.world import FRAMES, PATCH, SIZE, STEPS, THING_PIXELS, Picture
from inference.vocabulary import COLOURS, THINGS, Thing

Frames = NDArray[np.float32]  # (FRAMES, SIZE, SIZE, 3), 0 to 1
MIDDLE = FRAMES // 2
STILL_PIXELS = PATCH / 2  # a thing that moves at all moves twice PATCH
DRAWN_CONTRAST = 0.15  # of the strongest channel; below it a pixel is background
FEWEST_DRAWN_PIXELS = 40
STARTS = range(0, SIZE - THING_PIXELS + 1, PATCH // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was measured in one clip: names of the vocabulary."""

    thing: str
    motion: str
    colour: str


def background_of(frames: Frames) -> NDArray[np.float32]:
    """(3,) the median colour; a thing covers at most a quarter of the picture."""
    median: NDArray[np.float32] = np.median(frames, axis=(0, 1, 2)).astype(np.float32)
    return median


def colour_of(background: NDArray[np.float32]) -> str:
    """The vocabulary's colour nearest to a colour (3,)."""
    known = np.array([colour.red_green_blue for colour in COLOURS], np.float32) / 255
    return COLOURS[int(np.square(known - background).sum(axis=1).argmin())].name


def centres(frames: Frames, background: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, 2) the drawn pixels' mean (x, y), in pixels; NaN where next to nothing is drawn."""
    drawn = np.abs(frames - background).max(axis=-1) > DRAWN_CONTRAST  # (T, H, W)
    counts = drawn.sum(axis=(1, 2)).astype(np.float32)
    counts[counts < FEWEST_DRAWN_PIXELS] = np.nan
    x = drawn.sum(axis=1) @ np.arange(frames.shape[2], dtype=np.float32) / counts
    y = drawn.sum(axis=2) @ np.arange(frames.shape[1], dtype=np.float32) / counts
    return np.stack([x, y], axis=1).astype(np.float32)


def motion_of(path: NDArray[np.float32]) -> str:
    """The motion of a path (T, 2): the sign of its longer side, or "still"; "" for no path."""
    path = path[~np.isnan(path).any(axis=1)]
    if len(path) < FRAMES // 2:
        return ""
    ends = len(path) // 8
    x, y = path[-1 - ends :].mean(axis=0) - path[: 1 + ends].mean(axis=0)
    if max(abs(x), abs(y)) < STILL_PIXELS:
        return "still"
    step = (int(np.sign(x)), 0) if abs(x) > abs(y) else (0, int(np.sign(y)))
    return next(name for name, known in STEPS.items() if known == step)


def thing_of(
    frame: Picture,
    background: NDArray[np.float32],
    pictures: Sequence[Picture],
    things: Sequence[Thing] = THINGS,
) -> str:
    """The thing whose picture, somewhere on this background, is nearest to a frame.

    frame: (SIZE, SIZE, 3). pictures: one for each of the things, (THING_PIXELS, THING_PIXELS, 4).
    """
    difference = np.square(frame - background)
    best, name = np.inf, ""
    for thing, picture in zip(things, pictures, strict=True):
        drawn = picture[..., :3] + (1 - picture[..., 3:]) * background
        for top in STARTS:
            for left in STARTS:
                rows, columns = slice(top, top + THING_PIXELS), slice(left, left + THING_PIXELS)
                error = (
                    np.square(frame[rows, columns] - drawn).sum() - difference[rows, columns].sum()
                )  # Outside this window the error is that of the bare background.
                if error < best:
                    best, name = error, thing.name
    return name


def look(frames: Frames, pictures: Sequence[Picture]) -> Seen:
    """Everything that can be measured in a clip."""
    background = background_of(frames)
    return Seen(
        thing=thing_of(frames[MIDDLE], background, pictures),
        motion=motion_of(centres(frames, background)),
        colour=colour_of(background),
    )
