"""The places of the synthetic world: illustrated backdrops that things move in front of.

Each module holds one painter a scene. The middle of a scene is calm, since a thing covers it, and
the ground begins at about two thirds of the height.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from inference.training.scenes import indoors, nature, skies, town, woods
from inference.training.scenes.shapes import Canvas

PAINTERS = {
    **skies.PAINTERS,
    **nature.PAINTERS,
    **woods.PAINTERS,
    **town.PAINTERS,
    **indoors.PAINTERS,
}


def paint(scene: str, variant: int, width: int, height: int) -> NDArray[np.float32]:
    """A picture of the scene, (height, width, 3) float32, 0 to 1; equal arguments, equal pictures.

    variant: 0, 1 or 2: the same place laid out and shaded otherwise.
    Raises: KeyError, when there is no such scene.
    """
    canvas = Canvas(width, height, variant, seed=zlib.crc32(scene.encode()))
    PAINTERS[scene](canvas)
    return canvas.pixels()
