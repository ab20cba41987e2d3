"""The small "AI" in the lower right corner of every frame, which tells people how a clip was made.

Each pixel of the mark is held between a least and a most: dark on the plate, bright in the letters.
So it stands out from anything, what is dark shines through the plate, and a frame that bears the
mark already is not changed by drawing it again.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.footage import Frames

_TEXT = "AI"
_SHARE = 18  # The plate is this fraction of the frame's shorter side in height,
_LEAST_PIXELS = 12  # but no lower: smaller letters cannot be read.
_DARK, _BRIGHT = 64, 216  # the most that the plate lets through, the least that letters have
_FINE = 8  # drawn so much larger, for smooth edges at any size
# In heights of the plate.
_FONT, _STROKE, _PADDING, _MARGIN = 0.86, 0.03, 0.28, 0.35
_ALIKE = 16.0  # mean distance from its bounds, of 255, at which compression leaves a mark at most
_RIM = 2  # pixels around the plate; compression blurs the first of them


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """What the lower right corner is held between: (H, W, 1) uint8 each, margin included."""

    least: Frames
    most: Frames
    margin: int


def draw(frames: Frames) -> None:
    """Put the mark into every frame, in place. Doing it twice is doing it once.

    frames: (T, H, W, 3) uint8 RGB; those too small for the mark get the part that fits.
    """
    mark = _mark_for(frames[0])
    height, width = mark.least.shape[:2]
    corner = frames[:, -height:, -width:]
    height, width = corner.shape[1:3]
    np.clip(corner, mark.least[-height:, -width:], mark.most[-height:, -width:], out=corner)


def erase(frame: Frames) -> Frames:
    """The frame without its mark, what was behind it guessed from around it.

    For a picture that a clip starts from: a model would take the mark for a part of the scene and
    move it about. A frame that bears no mark is returned as it is.
    frame: (H, W, 3) uint8 RGB.
    """
    mark = _mark_for(frame)
    height, width = mark.least.shape[:2]
    if frame.shape[0] < height + _RIM or frame.shape[1] < width + _RIM:
        return frame
    corner = frame[-height:, -width:].astype(np.int16)
    distance = np.abs(np.clip(corner, mark.least, mark.most) - corner)
    if distance[: -mark.margin, : -mark.margin].mean() > _ALIKE:
        return frame
    erased = frame.copy()
    end = _RIM - mark.margin
    _fill(erased[-height - _RIM : end, -width - _RIM : end])
    return erased


def _fill(hole: Frames) -> None:
    """Replace all but the rim of (H, W, 3), by what of the rim is in line, the nearer the more."""
    rows, columns = hole.shape[0] - 1, hole.shape[1] - 1
    down, across = np.arange(1, rows)[:, None, None], np.arange(1, columns)[None, :, None]
    colours = (hole[:1, 1:-1], hole[-1:, 1:-1], hole[1:-1, :1], hole[1:-1, -1:])
    nearness = (1 / down, 1 / (rows - down), 1 / across, 1 / (columns - across))
    total = sum(near * colour for near, colour in zip(nearness, colours, strict=True))
    hole[1:-1, 1:-1] = np.rint(total / sum(nearness))


def _mark_for(frame: Frames) -> _Mark:
    return _drawn(max(_LEAST_PIXELS, round(min(frame.shape[:2]) / _SHARE)))


@cache
def _drawn(plate_height: int) -> _Mark:
    fine = plate_height * _FINE
    stroke = fine * _STROKE
    font = ImageFont.load_default(fine * _FONT)
    left, top, right, bottom = font.getbbox(_TEXT, stroke_width=stroke)
    fine_width = round((right - left) / _FINE + 2 * plate_height * _PADDING) * _FINE
    plate, letters = (Image.new("L", (fine_width, fine)) for _ in range(2))
    outline = (0, 0, fine_width - 1, fine - 1)
    ImageDraw.Draw(plate).rounded_rectangle(outline, radius=fine / 4, fill=255)
    place = ((fine_width - left - right) / 2, (fine - top - bottom) / 2)
    ImageDraw.Draw(letters).text(place, _TEXT, fill=255, font=font, stroke_width=stroke)
    margin = round(plate_height * _MARGIN)
    on_plate, in_letters = (
        np.pad(np.asarray(image.reduce(_FINE)) / 255, ((0, margin), (0, margin)))[..., None]
        for image in (plate, letters)
    )
    most = 255 - (255 - _DARK) * on_plate * (1 - in_letters)
    return _Mark(
        least=np.rint(_BRIGHT * in_letters).astype(np.uint8),
        most=np.rint(most).astype(np.uint8),
        margin=margin,
    )
