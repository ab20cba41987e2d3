"""The last layers of the built-in model's autoencoder: a small U-Net that redraws each frame.

Principal components blur what moves and leave grain and seams; this network has learned what the
world's things look like and draws them crisp again, wherever they lie. Its last layer starts at
zero: untrained, it changes nothing. (U-Net: Ronneberger, Fischer and Brox 2015.)
"""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAST_POWER = 1e-4
PIXELS = 2  # a side; what becomes one place of the widest level


class Residual(nn.Module):
    """Two 3 x 3 convolutions of the normalised input, added to it.

    Each place is normalised by itself (root mean square; Zhang and Sennrich 2019), so that a
    window of a frame is treated as the whole frame is.
    """

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


class Refiner(nn.Module):
    """Frames (B, 3, H, W) to the same frames, redrawn.

    channels: the width of each level; each is half the size of the one before. H and W must be
    multiples of 2 ** len(channels).
    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        pairs = list(itertools.pairwise(channels))
        self.enter = nn.Conv2d(3 * PIXELS**2, channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(Residual(width) for width in channels)
        self.down = nn.ModuleList(nn.Conv2d(wide, narrow, 2, stride=2) for wide, narrow in pairs)
        self.middle = Residual(channels[-1])
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(narrow, wide, 2, stride=2) for wide, narrow in reversed(pairs)
        )
        self.up_blocks = nn.ModuleList(Residual(wide) for wide, _ in reversed(pairs))
        self.leave = nn.Conv2d(channels[0], 3 * PIXELS**2, 3, padding=1)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, 3, H, W), about -1 to 1, to the same shape."""
        features = self.enter(functional.pixel_unshuffle(frames, PIXELS))
        skipped = []
        for number, block in enumerate(self.down_blocks):
            if number:
                features = self.down[number - 1](features)
            features = block(features)
            skipped.append(features)
        features = self.middle(skipped.pop())
        for up, block in zip(self.up, self.up_blocks, strict=True):
            features = block(up(features) + skipped.pop())
        change: Tensor = functional.pixel_shuffle(self.leave(functional.gelu(features)), PIXELS)
        return frames + change
