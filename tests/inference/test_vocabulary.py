"""The words of the built-in model."""

import random
from collections import Counter
from itertools import chain

import pytest

from inference.training.captions import caption
from inference.training.tokenizer import UNKNOWN, build_tokenizer
from inference.vocabulary import (
    CHINESE_FILLERS,
    COLOURS,
    ENGLISH_FILLERS,
    MOTIONS,
    THINGS,
    unknown_words,
)

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


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("A Cat, moving LEFT on blue!", ()),
        ("a volcano moves left on a blue background", ("volcano",)),
        ("a volcano and a Volcano and a dragon2", ("volcano", "dragon2")),
        ("一只猫在蓝色背景上向左移动", ()),
        ("请画一座火山，红色背景", ("火山",)),
        ("a 火山cat flies", ("火山",)),
        ("ｃａｔ left", ()),
        ("", ()),
        ("🐈 !?", ("🐈",)),
        ("a हिन्दी cat, don't—“stop”", ("हिन्दी", "don", "t", "stop")),
    ],
)
def test_the_words_nobody_taught_are_named_once_each(prompt, unknown):
    assert unknown_words(prompt) == unknown


def test_no_caption_of_the_training_has_an_unknown_word():
    chooser = random.Random(3)
    for _ in range(2000):
        text = caption(
            chooser, chooser.choice(THINGS), chooser.choice(MOTIONS), chooser.choice(COLOURS)
        )
        assert unknown_words(text) == (), text


def test_what_is_called_unknown_is_what_the_tokenizer_does_not_know():
    tokenizer = build_tokenizer()
    for prompt in ("a volcano moves left", "请画一座火山，红色背景", "robot 机器人 robots", "cat2"):
        tokens = tokenizer.convert_ids_to_tokens(tokenizer(prompt).input_ids)
        assert (UNKNOWN in tokens) == bool(unknown_words(prompt)), prompt
