import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.options import OptionRejected
from bot.prompts import (
    MOST_CODE_POINTS,
    PromptRejected,
    Refusal,
    as_draft,
    clean,
    count_characters,
    parse,
    parse_onto,
)
from inference import catalog

MODEL = catalog.find("builtin")
MODELS = {MODEL.name: MODEL}


def rejection(text: str) -> PromptRejected:
    with pytest.raises(PromptRejected) as caught:
        parse(text, models=MODELS, seed=1)
    return caught.value


def test_a_sentence_becomes_a_request_in_the_models_own_shape() -> None:
    request = parse("  a cat\nmoves  left ", models=MODELS, seed=7)
    assert request.prompt == "a cat moves left"
    assert (request.seed, request.model) == (7, "builtin")
    assert request.seconds == MODEL.default_seconds
    assert request.aspect_ratio == MODEL.default_aspect_ratio


def test_199_characters_pass_and_200_do_not() -> None:
    assert parse("x" * 199, models=MODELS, seed=1).prompt == "x" * 199
    error = rejection("x" * 200)
    assert (error.reason, error.length, error.limit) == (Refusal.TOO_LONG, 200, 199)


def test_characters_are_counted_as_people_see_them() -> None:
    family = "👩\u200d👩\u200d👧"
    assert count_characters(family) == 1
    assert parse("猫" * 199, models=MODELS, seed=1)
    assert parse(family * 100, models=MODELS, seed=1)
    assert rejection("猫" * 200).length == 200


def test_a_pile_of_accents_is_refused_by_its_code_points() -> None:
    error = rejection("e" + "\u0301" * (MOST_CODE_POINTS + 1))
    assert (error.reason, error.limit) == (Refusal.TOO_DENSE, 600)


def test_composed_and_decomposed_spellings_are_one_prompt() -> None:
    assert clean("cafe\u0301") == clean("caf\u00e9")


@pytest.mark.parametrize(
    "text",
    ["", "  \n\t", "\u202e\u2066", "\u200b", "\x00\x07", "\u200d", "\u3164 \u2800", "\u115f"],
)
def test_nothing_visible_is_no_prompt(text: str) -> None:
    assert rejection(text).reason is Refusal.EMPTY


def test_controls_bidi_overrides_and_lone_surrogates_are_stripped() -> None:
    assert clean("a\x00b\u202ec\u2069d\ud800e\x1b[31m") == "abcde[31m"


@given(st.text())
def test_what_passes_is_clean_short_and_storable(text: str) -> None:
    try:
        prompt = parse(text, models=MODELS, seed=1).prompt
    except (PromptRejected, OptionRejected):
        return
    assert 1 <= count_characters(prompt) <= 199
    assert len(prompt) <= MOST_CODE_POINTS
    assert unicodedata.is_normalized("NFC", prompt)
    assert clean(prompt) == prompt
    prompt.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a cat", 2),
        ("a cat --seed=", None),
        ("一只猫--ar 1:1", 2),
        ("a cat --steps draft, --seed 5", 2),
        ("a cat —steps ＤＲＡＦＴ", 2),
        ("a cat --", 2),
    ],
)
def test_a_draft_is_the_prompt_with_few_steps(text: str, steps: int | None) -> None:

    if steps is None:
        with pytest.raises(OptionRejected, match="seed"):
            parse(as_draft(text), models=MODELS, seed=1)
    else:
        assert parse(as_draft(text), models=MODELS, seed=1).steps == steps


@pytest.mark.parametrize("value", ["best", "standard", "", "30"])
def test_a_draft_of_other_steps_is_refused(value: str) -> None:
    with pytest.raises(OptionRejected) as caught:
        as_draft(f"a cat --steps {value}")
    assert (caught.value.option, caught.value.choices) == ("steps", ("draft",))


def test_an_edit_by_another_model_keeps_the_seed_and_what_is_joined_keeps_its_model() -> None:
    models = {name: catalog.find(name) for name in ("builtin", "cogvideox-2b")}
    clip = parse("a cat --seed 7 --ar 16:9 --steps draft", models=models, seed=1)
    edited = parse_onto(clip, "a dog --model cogvideox-2b", models=models)
    assert edited == parse("a dog --model cogvideox-2b", models=models, seed=7)
    assert parse_onto(clip, "a dog", models=models, joined=True).steps == clip.steps
    with pytest.raises(OptionRejected) as refused:
        parse_onto(clip, "a dog --model cogvideox-2b", models=models, joined=True)
    assert (refused.value.option, refused.value.choices) == ("model", ("builtin",))
