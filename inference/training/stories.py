"""What a clip of the world is about: drawn at random, told in a caption, played on a stage."""

import random
import zlib
from dataclasses import dataclass

from inference.vocabulary import (
    CAMERAS,
    COLOURS,
    MOTIONS,
    RELATIONS,
    SCENES,
    SIZES,
    STYLES,
    THINGS,
    WEATHERS,
    Colour,
    Meaning,
    Thing,
)

# (columns, rows) of the latent grid; the widths and heights in pixels are 32 times that.
SHAPES = ((8, 8), (11, 6), (6, 11))
VARIANTS = 3  # of each scene's picture
# One combination of thing, motion and background of this many is never trained on.
HELD_OUT = 8
# How many of a hundred clips have it; the seed decides what is not said.
SECOND_THING = 0.35
SEVERAL = 0.2
PLAIN_BACKGROUND = 0.4
NAMED_BACKGROUND = 0.85
NAMED_MOTION = 0.85
WEATHER = 0.25
CAMERA = 0.25
SIZE = 0.15
STYLE = 0.25
COLOURED = 0.25
UNSAID_MOTIONS = ("go", "still", "float", "bounce", "swing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One clip. None: nothing is said of it.

    first, second: what it shows; how they stand to one another is the relation.
    background: a scene, or a colour for a plain one; told: whether the caption names it.
    """

    first: Thing
    count: int = 1
    first_colour: Colour | None = None
    second: Thing | None = None
    second_colour: Colour | None = None
    relation: Meaning | None = None
    motion: Meaning | None = None
    background: Meaning = COLOURS[0]
    told: bool = True
    weather: Meaning | None = None
    camera: Meaning | None = None
    size: Meaning | None = None
    style: Meaning | None = None

    @property
    def held_out(self) -> bool:
        """Whether training never sees this combination."""
        motion = self.motion.name if self.motion else ""
        key = f"{self.first.picture}|{motion}|{self.background.name}"
        return zlib.crc32(key.encode()) % HELD_OUT == 0


def draw_story(chooser: random.Random, things: tuple[Thing, ...] = THINGS) -> Story:
    """A random story that is not held out."""
    while True:
        story = _any_story(chooser, things)
        if not story.held_out:
            return story


def _any_story(chooser: random.Random, things: tuple[Thing, ...]) -> Story:
    first, second = chooser.sample(things, 2)
    with_second = chooser.random() < SECOND_THING
    several = not with_second and chooser.random() < SEVERAL / (1 - SECOND_THING)

    def maybe(chance: float, table: tuple[Meaning, ...]) -> Meaning | None:
        return chooser.choice(table) if chooser.random() < chance else None

    def colour() -> Colour | None:
        return chooser.choice(COLOURS) if chooser.random() < COLOURED else None

    plain = chooser.random() < PLAIN_BACKGROUND
    return Story(
        first=first,
        count=chooser.choice((2, 3)) if several else 1,
        first_colour=colour(),
        second=second if with_second else None,
        second_colour=colour() if with_second else None,
        relation=chooser.choice(RELATIONS) if with_second else None,
        motion=maybe(NAMED_MOTION, MOTIONS),
        background=chooser.choice(COLOURS if plain else SCENES),
        told=chooser.random() < NAMED_BACKGROUND,
        weather=maybe(WEATHER, WEATHERS),
        camera=maybe(CAMERA, CAMERAS),
        size=maybe(SIZE, SIZES),
        style=maybe(STYLE, STYLES),
    )
