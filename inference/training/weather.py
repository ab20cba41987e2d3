"""Particles that fall or rise over a clip: for each weather a tile that repeats and scrolls."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter

TILE = 128
SUPERSAMPLING = 4
RIM = 0.9  # blur in pixels of the shade around a particle, so that it shows on its own colour
Shape = Callable[[float, np.random.Generator], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """A kind of particles, and how its tile moves: (x, y) in tile widths a second, y down."""

    name: str
    velocity: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the particles of one weather are drawn; sizes are radii in pixels."""

    shape: Shape
    colours: tuple[str, ...]
    rim: str
    count: int
    sizes: tuple[float, float]
    glow: float = 0.0
    hollow: bool = False


def disc(radius: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Corners of a circle."""
    del random
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return radius * np.stack([np.cos(turns), np.sin(turns)], 1)


def drop(radius: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Corners of a long, thin streak that leans as rain falls."""
    del random
    return radius * np.array([(0.28, -1.0), (0.42, -0.95), (-0.23, 1.0), (-0.42, 0.95)])


def petal(radius: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Corners of an oval with a pointed end."""
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    narrow = 0.62 * np.sin(turns) * np.sin(turns / 2) ** 0.6
    return turned(radius * np.stack([np.cos(turns), narrow], 1), random.uniform(0, 2 * np.pi))


def leaf(radius: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Corners of a leaf of five lobes with a stalk."""
    reach = np.array([1.0, 0.45, 0.85, 0.4, 0.7, 0.35, 0.3, 0.35, 0.7, 0.4, 0.85, 0.45])
    reach[6] = 1.1
    turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    corners = np.stack([reach * np.cos(turns), reach * np.sin(turns)], 1)
    return turned(radius * corners, random.uniform(0, 2 * np.pi))


def strip(radius: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Corners of a turned scrap of paper."""
    corners = np.array([(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)], dtype=np.float64)
    return turned(radius * corners, random.uniform(0, np.pi))


def heart(radius: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Corners of a heart, a little tilted."""
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    corners = np.stack([np.sin(t) ** 3, -y / 16], 1)
    return turned(radius * corners, random.uniform(-0.3, 0.3))


def star(radius: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Corners of a star of five points."""
    turns = np.arange(10) * np.pi / 5 + random.uniform(0, 1)
    reach = radius * np.where(np.arange(10) % 2, 0.42, 1.0)
    return np.stack([reach * np.cos(turns), reach * np.sin(turns)], 1)


def turned(corners: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """The corners, turned by an angle in radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    moved: NDArray[np.float64] = corners @ np.array([(cos, sin), (-sin, cos)])
    return moved


WEATHERS: tuple[Weather, ...] = (
    Weather(name="snow", velocity=(0.08, 0.35)),
    Weather(name="rain", velocity=(-0.5, 1.5)),
    Weather(name="petals", velocity=(0.2, 0.3)),
    Weather(name="bubbles", velocity=(0.04, -0.35)),
    Weather(name="confetti", velocity=(0.06, 0.5)),
    Weather(name="sparks", velocity=(0.12, -0.6)),
    Weather(name="falling leaves", velocity=(-0.2, 0.35)),
    Weather(name="floating hearts", velocity=(0.03, -0.3)),
    Weather(name="falling stars", velocity=(0.05, 0.4)),
    Weather(name="fireflies", velocity=(0.06, -0.08)),
)
LOOKS: dict[str, Look] = {
    "snow": Look(shape=disc, colours=("#ffffff",), rim="#7f93ad", count=26, sizes=(1.6, 3.4)),
    "rain": Look(shape=drop, colours=("#cfe6ff",), rim="#4f7fb4", count=22, sizes=(6, 9)),
    "petals": Look(
        shape=petal, colours=("#ffb3d1", "#ff8fbf"), rim="#c2558a", count=13, sizes=(4, 6)
    ),
    "bubbles": Look(
        shape=disc, colours=("#e9fbff",), rim="#4f9fc4", count=13, sizes=(3, 6), hollow=True
    ),
    "confetti": Look(
        shape=strip,
        colours=("#ff4f5e", "#ffd23f", "#3fb6ff", "#5fd35f", "#c76bff"),
        rim="#5a4a5a",
        count=19,
        sizes=(3, 4.5),
    ),
    "sparks": Look(
        shape=disc,
        colours=("#ffe27a", "#ffb02e"),
        rim="#ff4a0a",
        count=24,
        sizes=(1.5, 2.6),
        glow=2.6,
    ),
    "falling leaves": Look(
        shape=leaf, colours=("#e8622a", "#f2a52e", "#c23b22"), rim="#6e2f16", count=11, sizes=(5, 7)
    ),
    "floating hearts": Look(
        shape=heart, colours=("#ff3f6e", "#ff6f9c"), rim="#ffffff", count=10, sizes=(4, 6)
    ),
    "falling stars": Look(
        shape=star, colours=("#ffd83a", "#ffe77a"), rim="#a8640a", count=12, sizes=(4.5, 6.5)
    ),
    "fireflies": Look(
        shape=disc, colours=("#f6ff9a",), rim="#7fbf1a", count=11, sizes=(2.2, 3), glow=3.6
    ),
}


def tile(name: str) -> NDArray[np.float32]:
    """Particles, (128, 128, 4) float32 RGBA, 0 to 1, premultiplied; opposite edges meet.

    Raises: KeyError, when there is no such weather.
    """
    look = LOOKS[name]
    random = np.random.default_rng(zlib.crc32(name.encode()))
    canvas = np.zeros((TILE, TILE, 4))
    for index, place in enumerate(scattered(look.count, random)):
        corners = look.shape(random.uniform(*look.sizes), random) + place
        inside = mask(corners, 0.35)
        around = mask(corners, look.glow or RIM)
        if look.glow:
            around = np.clip(around * 2.6, 0, 0.85)
        else:
            around = np.clip(around * 2.2, 0, 0.8) * (1 - inside)
        lay(canvas, around, look.rim)
        if look.hollow:
            inside = inside * (0.18 + 0.82 * (1 - mask(corners * 0.72 + place * 0.28, 0.8)))
            shine = disc(1.1, random) + place - 1.5
            lay(canvas, mask(shine, 0.5), "#ffffff")
        lay(canvas, inside, look.colours[index % len(look.colours)])
    return canvas.astype(np.float32)


def scattered(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Places in the tile, (count, 2), each the best of some tries at keeping from the others."""
    places = [random.uniform(0, TILE, 2)]
    while len(places) < count:
        tries = random.uniform(0, TILE, (12, 2))
        apart = np.abs(tries[:, None] - np.array(places)[None])
        apart = np.minimum(apart, TILE - apart)  # over the edges too
        places.append(tries[np.argmax(np.hypot(apart[..., 0], apart[..., 1]).min(1))])
    return np.array(places)


def mask(corners: NDArray[np.float64], soft: float) -> NDArray[np.float64]:
    """Coverage of a polygon, (128, 128), 0 to 1, blurred by `soft` pixels and wrapped around."""
    margin = TILE // 4
    side = (TILE + 2 * margin) * SUPERSAMPLING
    image = Image.new("L", (side, side))
    points = [(float(x), float(y)) for x, y in (corners + margin) * SUPERSAMPLING]
    ImageDraw.Draw(image).polygon(points, fill=255)
    image = image.filter(ImageFilter.GaussianBlur(soft * SUPERSAMPLING)).reduce(SUPERSAMPLING)
    wide = np.asarray(image, dtype=np.float64) / 255
    rows = (np.arange(wide.shape[0]) - margin) % TILE
    folded = np.zeros((TILE, TILE))
    np.add.at(folded, (rows[:, None], rows[None, :]), wide)
    return np.clip(folded, 0, 1)


def lay(canvas: NDArray[np.float64], coverage: NDArray[np.float64], colour: str) -> None:
    """Paint a colour over the premultiplied canvas, in place."""
    red_green_blue = np.array(ImageColor.getrgb(colour)[:3]) / 255
    paint = np.concatenate([coverage[..., None] * red_green_blue, coverage[..., None]], axis=2)
    canvas *= 1 - coverage[..., None]
    canvas += paint
