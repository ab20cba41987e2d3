"""The judge's second half: which thing a square cut out of a frame shows.

Cut to the thing's own size, as the finder saw it, all pictures stand where they always do, and a
small network tells hundreds of them apart after some minutes.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.analysis import Residual
from inference.training.latents import BACKGROUNDS
from inference.training.stories import SHAPES, VARIANTS
from inference.training.world import Picture, backdrop
from inference.vocabulary import THINGS

SIDE = 64  # pixels of a cut-out; drawn at twice that and halved, so that no line is skipped
MARGIN = 1.12  # of the cut-out, about the thing
WIDTHS = (64, 128, 192)
SQUEEZED = 64
# How far cut-outs in training are off: log size, and shift as a share of the side.
LOG_SIZE_ERROR, SHIFT_ERROR = 0.14, 0.07
TURNED_SHARE = 0.3
OTHER_SHARE = 0.35
WORN_SHARE = 0.5
WEAR = 0.06  # of noise
BACKDROP_SCALES = (0.2, 0.9)


class Namer(nn.Module):
    """Cut-outs (B, 3, SIDE, SIDE), 0 to 1, to a logit a thing (B, things)."""

    def __init__(self, things: int = len(THINGS)) -> None:
        super().__init__()
        levels: list[nn.Module] = [nn.Conv2d(48, WIDTHS[0], 3, padding=1), Residual(WIDTHS[0])]
        for number, width in enumerate(WIDTHS[1:]):
            levels.append(nn.Conv2d(WIDTHS[number], width, 2, stride=2))
            levels.append(Residual(width))
        self.features = nn.Sequential(*levels)
        self.squeeze = nn.Conv2d(WIDTHS[-1], SQUEEZED, 1)
        self.name = nn.Linear(SQUEEZED * (SIDE // 16) ** 2, things)

    def forward(self, cuts: Tensor) -> Tensor:
        """See the class."""
        features = self.features(functional.pixel_unshuffle(cuts * 2 - 1, 4))
        logits: Tensor = self.name(functional.gelu(self.squeeze(features)).flatten(1))
        return logits


def cut_out(frame: Tensor, x: float, y: float, log_size: float, unit: int) -> Tensor:
    """The square about a thing, (3, SIDE, SIDE), of a frame (3, H, W); x, y, size in units."""
    height, width = frame.shape[-2:]
    half = math.exp(min(log_size, 0.5)) * MARGIN / 2
    steps = (torch.arange(2 * SIDE) + 0.5) / SIDE - 1
    down, across = torch.meshgrid(steps, steps, indexing="ij")
    places = ((x + across * half) * 2 * unit / width, (y + down * half) * 2 * unit / height)
    grid = torch.stack(places, dim=-1)[None]
    cut = functional.grid_sample(frame[None], grid, padding_mode="border", align_corners=False)
    return functional.avg_pool2d(cut, 2)[0]


class CutOuts:
    """Draws cut-outs of all things before all backdrops, at random.

    pictures: by code points, as world.load_pictures() has them.
    """

    def __init__(self, pictures: dict[str, Picture], seed: int) -> None:
        drawn = [torch.from_numpy(pictures[thing.picture]) for thing in THINGS]
        self._pictures = torch.stack(drawn).permute(0, 3, 1, 2)
        grounds = [
            backdrop(background, variant, SHAPES[0])
            for background in BACKGROUNDS
            for variant in range(VARIANTS)
        ]
        self._grounds = torch.stack(grounds)
        self._random = torch.Generator().manual_seed(seed)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """(count, 3, SIDE, SIDE), 0 to 1, and the numbers of their things (count,)."""
        things = self._numbers(count, len(self._pictures))
        cuts = self._backgrounds(count)
        turned = self._one(count) < TURNED_SHARE
        angle = torch.where(turned, self._one(count) * 2 * math.pi, self._off(count, 0.12))
        scale = (self._off(count, LOG_SIZE_ERROR)).exp() / MARGIN
        shift = torch.stack([self._off(count, 2 * SHIFT_ERROR) for _ in range(2)], dim=1)
        shown = self._placed(self._pictures[things], angle, scale, shift)
        others, before = self._others(count), self._one(count) < OTHER_SHARE / 2
        far = before[:, None, None, None]
        cuts = _over(cuts, torch.where(far, torch.zeros_like(others), others))
        cuts = _over(cuts, shown)
        cuts = _over(cuts, torch.where(far, others, torch.zeros_like(others)))
        return self._worn(functional.avg_pool2d(cuts, 2)).clamp(0, 1), things

    def _one(self, count: int) -> Tensor:
        return torch.rand(count, generator=self._random)

    def _off(self, count: int, most: float) -> Tensor:
        return (self._one(count) * 2 - 1) * most

    def _numbers(self, count: int, below: int) -> Tensor:
        return torch.randint(below, (count,), generator=self._random)

    def _placed(self, pictures: Tensor, angle: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """Pictures (B, 4, ., .) on squares of twice SIDE; scale: of a picture to its square."""
        mirrored = torch.where(self._one(len(pictures)) < 0.5, -1.0, 1.0)
        cos, sin = angle.cos() / scale, angle.sin() / scale
        rows = torch.stack([mirrored * cos, mirrored * sin, -sin, cos], dim=1).view(-1, 2, 2)
        moved = -(rows @ shift[:, :, None])
        grid = functional.affine_grid(
            torch.cat([rows, moved], dim=2), [len(pictures), 4, 2 * SIDE, 2 * SIDE], False
        )
        return functional.grid_sample(pictures, grid, align_corners=False)

    def _others(self, count: int) -> Tensor:
        """Another thing reaching into each cut-out; into most none."""
        things = self._numbers(count, len(self._pictures))
        angle = self._one(count) * 2 * math.pi
        distance = 0.9 + 0.6 * self._one(count)
        # Those that are not there are shifted out of sight.
        distance = torch.where(self._one(count) < OTHER_SHARE, distance, 9.0)
        shift = torch.stack([angle.cos(), angle.sin()], dim=1) * distance[:, None]
        return self._placed(self._pictures[things], self._off(count, 0.3), torch.ones(count), shift)

    def _backgrounds(self, count: int) -> Tensor:
        grounds = self._grounds[self._numbers(count, len(self._grounds))]
        low, high = BACKDROP_SCALES
        scale = low + (high - low) * self._one(count)
        shift = torch.stack([self._off(count, 1.0) for _ in range(2)], dim=1)
        shift = shift * (1 - scale)[:, None]
        rows = torch.eye(2).expand(count, 2, 2) * scale[:, None, None]
        grid = functional.affine_grid(
            torch.cat([rows, shift[:, :, None]], dim=2), [count, 3, 2 * SIDE, 2 * SIDE], False
        )
        return functional.grid_sample(grounds, grid, padding_mode="border", align_corners=False)

    def _worn(self, cuts: Tensor) -> Tensor:
        """Some blurred and noisy, as what a model draws may be."""
        worn = (self._one(len(cuts)) < WORN_SHARE)[:, None, None, None]
        blurred = functional.avg_pool2d(cuts, 3, 1, 1, count_include_pad=False)
        noise = torch.randn(cuts.shape, generator=self._random) * WEAR
        return torch.where(worn, blurred + noise, cuts)


def _over(below: Tensor, above: Tensor) -> Tensor:
    """Premultiplied (B, 4, ., .) over opaque (B, 3, ., .)."""
    return below * (1 - above[:, 3:]) + above[:, :3]
