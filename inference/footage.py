"""What a model makes before it is a file: frames, and for some models sound."""

from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

Frames: TypeAlias = npt.NDArray[np.uint8]
Samples: TypeAlias = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Sound as numbers.

    samples: (channels, samples) int16, one or two channels. rate: samples a second.
    """

    samples: Samples
    rate: int

    def between(self, start: float, end: float) -> Self:
        """The part from one second to another; silence where there is none."""
        first, last = round(start * self.rate), round(end * self.rate)
        part = self.samples[:, first:last]
        missing = last - first - part.shape[1]
        return replace(self, samples=np.pad(part, ((0, 0), (0, missing))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """A clip as numbers.

    frames: (T, H, W, 3) uint8 RGB.
    sound: as long as the frames, more or less; None for a model that makes none.
    """

    frames: Frames
    sound: Sound | None = None

    def without(self, first: int, last: int, fps: int) -> Self:
        """The same without that many frames in front and at the end, and the sound exactly as long.

        fps: frames per second.
        """
        count = len(self.frames)
        frames, sound = self.frames[first : count - last], self.sound
        if sound is not None:
            sound = sound.between(first / fps, (count - last) / fps)
        return replace(self, frames=frames, sound=sound)
