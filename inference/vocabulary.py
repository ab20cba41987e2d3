"""What the built-in model knows, in English and Chinese (standard library only).

The captions it was trained on, its tokenizer and everything that tells people what it can draw are
made from these tables. Only a new training makes a changed table true. Things stand in things.tsv;
a word belongs to one meaning.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Something that can be said, and the words for it; the first of each language is its name."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]

    @property
    def name(self) -> str:
        """The English name, which is also its key."""
        return self.english[0]

    @property
    def words(self) -> tuple[str, ...]:
        """All words for it."""
        return self.english + self.chinese


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Meaning):
    """Something to draw.

    picture: the code points of its picture in the Fluent Emoji set, as its file is named.
    kind: one of KINDS.
    plurals: those of its English words that mean several.
    measure: the Chinese measure word.
    faces: whether it looks to the left, so that moving to the right mirrors it.
    """

    picture: str
    kind: str
    plurals: frozenset[str]
    measure: str
    faces: bool

    @property
    def emoji(self) -> str:
        """The character itself, which people may type too."""
        return "".join(chr(int(code, 16)) for code in self.picture.split("-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour(Meaning):
    """Of a thing or of a plain background, as 8-bit RGB."""

    red_green_blue: tuple[int, int, int]


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split(",")) if words else ()


def _table(name: str) -> tuple[Meaning, ...]:
    return tuple(
        Meaning(english=_split(row["english"]), chinese=_split(row["chinese"]))
        for row in _rows("words.tsv")
        if row["table"] == name
    )


THINGS = tuple(
    Thing(
        picture=row["picture"],
        kind=row["kind"],
        english=_split(row["singular"]),
        plurals=frozenset(_split(row["plural"])),
        chinese=_split(row["chinese"]),
        measure=row["measure"],
        faces=row["faces"] == "left",
    )
    for row in _rows("things.tsv")
)
KINDS = tuple(dict.fromkeys(thing.kind for thing in THINGS))
COLOURS = tuple(
    Colour(
        red_green_blue=(code[0], code[1], code[2]),
        english=_split(row["english"]),
        chinese=_split(row["chinese"]),
    )
    for row in _rows("words.tsv")
    if len(code := bytes.fromhex(row["colour"]))
)
SCENES = _table("scenes")
WEATHERS = _table("weathers")
MOTIONS = _table("motions")
CAMERAS = _table("cameras")
RELATIONS = _table("relations")
SIZES = _table("sizes")
STYLES = _table("styles")
COUNTS = _table("counts")
# Words around the content, which say nothing about the picture.
FILLERS = _table("fillers")[0].words
TABLES: tuple[tuple[Meaning, ...], ...] = (
    THINGS,
    COLOURS,
    SCENES,
    WEATHERS,
    MOTIONS,
    CAMERAS,
    RELATIONS,
    SIZES,
    STYLES,
    COUNTS,
)


@cache
def measures() -> tuple[str, ...]:
    """Every Chinese measure word."""
    return tuple(dict.fromkeys(thing.measure for thing in THINGS))


@cache
def meanings_of_words() -> dict[str, Meaning | None]:
    """Every known word with what it means; None is a word that only stands around others.

    Emoji stand there without variation selectors, which prompt_words.normalised() takes away.
    """
    known: dict[str, Meaning | None] = {}
    for table in TABLES:
        for meaning in table:
            further: tuple[str, ...] = ()
            if isinstance(meaning, Thing):
                further = (*sorted(meaning.plurals), meaning.emoji.replace("\ufe0f", ""))
            for word in (*meaning.words, *further):
                known.setdefault(word, meaning)
    for word in (*FILLERS, *measures()):
        known.setdefault(word, None)
    return known
