"""Pictures drawn here, since the real picture set is no part of the repository."""

import numpy as np

from inference.training.world import THING_PIXELS, Picture
from inference.vocabulary import THINGS


def drawn_picture(number: int) -> Picture:
    """A disc with stripes of its own width and hue, premultiplied, (side, side, 4)."""
    rows, columns = np.mgrid[:THING_PIXELS, :THING_PIXELS] - THING_PIXELS / 2
    alpha = (np.hypot(rows, columns) < THING_PIXELS / 2 - 2).astype(np.float32)
    angle = 2 * np.pi * number / len(THINGS)
    stripes = 0.5 + 0.5 * np.sign(np.sin((rows * np.cos(angle) + columns * np.sin(angle)) / 3))
    hues = 0.5 + 0.5 * np.cos(angle + np.array([0, 2, 4]))
    colours = alpha[..., None] * stripes[..., None] * hues
    return np.concatenate([colours, alpha[..., None]], axis=2).astype(np.float32)


def drawn_pictures() -> list[Picture]:
    """One picture for each thing of the vocabulary, no two alike."""
    return [drawn_picture(number) for number in range(len(THINGS))]
