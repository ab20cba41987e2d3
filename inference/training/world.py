"""The world the built-in model learns: pictures of things that move over plain backgrounds.

Everything lies on the grid of the autoencoder's patches: a thing is 2 x 2 patches large and moves
one patch a latent frame. A moving thing is then the same tokens, shifted, which a small transformer
learns in an hour where free positions take it days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.vocabulary import MOTIONS, Thing

SIZE = 128  # pixels a side
PATCH = 32
PATCH_FRAMES = 16
FRAMES = 33
FRAMES_PER_SECOND = 8
THING_PIXELS = 2 * PATCH
# Where a thing may lie across its way: the seed chooses.
LANES = (0, 1, 2)
# Unit steps (x, y) by motion.
STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1), "still": (0, 0)}
Picture = NDArray[np.float32]  # (THING_PIXELS, THING_PIXELS, 4), 0 to 1, alpha last


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A motion and where it starts: the left top corner at the first frame, in patches."""

    motion: str
    column: int
    row: int


@cache
def placements(motion: str) -> tuple[Placement, ...]:
    """Every way that a motion may run; the thing is whole within the frame all the time."""
    starts = {-1: (2,), 1: (0,), 0: LANES}
    x, y = STEPS[motion]
    return tuple(
        Placement(motion=motion, column=column, row=row)
        for column in starts[x]
        for row in starts[y]
    )


ALL_PLACEMENTS = tuple(place for motion in MOTIONS for place in placements(motion.name))


def load_picture(folder: Path, thing: Thing) -> Picture:
    """A thing's picture, cut to its outline and set into the middle of a square.

    folder: the `assets` folder of the npm package @lobehub/fluent-emoji-3d.
    """
    with Image.open(folder / f"{thing.picture}.webp") as image:
        return fit_picture(image)


def fit_picture(image: Image.Image) -> Picture:
    """Any picture with alpha as the world shows it."""
    image = image.convert("RGBa")  # Premultiplied, so that resizing draws no dark edge.
    image = image.crop(image.getchannel("a").point(lambda alpha: 255 * (alpha > 8)).getbbox())
    scale = (THING_PIXELS - 2) / max(image.size)
    size = tuple(max(1, round(side * scale)) for side in image.size)
    image = image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    square = Image.new("RGBa", (THING_PIXELS, THING_PIXELS))
    square.paste(image, ((THING_PIXELS - size[0]) // 2, (THING_PIXELS - size[1]) // 2))
    return np.asarray(square, np.float32) / np.float32(255)


def corner(placement: Placement, frame: int) -> tuple[int, int]:
    """Left top corner (x, y) in pixels at a frame."""
    x, y = STEPS[placement.motion]
    moved = frame * PATCH // PATCH_FRAMES
    return placement.column * PATCH + x * moved, placement.row * PATCH + y * moved


def layers(
    picture: Picture, placement: Placement, shown: Sequence[int] = range(FRAMES)
) -> tuple[Picture, Picture]:
    """The moving thing, (len(shown), SIZE, SIZE, 3) premultiplied, and its alpha, one channel.

    shown: numbers of frames.
    """
    canvas = np.zeros((len(shown), SIZE, SIZE, 4), np.float32)
    for frame, number in enumerate(shown):
        x, y = corner(placement, number)
        left, top = max(0, x), max(0, y)
        right, bottom = min(SIZE, x + THING_PIXELS), min(SIZE, y + THING_PIXELS)
        if left < right and top < bottom:
            canvas[frame, top:bottom, left:right] = picture[
                top - y : bottom - y, left - x : right - x
            ]
    return canvas[..., :3], canvas[..., 3:]


def render(
    picture: Picture,
    placement: Placement,
    background: tuple[int, int, int],
    shown: Sequence[int] = range(FRAMES),
) -> Picture:
    """A clip's frames, (len(shown), SIZE, SIZE, 3), 0 to 1. shown: numbers of frames."""
    colours, alpha = layers(picture, placement, shown)
    return colours + (1 - alpha) * (np.asarray(background, np.float32) / np.float32(255))
