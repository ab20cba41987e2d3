"""The words of the built-in model."""

from collections import Counter
from itertools import chain

from inference.vocabulary import CHINESE_FILLERS, COLOURS, ENGLISH_FILLERS, MOTIONS, THINGS

MEANINGS = (*THINGS, *MOTIONS, *COLOURS)


def test_no_word_has_two_meanings():
    words = Counter(chain.from_iterable((*one.english, *one.chinese) for one in MEANINGS))
    assert [word for word, times in words.items() if times > 1] == []


def test_no_filler_has_a_meaning():
    words = set(chain.from_iterable((*one.english, *one.chinese) for one in MEANINGS))
    assert words.isdisjoint({*ENGLISH_FILLERS, *CHINESE_FILLERS})


def test_everything_has_words_in_both_languages():
    for meaning in MEANINGS:
        assert all(word.isascii() and word.islower() for word in meaning.english)
        assert meaning.chinese
        assert not any(word.isascii() for word in meaning.chinese)


def test_every_thing_has_a_picture_of_its_own():
    assert len({thing.picture for thing in THINGS}) == len(THINGS) >= 16
