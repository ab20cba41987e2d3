"""How a thing moves through a clip: where the judge sees it, and how far it has turned."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from inference.autoencoder import TRACK_GAINS
from inference.layers import UNIT
from inference.training.judge import Judge, Sight, look
from inference.training.motions import SIDEWAYS, Curve, curve
from inference.vocabulary import MOTIONS

ANGLES = 36  # that a turn is told apart by
CROP = 48  # pixels a side
# A movement must be that many times as large as the world's to count.
LEAST_GAIN, MOST_GAIN = 0.5, 2.0
REACH = (0.55, 0.5)  # of a thing alone in a square frame, about
BATCH = 32


def paths(judge: Judge, video: Tensor) -> Curve:
    """Movement (T - 1, 4) of a video's (3, T, H, W) one thing since the first frame.

    x and y in units, log size, turn in radians.
    """
    frames = video.transpose(0, 1)
    seen = [sight for part in frames.split(BATCH) for (sight,) in look(judge, part)]
    first = seen[0]
    turns = _turns(frames, seen)
    moved = [
        (sight.x - first.x, sight.y - first.y, sight.log_size - first.log_size, turn)
        for sight, turn in zip(seen[1:], turns[1:], strict=True)
    ]
    return np.asarray(moved, np.float32)


def _turns(frames: Tensor, seen: list[Sight]) -> NDArray[np.float32]:
    """How far the thing of each frame (T, 3, H, W) is turned against the first one's, unwrapped."""
    crops = torch.stack(
        [_crop(frame, sight, 0.0) for frame, sight in zip(frames, seen, strict=True)]
    )
    turned = torch.stack(
        [_crop(frames[0], seen[0], 2 * math.pi * number / ANGLES) for number in range(ANGLES)]
    )
    likeness = functional.normalize(crops.flatten(1)) @ functional.normalize(turned.flatten(1)).T
    angles = likeness.argmax(dim=1).numpy() * (2 * np.pi / ANGLES)
    return np.unwrap(angles).astype(np.float32)


def _crop(frame: Tensor, sight: Sight, angle: float) -> Tensor:
    """The thing of a frame (3, H, W), turned by an angle, (3, CROP, CROP) without its mean."""
    height, width = frame.shape[-2:]
    half = math.exp(min(sight.log_size, 0.5)) / 2
    steps = torch.linspace(-half, half, CROP)
    down, across = torch.meshgrid(steps, steps, indexing="ij")
    # A picture turned clockwise shows at each place what lay counter-clockwise of it.
    x = sight.x + across * math.cos(angle) + down * math.sin(angle)
    y = sight.y - across * math.sin(angle) + down * math.cos(angle)
    grid = torch.stack([x * 2 * UNIT / width, y * 2 * UNIT / height], dim=-1)[None]
    crop = functional.grid_sample(frame[None], grid, padding_mode="border", align_corners=False)[0]
    inside = (across.square() + down.square() < half**2).to(crop.dtype)
    return (crop - crop.mean(dim=(1, 2), keepdim=True)) * inside


def name_motion(moved: Curve) -> str:
    """The motion of the vocabulary whose curve, made larger or smaller, is nearest to this one."""
    weights = np.asarray(TRACK_GAINS, np.float32)
    best, named = math.inf, ""
    for motion in MOTIONS:
        for side, way in zip((-1.0, 1.0), SIDEWAYS, strict=True):
            name = way if motion.name == "go" else motion.name
            wanted = curve(name, side, REACH) * weights
            measured = moved * weights
            power = float(np.square(wanted).sum())
            gain = float((wanted * measured).sum()) / power if power else 0.0
            gain = min(max(gain, LEAST_GAIN), MOST_GAIN)
            error = float(np.square(measured - gain * wanted).mean())
            if error < best:
                best, named = error, motion.name
    return named
