"""Single frames of the world with all that is known of them, to train networks that look."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from inference.compositor import compose
from inference.layers import BLUR, COLOURFULNESS, EXPOSURE, MOVING, VIEW, Layers
from inference.training.motions import FRAMES, FRAMES_PER_SECOND
from inference.training.staging import stage
from inference.training.stories import SHAPES, draw_story
from inference.training.world import Clip, Picture, exact_layers

SQUARE_SHARE = 0.6
PLAIN: dict[str, Any] = dict.fromkeys(
    ("weather", "camera", "style", "first_colour", "second_colour")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composites:
    """Clips of one shape, frozen at one frame each: layers (B, ...) and frames (B, 3, H, W)."""

    clips: list[Clip]
    layers: Layers
    frames: Tensor


def frozen(layers: Layers, frames: Sequence[int]) -> Layers:
    """Clips of one frame each: of every clip the frame of that number."""
    moving = layers.moving()[range(len(frames)), list(frames)]
    places, view = layers.places.clone(), layers.view.clone()
    places[..., :MOVING] = moving[:, :VIEW]
    view[:, :MOVING] = moving[:, VIEW]
    return replace(layers, places=places, view=view, tracks=layers.tracks[:, :0])


def draw_composites(
    chooser: random.Random, pictures: dict[str, Picture], size: int, plain_share: float = 0.0
) -> Composites:
    """Random frames of random stories; held-out combinations are not among them.

    plain_share: how many have no weather, camera, style or colours of things.
    """
    square = chooser.random() < SQUARE_SHARE
    shape = SHAPES[0] if square else chooser.choice(SHAPES[1:])
    stories = [draw_story(chooser) for _ in range(size)]
    stories = [replace(one, **PLAIN) if chooser.random() < plain_share else one for one in stories]
    clips = [
        Clip(story=story, staging=stage(story, shape, chooser), shape=shape) for story in stories
    ]
    layers = frozen(exact_layers(clips, pictures), [chooser.randrange(FRAMES) for _ in range(size)])
    return Composites(
        clips=clips, layers=layers, frames=compose(layers, FRAMES_PER_SECOND)[:, :, 0]
    )


def coverage(layers: Layers) -> Tensor:
    """How much of each pixel is a thing, (B, 1, H, W)."""
    alpha = layers.pictures[:, :, 3:].expand(-1, -1, 4, -1, -1)
    view = layers.view.clone()
    view[:, [EXPOSURE, BLUR]] = 0
    view[:, COLOURFULNESS] = 1
    masks = replace(
        layers,
        backdrops=torch.zeros_like(layers.backdrops),
        pictures=alpha,
        tiles=torch.zeros_like(layers.tiles),
        view=view,
        places=_untinted(layers.places),
    )
    return compose(masks, FRAMES_PER_SECOND)[:, :1, 0]


def _untinted(places: Tensor) -> Tensor:
    places = places.clone()
    places[..., MOVING + 2 :] = 0
    return places
