"""The word lists that Kinogram comes with, beside the words that people need."""

import csv
from itertools import product
from pathlib import Path

import pytest

from bot.screening.screen import Screen
from tests.bot.screen_words import shipped

SHIPPED = Screen.from_files()
LISTED, ALLOWED = shipped("words.txt"), shipped("allowed.txt")
WITHOUT_ALLOWED = Screen(LISTED)
TABLES = Path(__file__).parents[2] / "inference"


def names(table: str, *columns: str) -> list[str]:
    with (TABLES / table).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [name for row in rows for column in columns for name in row[column].split(",") if name]


@pytest.mark.parametrize("entry", LISTED)
def test_every_shipped_word_is_found_and_is_not_allowed_by_itself(entry: str) -> None:
    assert SHIPPED.refuses(entry.rstrip("*"))
    assert SHIPPED.refuses(f"x {entry.rstrip('*').upper()}, y")


@pytest.mark.parametrize("entry", ALLOWED)
def test_every_allowed_entry_is_needed_and_works(entry: str) -> None:
    text = entry.rstrip("*")
    shown = " ".join(text) if text.isascii() and " " not in text else text
    assert WITHOUT_ALLOWED.refuses(shown) or WITHOUT_ALLOWED.refuses(text)
    assert SHIPPED.refuses(shown) is None


def test_no_entry_is_listed_twice() -> None:
    assert len(set(LISTED)) == len(LISTED)
    assert len(set(ALLOWED)) == len(ALLOWED)


def test_nothing_that_the_built_in_model_knows_is_refused() -> None:
    english = names("things.tsv", "singular", "plural") + names("words.tsv", "english")
    chinese = names("things.tsv", "chinese") + names("words.tsv", "chinese")
    assert len(english) > 5000
    assert len(chinese) > 3000
    spelled = [" ".join(name.upper()) for name in english]
    refused = [name for name in english + chinese + spelled if SHIPPED.refuses(name)]
    assert refused == []


def test_no_two_words_of_the_built_in_model_are_refused_side_by_side() -> None:
    known = {*names("things.tsv", "chinese"), *names("words.tsv", "chinese")}
    refused = set()
    for entry in LISTED:
        # Only names that meet in the middle of an entry can make it, and what is far from there
        # does not matter.
        for middle in range(1, len(entry)):
            before = {name[-3:] for name in known if name.endswith(entry[:middle])}
            after = {name[:5] for name in known if name.startswith(entry[middle:])}
            pairs = map("".join, product(before, after))
            refused |= {pair for pair in pairs if SHIPPED.refuses(pair)}
    # A slur, and "black" with "ghost" run together.
    assert refused == {"黑鬼"}
