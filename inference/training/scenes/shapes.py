"""The brush that every scene is painted with, and the shapes that several scenes share.

Places are fractions of the picture: x 0 to 1 from the left, y 0 to 1 from the top. Lengths are
fractions of the shorter side, so that a disc stays round and a tree stays a tree in every shape.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter

Point = tuple[float, float]
Choice = TypeVar("Choice")
SUPERSAMPLING = 2


class Canvas:
    """A picture in the making; the same seed and variant always make the same picture."""

    def __init__(self, width: int, height: int, variant: int, seed: int) -> None:
        self.variant = variant
        self.random = np.random.default_rng((seed, variant))
        self.size = (width * SUPERSAMPLING, height * SUPERSAMPLING)
        self.unit = float(min(self.size))
        self.wide = self.size[0] / self.unit
        self.tall = self.size[1] / self.unit
        self.image = Image.new("RGB", self.size)

    def pixels(self) -> NDArray[np.float32]:
        """What has been painted, (height, width, 3) float32, 0 to 1."""
        image = self.image.reduce(SUPERSAMPLING)
        return np.asarray(image, dtype=np.float32) / np.float32(255)

    def pick(self, first: Choice, second: Choice, third: Choice) -> Choice:
        """The one of the three that belongs to this variant."""
        return (first, second, third)[self.variant % 3]

    def between(self, low: float, high: float) -> float:
        """A number drawn evenly from low to high."""
        return float(self.random.uniform(low, high))

    def spread(self, step: float, jitter: float = 0.3) -> list[float]:
        """Places along x, about `step` apart (a length), each moved by up to `jitter` steps."""
        count = max(1, round(self.wide / step)) + 1
        moved = np.arange(count) + self.random.uniform(-jitter, jitter, count)
        return [float(x) for x in moved / (count - 1)]

    def _at(self, point: Point) -> Point:
        return point[0] * self.size[0], point[1] * self.size[1]

    def gradient(self, *colours: str, top: float = 0.0, bottom: float = 1.0) -> None:
        """Colours from top to bottom, over the whole width."""
        start, end = round(top * self.size[1]), round(bottom * self.size[1])
        self.image.paste(self._ramp(colours, (self.size[0], end - start)), (0, start))

    def _ramp(self, colours: Sequence[str], size: tuple[int, int]) -> Image.Image:
        stops = np.array([ImageColor.getrgb(colour)[:3] for colour in colours], dtype=np.float64)
        place = np.linspace(0, len(stops) - 1, size[1])
        column = np.stack([np.interp(place, range(len(stops)), stops[:, i]) for i in range(3)], 1)
        noise = self.random.uniform(-0.5, 0.5, (size[1], size[0], 3))  # against banding
        return Image.fromarray(np.clip(np.rint(column[:, None] + noise), 0, 255).astype(np.uint8))

    def _stamp(
        self, mask: Image.Image, colour: str, below: str | None, soft: float, opacity: float
    ) -> None:
        if soft:
            mask = mask.filter(ImageFilter.GaussianBlur(soft * self.unit))
        box = mask.getbbox()
        if box is None:
            return
        mask = mask.crop(box)
        if opacity < 1:
            mask = mask.point([round(value * opacity) for value in range(256)])
        self.image.paste(self._ramp((colour, below or colour), mask.size), box[:2], mask)

    def fill(
        self,
        points: Iterable[Point],
        colour: str,
        below: str | None = None,
        *,
        soft: float = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """A polygon, shaded from `colour` to `below`; `soft` is the blur of its edge."""
        corners = [self._at(point) for point in points]
        if below is None and not soft and opacity >= 1:
            ImageDraw.Draw(self.image).polygon(corners, fill=colour)
            return
        mask = Image.new("L", self.size)
        ImageDraw.Draw(mask).polygon(corners, fill=255)
        self._stamp(mask, colour, below, soft, opacity)

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: str, below: str = ""
    ) -> None:
        """An upright rectangle, its sides given as places."""
        self.fill(
            ((left, top), (right, top), (right, bottom), (left, bottom)), colour, below or None
        )

    def discs(
        self,
        discs: Iterable[tuple[float, float, float]],
        colour: str,
        below: str | None = None,
        *,
        squash: float = 1.0,
        soft: float = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """Discs (x, y, radius) melted into one shape; `squash` is their height over width."""
        mask = Image.new("L", self.size)
        draw = ImageDraw.Draw(mask)
        for x, y, radius in discs:
            (left, top), reach = self._at((x, y)), radius * self.unit
            high = reach * squash
            draw.ellipse((left - reach, top - high, left + reach, top + high), fill=255)
        self._stamp(mask, colour, below, soft, opacity)

    def disc(self, x: float, y: float, radius: float, colour: str, below: str = "") -> None:
        """One round disc."""
        self.discs([(x, y, radius)], colour, below or None)

    def glow(
        self, x: float, y: float, radius: float, colour: str, opacity: float = 0.8, flat: float = 1
    ) -> None:
        """Light that fades to nothing at `radius`; `flat` is its height over width."""
        (left, top), reach = self._at((x, y)), radius * self.unit
        across = (np.arange(self.size[0])[None, :] - left) / reach
        down = (np.arange(self.size[1])[:, None] - top) / (reach * flat)
        fade = np.clip(1 - np.hypot(across, down), 0, 1) ** 2 * opacity * 255
        self._stamp(Image.fromarray(fade.astype(np.uint8)), colour, None, 0, 1)

    def line(self, points: Iterable[Point], width: float, colour: str) -> None:
        """A line with round joints."""
        corners = [self._at(point) for point in points]
        thick = max(1, round(width * self.unit))
        ImageDraw.Draw(self.image).line(corners, fill=colour, width=thick, joint="curve")

    def ridge(
        self,
        y: float,
        height: float,
        colour: str,
        below: str | None = None,
        *,
        waves: float = 1.5,
        soft: float = 0.004,
    ) -> None:
        """Rolling land from its skyline, around `y`, to the bottom of the picture."""
        x = np.linspace(-0.1, 1.1, 97)
        skyline = np.zeros_like(x)
        for harmonic, strength in ((1.0, 0.65), (2.3, 0.35)):
            turn = self.between(0, 2 * np.pi)
            skyline += strength * np.sin(2 * np.pi * waves * harmonic * x * self.wide + turn)
        points = [(float(a), float(y + height * b)) for a, b in zip(x, skyline, strict=True)]
        self.fill([*points, (1.1, 1.1), (-0.1, 1.1)], colour, below, soft=soft)

    def stars(self, count: int, bottom: float = 1.0, colour: str = "#fff8e0") -> None:
        """Small lights above `bottom`, some of them larger."""
        for _ in range(round(count * self.wide * self.tall)):
            size = self.between(0.002, 0.0035) + 0.003 * (self.between(0, 1) > 0.85)
            x, y = self.between(0, 1), self.between(0, bottom)
            self.discs([(x, y, size)], colour, opacity=self.between(0.5, 1))

    def cloud(self, x: float, y: float, size: float, colour: str = "#ffffff") -> None:
        """A heap of puffs with a flat underside, `size` long."""
        puffs = []
        for place in np.linspace(-0.42, 0.42, 6):
            radius = size * (0.11 + 0.13 * (1 - abs(place) * 2) + self.between(0, 0.04))
            lift = (radius * 0.75 + self.between(0, 0.02)) / self.tall
            puffs.append((x + place * size / self.wide, y - lift, radius))
        self.discs(puffs, colour, "#e4eef8", soft=0.008, opacity=0.92)

    def tree(self, x: float, y: float, height: float, colour: str, shade: str) -> None:
        """A round tree that stands on y."""
        trunk, tall = height * 0.05 / self.wide, height / self.tall
        self.box(x - trunk, y - tall * 0.5, x + trunk, y, "#7a5236", "#5c3b26")
        crown = [
            (x + dx * height / self.wide, y - dy * tall, radius * height)
            for dx, dy, radius in (
                (-0.2, 0.5, 0.17),
                (0.2, 0.52, 0.17),
                (0, 0.5, 0.2),
                (-0.12, 0.7, 0.2),
                (0.13, 0.72, 0.19),
                (0, 0.82, 0.17),
            )
        ]
        self.discs(crown, colour, shade, soft=0.004)
        shine = [(x - 0.1 * height / self.wide, y - 0.76 * tall, 0.1 * height)]
        self.discs(shine, "#ffffff", soft=0.03, opacity=0.25)

    def pine(self, x: float, y: float, height: float, colour: str, snow: str = "") -> None:
        """A fir of three tiers that stands on y, with snow on them where `snow` is a colour."""
        tall = height / self.tall
        self.box(
            x - 0.035 * height / self.wide,
            y - tall * 0.15,
            x + 0.035 * height / self.wide,
            y,
            "#5a3d2b",
        )
        for foot, reach, top in ((0.1, 0.27, 0.52), (0.34, 0.22, 0.76), (0.58, 0.16, 1.0)):
            half = reach * height / self.wide
            self.fill(
                ((x, y - top * tall), (x + half, y - foot * tall), (x - half, y - foot * tall)),
                colour,
            )
            if snow:
                rim = top - 0.55 * (top - foot)
                cut = half * 0.55
                edge = (
                    (x + cut, y - rim * tall),
                    (x, y - (rim + 0.05) * tall),
                    (x - cut, y - rim * tall),
                )
                self.fill(((x, y - top * tall), *edge), snow)

    def palm(self, x: float, y: float, height: float, lean: float = 0.15) -> None:
        """A palm that stands on y and leans to the right by `lean` of its height."""
        tall = height / self.tall
        bend = np.linspace(0, 1, 12)
        spine = [(x + lean * height / self.wide * float(t) ** 2, y - tall * float(t)) for t in bend]
        self.line(spine, height * 0.055, "#94683f")
        top_x, top_y = spine[-1]
        for angle in (-2.9, -2.45, -1.9, -1.2, -0.7, -0.2, 0.25, -3.4):
            self.leaf(top_x, top_y, height * 0.42, angle, "#2f9a4c", droop=0.35)
        nuts = [(top_x + d / self.wide, top_y + 0.012, 0.014) for d in (-0.014, 0.014)]
        self.discs(nuts, "#6b4526")

    def leaf(
        self,
        x: float,
        y: float,
        length: float,
        angle: float,
        colour: str,
        *,
        droop: float = 0.0,
        breadth: float = 0.13,
        below: str | None = None,
    ) -> None:
        """A pointed leaf from its stalk at (x, y); angle in radians, 0 to the right, y down."""
        along = np.linspace(0, 1, 14)
        across = breadth * np.sin(np.pi * along**0.8)
        sides = []
        for side in (1, -1):
            dx = along * np.cos(angle) - side * across * np.sin(angle)
            dy = along * np.sin(angle) + side * across * np.cos(angle) + droop * along**2
            ends = zip(dx, dy, strict=True)
            edge = [(x + length * a / self.wide, y + length * b / self.tall) for a, b in ends]
            sides.append([(float(a), float(b)) for a, b in edge])
        self.fill([*sides[0], *reversed(sides[1])], colour, below)

    def building(
        self, left: float, top: float, right: float, bottom: float, colour: str, window: str
    ) -> None:
        """A house front with rows of windows."""
        self.box(left, top, right, bottom, colour)
        columns = max(2, round((right - left) * self.wide / 0.055))
        rows = max(2, round((bottom - top) * self.tall / 0.075))
        step_x, step_y = (right - left) / columns, (bottom - top) / rows
        for row in range(rows):
            for column in range(columns):
                x, y = left + step_x * (column + 0.25), top + step_y * (row + 0.3)
                self.box(x, y, x + step_x * 0.5, y + step_y * 0.5, window)
