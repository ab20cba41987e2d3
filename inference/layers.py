"""What a clip of the built-in model consists of, as numbers: layers, and how they move.

A clip is a backdrop, up to two pictures shown in four places (a picture can be there three times),
one tile of falling or rising particles, and a view (camera and lens) on all of it: a layered
representation (Wang and Adelson 1994, "Representing Moving Images with Layers"). Lengths are in
units of UNIT pixels, the origin is the middle of the frame, y points down, angles are radians
clockwise.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

UNIT = 256  # pixels; a square frame's side
PICTURES = 2
PLACES = 4  # the last one shows the second picture, the others the first
SECOND = PLACES - 1
VIEW = PLACES  # the row of tracks that moves the camera
# Columns of a place's numbers, of the view's, and of all that moves.
X, Y, LOG_SIZE, TURN, SHOWN, MIRRORED, RED, GREEN, BLUE, TINT = range(10)
EXPOSURE, COLOURFULNESS, BLUR, WIND_X, WIND_Y, SECOND_IN_FRONT = range(4, 10)
MOVING = 4  # x, y, log size (or log zoom), turn: the first columns of both
NUMBERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """B clips of T frames.

    backdrops: (B, 3, H, W), 0 to 1, as wide as the frame.
    pictures: (B, PICTURES, 4, side, side), premultiplied, alpha last, 0 to 1.
    tiles: (B, 4, side, side), likewise; they repeat over the frame.
    places: (B, PLACES, NUMBERS) at the first frame. shown, mirrored: +1 yes, -1 no; red, green,
        blue: 0 to 1; tint: how far the picture takes that colour, 0 to 1.
    view: (B, NUMBERS) at the first frame. log size is the log of the zoom; exposure: in stops;
        colourfulness: 1 as it is, 0 none; blur: 0 to 1; wind: tile widths a second.
    tracks: (B, T - 1, PLACES + 1, MOVING): how far each place, and the view, has moved since the
        first frame.
    """

    backdrops: Tensor
    pictures: Tensor
    tiles: Tensor
    places: Tensor
    view: Tensor
    tracks: Tensor

    def clip(self, number: int) -> Self:
        """One of the B clips, as a batch of one."""
        one = slice(number, number + 1)
        return type(self)(
            backdrops=self.backdrops[one],
            pictures=self.pictures[one],
            tiles=self.tiles[one],
            places=self.places[one],
            view=self.view[one],
            tracks=self.tracks[one],
        )

    def moving(self) -> Tensor:
        """x, y, log size and turn of each place and the view, (B, T, PLACES + 1, MOVING)."""
        first = torch.cat([self.places[..., :MOVING], self.view[:, None, :MOVING]], dim=1)[:, None]
        return torch.cat([first, first + self.tracks], dim=1)
