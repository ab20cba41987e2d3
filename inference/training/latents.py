"""Every clip of the world as latents, made once: training then never renders a frame.

A clip is thing + (1 - alpha) * background, and the autoencoder is linear, so each pair of thing and
placement needs four encodings: the thing, and the hole it leaves in each colour channel.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from inference.autoencoder import PatchAutoencoder
from inference.training.world import (
    ALL_PLACEMENTS,
    FRAMES,
    PATCH,
    PATCH_FRAMES,
    SIZE,
    Picture,
    Placement,
    layers,
)
from inference.vocabulary import COLOURS

LATENT_FRAMES = 1 + (FRAMES - 1) // PATCH_FRAMES
GRID = SIZE // PATCH
TOKENS = LATENT_FRAMES * GRID * GRID
BACKGROUNDS = torch.tensor([colour.red_green_blue for colour in COLOURS]) / 255  # (N, 3)


def to_video(frames: Picture) -> Tensor:
    """(T, H, W, 3) in 0 to 1 to (1, 3, T, H, W) in -1 to 1."""
    return torch.from_numpy(frames).permute(3, 0, 1, 2)[None] * 2 - 1


def tokens(latents: Tensor) -> Tensor:
    """(B, C, F, H, W) to (B, F * H * W, C), the transformer's order."""
    return latents.flatten(2).transpose(1, 2)


def from_tokens(sequence: Tensor) -> Tensor:
    """What tokens() was given."""
    latents: Tensor = sequence.transpose(1, 2).unflatten(2, (LATENT_FRAMES, GRID, GRID))
    return latents


def parts_of(picture: Picture, placement: Placement) -> Tensor:
    """The thing and three holes as videos, (4, 3, T, H, W), to be mixed by a background."""
    colours, alpha = layers(picture, placement)
    hole = np.zeros((3, *colours.shape), np.float32)
    for channel in range(3):
        hole[channel, ..., channel] = 1 - alpha[..., 0]
    stacked = np.concatenate([colours[None], hole])
    return torch.from_numpy(stacked).permute(0, 4, 1, 2, 3) * 2


class LatentWorld:
    """Latents of any thing, placement and background.

    parts: (things, placements, 4, TOKENS, channels), half precision.
    """

    def __init__(self, parts: Tensor, empty: Tensor) -> None:
        self.parts = parts
        self._empty = empty  # the latents of a video that is -1 everywhere

    @classmethod
    def encode(cls, autoencoder: PatchAutoencoder, pictures: Sequence[Picture]) -> "LatentWorld":
        """Encode the whole world."""
        channels = autoencoder.config["latent_channels"]
        parts = torch.empty(
            len(pictures), len(ALL_PLACEMENTS), 4, TOKENS, channels, dtype=torch.float16
        )
        weights = autoencoder.basis.T / autoencoder.scale
        for number, picture in enumerate(track(pictures, "encoding")):
            for place, placement in enumerate(ALL_PLACEMENTS):
                patches = autoencoder.patches(parts_of(picture, placement)).flatten(1, 3)
                parts[number, place] = (patches @ weights).half()
        minus_one = torch.full_like(autoencoder.mean, -1.0)
        return cls(parts, (minus_one - autoencoder.mean) @ weights)

    def clips(self, things: Tensor, places: Tensor, backgrounds: Tensor) -> Tensor:
        """(B, TOKENS, channels) of B clips. backgrounds: (B, 3), 0 to 1."""
        parts = self.parts[things, places].float()
        weights = torch.cat([torch.ones(len(backgrounds), 1), backgrounds], dim=1)
        return torch.einsum("bk,bktc->btc", weights, parts) + self._empty


def save_world(world: LatentWorld, path: Path) -> None:
    """Keep an encoded world beside the checkpoints."""
    torch.save({"parts": world.parts, "empty": world._empty}, path)


def load_world(path: Path) -> LatentWorld:
    """Read it again."""
    stored = torch.load(path, mmap=True)
    return LatentWorld(stored["parts"], stored["empty"])
