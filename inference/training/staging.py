"""Plays a story: where everything stands at the first frame, and how it moves from there."""

import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.layers import (
    BLUE,
    BLUR,
    COLOURFULNESS,
    EXPOSURE,
    LOG_SIZE,
    MIRRORED,
    MOVING,
    NUMBERS,
    PLACES,
    RED,
    SECOND,
    SECOND_IN_FRONT,
    SHOWN,
    TINT,
    TURN,
    VIEW,
    WIND_X,
    WIND_Y,
    X,
    Y,
)
from inference.training.motions import (
    FRAMES,
    SIDEWAYS,
    Curve,
    camera_curve,
    curve,
)
from inference.training.stories import UNSAID_MOTIONS, VARIANTS, Story
from inference.training.weather import WEATHERS
from inference.vocabulary import Colour, Thing

NORMAL_SIZE = 0.42
SIZES = {"big": 1.6, "tiny": 0.45}
WINDS = {weather.name: weather.velocity for weather in WEATHERS}
STYLES = {
    "blurry": (BLUR, 1.0),
    "bright": (EXPOSURE, 0.8),
    "dark": (EXPOSURE, -1.6),
    "black and white": (COLOURFULNESS, 0.0),
}
# Where the second thing stands to the first, in first sizes; how large it is; whether in front.
ARRANGEMENTS = {
    "and": (0.95, 0.0, 1.0, False),
    "riding": (0.0, 0.62, 1.25, False),
    "on": (0.0, 0.78, 1.1, False),
    "above": (0.0, 1.05, 1.0, False),
    "below": (0.0, -1.05, 1.0, False),
    "chasing": (1.05, 0.0, 0.9, False),
    "holding": (-0.28, 0.2, 0.55, True),
    "inside": (0.0, 0.38, 1.25, True),
    "in front of": (0.25, -0.3, 1.25, False),
    "behind": (0.25, 0.3, 1.1, True),
}
# Where several of a thing stand, by their number, in sizes.
CROWDS = {
    1: [(0.0, 0.0)],
    2: [(-0.55, 0.0), (0.55, 0.0)],
    3: [(-1.0, 0.1), (0.0, -0.15), (1.0, 0.1)],
}
CROWD_SIZES = {1: 1.0, 2: 0.8, 3: 0.66}
PAIR_SIZE = 0.74


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """The numbers of layers.py for one clip.

    places: (PLACES, NUMBERS). view: (NUMBERS,). tracks: (FRAMES - 1, PLACES + 1, MOVING).
    variant: which picture of the scene. motion: what the first thing does.
    """

    places: NDArray[np.float32]
    view: NDArray[np.float32]
    tracks: NDArray[np.float32]
    variant: int
    motion: str


def stage(story: Story, shape: tuple[int, int], chooser: random.Random) -> Staging:
    """One way to play the story in a frame of shape (columns, rows)."""
    half = (shape[0] / 16, shape[1] / 16)
    motion, way = _motion(story, chooser)
    unit = _unit(story, half, chooser)
    side = chooser.choice((-1.0, 1.0))
    moved = curve(motion if motion != "go" else way, side, _reach(motion, story, half))
    places = np.zeros((PLACES, NUMBERS), np.float32)
    places[:, [SHOWN, MIRRORED]] = -1
    offsets = _offsets(story, way)
    centre = _centre(moved, half, unit, offsets, chooser)
    for place, (x, y, size) in offsets.items():
        thing, colour = (
            (story.second, story.second_colour)
            if place == SECOND
            else (story.first, story.first_colour)
        )
        assert thing is not None  # noqa: S101 - only a second thing has the second place
        places[place] = _numbers(thing, colour, way)
        places[place, X], places[place, Y] = centre[0] + x * unit, centre[1] + y * unit
        places[place, LOG_SIZE] = math.log(unit * size)
        if story.style and story.style.name == "upside down":
            places[place, TURN] = math.pi
    view, camera = _view(story, places)
    tracks = np.zeros((FRAMES - 1, PLACES + 1, MOVING), np.float32)
    for place in offsets:
        tracks[:, place] = moved
    tracks[:, VIEW] = camera
    return Staging(
        places=places,
        view=view,
        tracks=tracks,
        variant=chooser.randrange(VARIANTS),
        motion=motion if motion != "go" else way,
    )


