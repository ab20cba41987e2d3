"""Pictures drawn here, since the real picture set is no part of the repository."""

from collections.abc import Sequence

import numpy as np

from inference.autoencoder import PICTURE_SIDE
from inference.training.world import Picture
from inference.vocabulary import THINGS, Thing


def drawn_picture(number: int) -> Picture:
    """A disc with stripes of its own width and hue, premultiplied, (side, side, 4)."""
    rows, columns = np.mgrid[:PICTURE_SIDE, :PICTURE_SIDE] - PICTURE_SIDE / 2
    alpha = (np.hypot(rows, columns) < PICTURE_SIDE / 2 - 2).astype(np.float32)
    angle = 2 * np.pi * number / len(THINGS)
    stripes = 0.5 + 0.5 * np.sign(np.sin((rows * np.cos(angle) + columns * np.sin(angle)) / 9))
    hues = 0.5 + 0.5 * np.cos(angle + np.array([0, 2, 4]))
    colours = alpha[..., None] * stripes[..., None] * hues
    return np.concatenate([colours, alpha[..., None]], axis=2).astype(np.float32)


def drawn_pictures(things: Sequence[Thing] = THINGS) -> dict[str, Picture]:
    """One picture for each of these things, no two alike."""
    return {thing.picture: drawn_picture(number) for number, thing in enumerate(things)}
