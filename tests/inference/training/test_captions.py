"""Captions, and the tokenizer that reads them."""

import random
from itertools import product

import pytest

from inference.training.captions import caption, chinese, english
from inference.training.tokenizer import LONGEST, UNKNOWN, build_tokenizer
from inference.vocabulary import COLOURS, MOTIONS, THINGS


@pytest.fixture(scope="module")
def tokenizer():
    """The built-in model's tokenizer."""
    return build_tokenizer()


def test_every_caption_is_made_of_known_words(tokenizer):
    chooser = random.Random(0)
    for thing, motion, colour in product(THINGS, MOTIONS, (*COLOURS, None)):
        text = caption(chooser, thing, motion, colour)
        assert UNKNOWN not in tokenizer.tokenize(text), text


def test_a_caption_is_the_same_for_a_seed():
    first, second = (caption(random.Random(4), THINGS[0], MOTIONS[0], COLOURS[0]) for _ in "ab")
    assert first == second


@pytest.mark.parametrize("write", [english, chinese])
def test_a_caption_names_its_thing_and_motion(write, tokenizer):
    chooser = random.Random(1)
    thing, motion, colour = THINGS[3], MOTIONS[0], COLOURS[4]
    for _ in range(100):
        words = set(tokenizer.tokenize(write(chooser, thing, motion, colour)))
        for meaning in (thing, motion, colour):
            assert words & {*meaning.english, *meaning.chinese}


def test_an_unknown_word_harms_no_neighbour(tokenizer):
    assert tokenizer.tokenize("a volcano and a cat") == ["a", UNKNOWN, "and", "a", "cat"]
    assert tokenizer.tokenize("龘和猫") == [UNKNOWN, "和", "猫"]


def test_chinese_is_split_at_the_longest_known_words(tokenizer):
    assert tokenizer.tokenize("一只大熊猫向左移动") == ["一只", "大熊猫", "向左", "移动"]


def test_case_width_and_punctuation_change_nothing(tokenizer):
    plain = tokenizer("a cat on blue").input_ids
    assert tokenizer("A CAT, on Ｂｌｕｅ!").input_ids == plain


def test_the_tokenizer_is_the_same_after_saving(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    again = type(tokenizer).from_pretrained(tmp_path)
    text = "一只猫 moves left, volcano"
    assert again(text).input_ids == tokenizer(text).input_ids
    assert again.model_max_length == LONGEST
