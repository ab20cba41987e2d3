"""From a picture back to layers: what stands out in it, and what lies behind.

A small U-Net (Ronneberger, Fischer and Brox 2015) that has seen the built-in model's world tells
for each pixel how much of it is a thing. The things are cut out as one picture; the hole is filled
from its surroundings, and all the rest of the frame stays as it is.
"""

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.layers import (
    COLOURFULNESS,
    LOG_SIZE,
    MIRRORED,
    MOVING,
    NUMBERS,
    PICTURES,
    PLACES,
    SHOWN,
    UNIT,
    Layers,
    X,
    Y,
)

LEAST_POWER = 1e-4
PIXELS = 4  # a side; what becomes one place of the widest level
MARGIN = 1.05  # of the cut-out, about its outline
LEAST_SHARE = 0.004  # of the frame; a smaller thing is none
INSIDE = 0.5  # Coverage from here on is a thing, below FAINTEST it is doubt.
FAINTEST = 0.15
SPREAD = 5  # pixels by which the backdrop is redrawn around things


class Residual(nn.Module):
    """Two 3 x 3 convolutions of the input, each place normalised by itself, added to it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels, 1, 1))
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, channels, H, W) to the same shape."""
        power = features.float().square().mean(dim=1, keepdim=True)
        even = features * torch.rsqrt(power + LEAST_POWER).to(features.dtype) * self.gain
        change: Tensor = self.second(functional.gelu(self.first(even)))
        return features + change


class Analyst(nn.Module):
    """Frames (B, 3, H, W), 0 to 1, to logits of things' coverage (B, 1, H, W).

    channels: the width of each level; each is half the size of the one before. H and W must be
    multiples of PIXELS * 2 ** (len(channels) - 1).
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        pairs = list(itertools.pairwise(channels))
        self.enter = nn.Conv2d(3 * PIXELS**2, channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(Residual(width) for width in channels)
        self.down = nn.ModuleList(nn.Conv2d(wide, deep, 2, stride=2) for wide, deep in pairs)
        self.middle = Residual(channels[-1])
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(deep, wide, 2, stride=2) for wide, deep in reversed(pairs)
        )
        self.up_blocks = nn.ModuleList(Residual(wide) for wide, _ in reversed(pairs))
        self.leave = nn.Conv2d(channels[0], PIXELS**2, 3, padding=1)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    def forward(self, frames: Tensor) -> Tensor:
        """See the class."""
        features = self.enter(functional.pixel_unshuffle(frames * 2 - 1, PIXELS))
        skipped = []
        for number, block in enumerate(self.down_blocks):
            if number:
                features = self.down[number - 1](features)
            features = block(features)
            skipped.append(features)
        features = self.middle(skipped.pop())
        for up, block in zip(self.up, self.up_blocks, strict=True):
            features = block(up(features) + skipped.pop())
        drawn: Tensor = functional.pixel_shuffle(self.leave(functional.gelu(features)), PIXELS)
        return drawn


def fill(frame: Tensor, hole: Tensor) -> Tensor:
    """A frame (3, H, W) whose hole (1, H, W), 0 to 1, is filled from around it.

    Pull and push over a pyramid (Gortler et al. 1996, "The Lumigraph"): where a level knows
    nothing, the next coarser one does.
    """
    known = 1 - hole
    levels = [torch.cat([frame * known, known])[None]]
    while min(levels[-1].shape[-2:]) > 1:
        levels.append(functional.avg_pool2d(levels[-1], 2, ceil_mode=True))
    filled = levels[-1][:, :3] / levels[-1][:, 3:].clamp(min=LEAST_POWER)
    for level in reversed(levels[:-1]):
        coarse = functional.interpolate(filled, level.shape[-2:], mode="bilinear")
        colour, weight = level[:, :3], level[:, 3:]
        filled = colour + (1 - weight) * coarse
    return filled[0]


@torch.no_grad()
def take_apart(analyst: Analyst, frames: Tensor, side: int, tile_side: int) -> Layers:
    """The layers of single frames (B, 3, H, W), 0 to 1; a clip of one frame each.

    side, tile_side: of the pictures and the tiles, in pixels.
    """
    coverage = analyst(frames).sigmoid()
    coverage = ((coverage - FAINTEST) / (INSIDE - FAINTEST)).clamp(0, 1)
    batch, _, height, width = frames.shape
    places = frames.new_zeros(batch, PLACES, NUMBERS)
    places[..., SHOWN] = places[..., MIRRORED] = -1
    view = frames.new_zeros(batch, NUMBERS)
    view[:, COLOURFULNESS] = 1
    pictures = frames.new_zeros(batch, PICTURES, 4, side, side)
    backdrops = frames.clone()
    for number in range(batch):
        inside = coverage[number, 0] > INSIDE
        if inside.float().mean() < LEAST_SHARE:
            continue
        around = functional.max_pool2d(coverage[number], 2 * SPREAD + 1, 1, SPREAD)
        backdrops[number] = fill(frames[number], around)
        centre_x, centre_y, size = _outline(inside)
        places[number, 0, SHOWN] = 1
        places[number, 0, X] = (centre_x - width / 2) / UNIT
        places[number, 0, Y] = (centre_y - height / 2) / UNIT
        places[number, 0, LOG_SIZE] = math.log(size / UNIT)
        alpha = coverage[number]
        colour = (frames[number] - (1 - alpha) * backdrops[number]).clamp(min=0)
        layer = torch.cat([torch.minimum(colour, alpha), alpha])
        pictures[number, 0] = _cut(layer, centre_x, centre_y, size, side)
    return Layers(
        backdrops=backdrops,
        pictures=pictures,
        tiles=frames.new_zeros(batch, 4, tile_side, tile_side),
        places=places,
        view=view,
        tracks=frames.new_zeros(batch, 0, PLACES + 1, MOVING),
    )


def _outline(inside: Tensor) -> tuple[float, float, float]:
    """Centre and side, in pixels, of the square around what is inside (H, W)."""
    rows, columns = inside.any(1).nonzero()[:, 0], inside.any(0).nonzero()[:, 0]
    top, bottom = float(rows[0]), float(rows[-1]) + 1
    left, right = float(columns[0]), float(columns[-1]) + 1
    size = max(bottom - top, right - left) * MARGIN
    return (left + right) / 2, (top + bottom) / 2, size


def _cut(layer: Tensor, centre_x: float, centre_y: float, size: float, side: int) -> Tensor:
    """That square of a layer (4, H, W), scaled to (4, side, side)."""
    height, width = layer.shape[-2:]
    steps = (torch.arange(side, dtype=layer.dtype) + 0.5) / side - 0.5
    across = (centre_x + steps * size) / width * 2 - 1
    down = (centre_y + steps * size) / height * 2 - 1
    grid = torch.stack(torch.meshgrid(across, down, indexing="xy"), dim=-1)[None]
    return functional.grid_sample(layer[None], grid, align_corners=False)[0]
