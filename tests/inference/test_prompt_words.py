"""How prompts fall into words."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.prompt_words import shows_something, unknown_words
from inference.training.captions import caption
from inference.training.stories import draw_story
from inference.training.tokenizer import UNKNOWN, build_tokenizer
from inference.vocabulary import meanings_of_words

TOKENIZER = build_tokenizer()
KNOWN = sorted(meanings_of_words())


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("A Cat, moving LEFT on blue!", ()),
        ("a blorp moves left on a blue background", ("blorp",)),
        ("a blorp and a Blorp and a dragon2", ("blorp", "dragon2")),
        ("一只猫在蓝色背景上向左移动", ()),
        ("请画一座天坛，红色背景", ("天坛",)),
        ("a 天坛cat flies", ("天坛",)),
        ("ｃａｔ left", ()),
        ("", ()),
        ("🐈 🚀!?", ()),
        ("a 🪤🛗☸ cat", ("☸",)),
        ("a हिन्दी cat, grblx's—“frob”", ("हिन्दी", "grblx", "frob")),
        ("polar bear", ()),
        ("a polarized bear", ("polarized",)),
        ("T-Rex riding a bicycle", ()),
        ("It's snowing: the dog’s ball and a CAT'S", ()),
        ("a man's shoe, a cat's-eye, s's", ("s",)),
        ("rock'n'roll's", ("rock'n'roll",)),
    ],
)
def test_the_words_nobody_taught_are_named_once_each(prompt, unknown):
    assert unknown_words(prompt) == unknown


def test_a_long_prompt_takes_no_time():
    began = time.process_time()
    unknown_words("天地玄黄blorp, " * 500)
    unknown_words("猫" * 5000)
    unknown_words("a" * 5000)
    assert time.process_time() - began < 1


def test_hardly_a_caption_of_the_training_has_an_unknown_word():
    # The longest known words are read first, from the left. Chinese has no spaces: 大 (big) before
    # 树懒 (sloth) begins with 大树 (tree); and "a blue book pile" begins with a blue book.
    chooser = random.Random(3)
    texts = [caption(chooser, draw_story(chooser)) for _ in range(1500)]
    assert sum(bool(unknown_words(text)) for text in texts) < len(texts) / 100
    english = [text for text in texts if text.isascii()]
    assert sum(bool(unknown_words(text)) for text in english) < len(english) / 200


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(KNOWN), st.text(max_size=6), st.sampled_from([", ", "。", "-", "'"])
        ),
        max_size=8,
    ),
    st.sampled_from(["", " "]),
)
def test_what_is_called_unknown_is_what_the_tokenizer_does_not_know(parts, between):
    prompt = between.join(parts)
    tokens = TOKENIZER.convert_ids_to_tokens(TOKENIZER(prompt).input_ids)
    assert (UNKNOWN in tokens) == bool(unknown_words(prompt)), (prompt, tokens)


@pytest.mark.parametrize(
    "prompt",
    ["a kitty", "海边", "snowing", "blue", "zorp the 🐈", "TWO ＣＡＴＳ", "a blorp on a cat", "雪"],
)
def test_a_thing_a_place_a_weather_or_a_colour_is_something_to_show(prompt: str) -> None:
    assert shows_something(prompt)


@pytest.mark.parametrize(
    "prompt",
    ["zorp", "the two", "dances", "量子纠缠", "zoom in", "a big one", "¿?", "and", "x" * 600],
)
def test_words_that_only_say_how_show_nothing(prompt: str) -> None:
    assert not shows_something(prompt)
