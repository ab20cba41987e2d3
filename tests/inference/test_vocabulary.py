"""The words of the built-in model."""

from collections import defaultdict

import pytest

from inference.vocabulary import (
    CAMERAS,
    COLOURS,
    COUNTS,
    FILLERS,
    KINDS,
    MOTIONS,
    RELATIONS,
    SCENES,
    SIZES,
    STYLES,
    TABLES,
    THINGS,
    WEATHERS,
    Thing,
    meanings_of_words,
    measures,
)

MEANINGS = [meaning for table in TABLES for meaning in table]


def every_word(meaning):
    return (*meaning.words, *(meaning.plurals if isinstance(meaning, Thing) else ()))


def test_no_word_has_two_meanings():
    meant = defaultdict(set)
    for meaning in MEANINGS:
        for word in every_word(meaning):
            meant[word].add(meaning.name)
    assert {word: names for word, names in meant.items() if len(names) > 1} == {}


def test_every_word_is_found_with_its_meaning():
    known = meanings_of_words()
    for meaning in MEANINGS:
        assert {known[word] for word in every_word(meaning)} == {meaning}


def test_what_only_stands_around_has_no_meaning():
    said = {word for meaning in MEANINGS for word in every_word(meaning)}
    known = meanings_of_words()
    for word in {*FILLERS, *measures()} - said:
        assert known[word] is None


def test_everything_has_words_in_both_languages_as_people_type_them():
    for meaning in MEANINGS:
        assert meaning.english, meaning
        assert meaning.chinese, meaning
        assert all(word.isascii() and word == word.lower().strip() for word in meaning.english)
    for table in set(TABLES) - {COUNTS}:
        for meaning in table:
            assert not any(word.isascii() for word in meaning.chinese), meaning


def test_every_thing_has_a_picture_a_kind_and_a_measure_word():
    assert len({thing.picture for thing in THINGS}) == len(THINGS)
    assert {thing.kind for thing in THINGS} == set(KINDS)
    assert all(thing.measure for thing in THINGS)
    assert THINGS[0].emoji


def test_it_is_as_wide_as_promised():
    assert len(THINGS) >= 700
    assert len(SCENES) >= 15
    assert len(WEATHERS) >= 6
    assert len(COLOURS) >= 10
    assert len(RELATIONS) >= 6
    assert len(COUNTS) == 3


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (
            MOTIONS,
            "left,right,up,down,up left,up right,down left,down right,still,bounce,spin,grow",
        ),
        (MOTIONS, "shrink,shake,circle,jump,swing"),
        (CAMERAS, "zoom in,zoom out,pan left,pan right"),
        (SIZES, "big,tiny"),
        (STYLES, "blurry,bright,dark,black and white,upside down"),
        (RELATIONS, "on,riding,and,above,chasing,holding"),
        (WEATHERS, "snow,rain,petals,bubbles,confetti,sparks"),
    ],
)
def test_the_promised_names_are_there(table, names):
    assert set(names.split(",")) <= {meaning.name for meaning in table}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("car", "car"),
        ("automobile", "car"),
        ("汽车", "car"),
        ("kitties", "cat"),
        ("小猫", "cat"),
        ("grizzly bear", "bear"),
        ("🚀", "rocket"),
        ("beside", "and"),
        ("从左到右", "right"),
    ],
)
def test_synonyms_plurals_and_emoji_mean_the_same(word, name):
    meaning = meanings_of_words()[word]
    assert meaning is not None
    assert meaning.name == name