def _motion(story: Story, chooser: random.Random) -> tuple[str, str]:
    """What the things do, and which way they look."""
    named = story.motion.name if story.motion else ""
    if not named:
        chases = story.relation is not None and story.relation.name == "chasing"
        named = "go" if chases else chooser.choice(UNSAID_MOTIONS)
    if named.endswith("right"):
        return named, "right"
    if named.endswith("left"):
        return named, "left"
    return named, chooser.choice(SIDEWAYS) if named == "go" else "left"


def _unit(story: Story, half: tuple[float, float], chooser: random.Random) -> float:
    """The size of the first thing."""
    size = NORMAL_SIZE * chooser.uniform(0.93, 1.07)
    if story.second is not None:
        size *= PAIR_SIZE
    size *= CROWD_SIZES[story.count]
    if story.size is not None:
        size *= SIZES[story.size.name]
    if story.motion is not None and story.motion.name in {"grow", "shrink"}:
        size *= {"grow": 0.65, "shrink": 1.3}[story.motion.name]
    return size * min(1.0, 0.3 + 1.4 * min(half))


def _reach(motion: str, story: Story, half: tuple[float, float]) -> tuple[float, float]:
    """How far a thing goes along x and y: less in company, tilted, or under a moving camera."""
    share = 1.0 if story.count == 1 and story.second is None else 0.7
    share *= 0.8 if " " in motion else 1.0
    share *= 0.7 if story.camera is not None else 1.0
    return (0.25 + 0.6 * half[0]) * share, (0.2 + 0.6 * half[1]) * share


def _offsets(story: Story, way: str) -> dict[int, tuple[float, float, float]]:
    """Where each place lies about the middle of all, and how large, in first sizes."""
    if story.second is None or story.relation is None:
        return {place: (x, y, 1.0) for place, (x, y) in enumerate(CROWDS[story.count])}
    x, y, size, _ = ARRANGEMENTS[story.relation.name]
    if story.relation.name == "chasing":
        x *= -1 if way == "left" else 1
    elif way == "right" and story.relation.name == "holding":
        x *= -1
    return {0: (-x / 2, -y / 2, 1.0), SECOND: (x / 2, y / 2, size)}


def _centre(
    moved: Curve,
    half: tuple[float, float],
    unit: float,
    offsets: dict[int, tuple[float, float, float]],
    chooser: random.Random,
) -> tuple[float, float]:
    """A start that keeps the middle of the way near the middle of the frame."""
    start = []
    for axis, around in ((X, 0.0), (Y, 0.04)):
        low, high = min(0.0, moved[:, axis].min()), max(0.0, moved[:, axis].max())
        extent = (
            (high - low) / 2 + unit / 2 + max(abs(place[axis]) for place in offsets.values()) * unit
        )
        free = max(0.02, min(half[axis] - extent, 0.14))
        start.append(around - (low + high) / 2 + chooser.uniform(-free, free))
    return start[0], start[1]


def _numbers(thing: Thing, colour: Colour | None, way: str) -> NDArray[np.float32]:
    numbers = np.zeros(NUMBERS, np.float32)
    numbers[SHOWN] = 1
    numbers[MIRRORED] = 1 if thing.faces and way == "right" else -1
    if colour is not None:
        numbers[RED : BLUE + 1] = np.asarray(colour.red_green_blue) / 255
        numbers[TINT] = 1
    return numbers


def _view(story: Story, places: NDArray[np.float32]) -> tuple[NDArray[np.float32], Curve | float]:
    """The view's numbers and its movement; a near camera makes the things smaller."""
    view = np.zeros(NUMBERS, np.float32)
    view[COLOURFULNESS] = 1
    front = story.relation is not None and ARRANGEMENTS[story.relation.name][3]
    view[SECOND_IN_FRONT] = 1 if front else -1
    if story.weather is not None:
        view[[WIND_X, WIND_Y]] = WINDS[story.weather.name]
    if story.style is not None and story.style.name in STYLES:
        column, value = STYLES[story.style.name]
        view[column] = value
    if story.camera is None:
        return view, 0.0
    moved, (x, y, zoom) = camera_curve(story.camera.name)
    view[[X, Y, LOG_SIZE]] = x, y, zoom
    if zoom:
        places[:, LOG_SIZE] -= zoom / 2
    return view, moved
