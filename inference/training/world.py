"""The world the built-in model learns: pictures of things, before painted scenes, as layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from inference.autoencoder import BACKDROP_PATCH, PICTURE_SIDE, TILE_SIDE
from inference.layers import Layers
from inference.training.scenes import paint
from inference.training.staging import Staging
from inference.training.stories import Story
from inference.training.weather import tile
from inference.vocabulary import THINGS, Colour, Meaning, Thing

Picture = NDArray[np.float32]  # (PICTURE_SIDE, PICTURE_SIDE, 4), 0 to 1, premultiplied


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A story, how it is played, and in which shape (columns, rows)."""

    story: Story
    staging: Staging
    shape: tuple[int, int]


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
    scale = (PICTURE_SIDE - 2) / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    image = image.resize((width, height), Image.Resampling.LANCZOS)
    square = Image.new("RGBa", (PICTURE_SIDE, PICTURE_SIDE))
    square.paste(image, ((PICTURE_SIDE - width) // 2, (PICTURE_SIDE - height) // 2))
    return np.asarray(square, np.float32) / np.float32(255)


def load_pictures(folder: Path) -> dict[str, Picture]:
    """Every thing's picture by its code points."""
    return {thing.picture: load_picture(folder, thing) for thing in THINGS}


@cache
def backdrop(background: Meaning, variant: int, shape: tuple[int, int]) -> Tensor:
    """(3, H, W), 0 to 1: a scene's painting, or a colour, a little lighter in the middle."""
    width, height = shape[0] * BACKDROP_PATCH, shape[1] * BACKDROP_PATCH
    if not isinstance(background, Colour):
        return torch.from_numpy(paint(background.name, variant, width, height)).permute(2, 0, 1)
    across = torch.linspace(-1, 1, width)[None, :]
    down = torch.linspace(-1, 1, height)[:, None]
    light = 1.04 - 0.08 * (across.square() + down.square()) / 2
    colour = torch.tensor(background.red_green_blue)[:, None, None] / 255
    return (colour * light).clamp(0, 1)


@cache
def weather_tile(name: str) -> Tensor:
    """(4, TILE_SIDE, TILE_SIDE), premultiplied; no weather is empty."""
    if not name:
        return torch.zeros(4, TILE_SIDE, TILE_SIDE)
    return torch.from_numpy(tile(name)).permute(2, 0, 1)


def exact_layers(clips: Sequence[Clip], pictures: dict[str, Picture]) -> Layers:
    """The layers of clips of one shape, as painted and not as the autoencoder has them."""
    empty = torch.zeros(4, PICTURE_SIDE, PICTURE_SIDE)

    def shown(thing: Thing | None) -> Tensor:
        return (
            empty if thing is None else torch.from_numpy(pictures[thing.picture]).permute(2, 0, 1)
        )

    stories = [clip.story for clip in clips]
    stagings = [clip.staging for clip in clips]
    pairs = [torch.stack([shown(story.first), shown(story.second)]) for story in stories]
    tiles = [weather_tile(story.weather.name if story.weather else "") for story in stories]
    return Layers(
        backdrops=torch.stack(
            [backdrop(clip.story.background, clip.staging.variant, clip.shape) for clip in clips]
        ),
        pictures=torch.stack(pairs),
        tiles=torch.stack(tiles),
        places=torch.from_numpy(np.stack([staging.places for staging in stagings])),
        view=torch.from_numpy(np.stack([staging.view for staging in stagings])),
        tracks=torch.from_numpy(np.stack([staging.tracks for staging in stagings])),
    )
