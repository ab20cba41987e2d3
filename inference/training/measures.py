"""How a thing moves through a clip: where the judge sees it, and how far it has turned."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from inference.autoencoder import TRACK_GAINS
from inference.layers import UNIT
from inference.training.judge import Box, Judge, find
from inference.training.motions import SIDEWAYS, Curve, curve
from inference.vocabulary import MOTIONS, Meaning

ANGLES = 36  # that a turn is told apart by
CROP = 48  # pixels a side
# Of likeness, for each of ANGLES that a thing would have turned since the frame before. What is
# round looks alike at every angle; it is not said to spin.
TURN_COST = 0.02
# How many times as large as the world's a movement may be to count.
GAINS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
REACH = (0.55, 0.5)  # of a thing alone in a square frame, about
BATCH = 32
GO = "go"


def paths(judge: Judge, video: Tensor) -> Curve:
    """Movement (T - 1, 4) of a video's (3, T, H, W) one thing since the first frame.

    x and y in units, log size, turn in radians.
    """
    frames = video.transpose(0, 1)
    seen = [box for part in frames.split(BATCH) for (box,) in find(judge, part)]
    first = seen[0]
    turns = _turns(frames, seen)
    moved = [
        (box.x - first.x, box.y - first.y, box.log_size - first.log_size, turn)
        for box, turn in zip(seen[1:], turns[1:], strict=True)
    ]
    return np.asarray(moved, np.float32)


def _turns(frames: Tensor, seen: list[Box]) -> NDArray[np.float32]:
    """How far the thing of each frame (T, 3, H, W) is turned against the first one's, unwrapped."""
    crops = torch.stack([_crop(frame, box, 0.0) for frame, box in zip(frames, seen, strict=True)])
    turned = torch.stack(
        [_crop(frames[0], seen[0], 2 * math.pi * number / ANGLES) for number in range(ANGLES)]
    )
    likeness = functional.normalize(crops.flatten(1)) @ functional.normalize(turned.flatten(1)).T
    angles, angle = [], 0
    for row in likeness.numpy():
        apart = np.abs((np.arange(ANGLES) - angle + ANGLES // 2) % ANGLES - ANGLES // 2)
        angle = int((row - TURN_COST * apart).argmax())
        angles.append(angle * (2 * np.pi / ANGLES))
    return np.unwrap(angles).astype(np.float32)


def _crop(frame: Tensor, box: Box, angle: float) -> Tensor:
    """The thing of a frame (3, H, W), turned by an angle, (3, CROP, CROP) without its mean."""
    height, width = frame.shape[-2:]
    half = math.exp(min(box.log_size, 0.5)) / 2
    steps = torch.linspace(-half, half, CROP)
    down, across = torch.meshgrid(steps, steps, indexing="ij")
    # A picture turned clockwise shows at each place what lay counter-clockwise of it.
    x = box.x + across * math.cos(angle) + down * math.sin(angle)
    y = box.y - across * math.sin(angle) + down * math.cos(angle)
    grid = torch.stack([x * 2 * UNIT / width, y * 2 * UNIT / height], dim=-1)[None]
    crop = functional.grid_sample(frame[None], grid, padding_mode="border", align_corners=False)[0]
    inside = (across.square() + down.square() < half**2).to(crop.dtype)
    return (crop - crop.mean(dim=(1, 2), keepdim=True)) * inside


def name_motion(moved: Curve) -> str:
    """The motion of the vocabulary whose curve, made larger or smaller, is nearest to this one.

    Never "go": what goes shows as "left" or "right".
    """
    weights = np.asarray(TRACK_GAINS, np.float32)
    best, named = math.inf, ""
    for motion in MOTIONS:
        if motion.name == GO:
            continue
        for side in (-1.0, 1.0):
            wanted = curve(motion.name, side, REACH) * weights
            measured = moved * weights
            # Absolute, not squared: a frame where the finder goes astray shall not decide.
            error = min(float(np.abs(measured - gain * wanted).mean()) for gain in GAINS)
            if error < best:
                best, named = error, motion.name
    return named


def shows(moved: Curve, motion: Meaning) -> bool:
    """Whether a path is that of the motion that was asked for; "go" leaves open which way."""
    named = name_motion(moved)
    return named in SIDEWAYS if motion.name == GO else named == motion.name
