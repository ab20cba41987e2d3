import contextlib
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import Language
from bot.options import NAMES, OptionRefusal, OptionRejected
from bot.prompts import PromptRejected, Refusal, parse
from bot.replies.prompts import explain, list_options
from inference import catalog
from inference.catalog import shipped
from inference.entry import ModelEntry
from inference.values import Request

BUILTIN, WAN = catalog.find("builtin"), catalog.find("wan2.2-ti2v-5b")
LONG = replace(WAN, name="long", most_frames=241)


def read(text: str, model: ModelEntry = WAN) -> Request:
    return parse(text, models={model.name: model}, seed=1)


def rejection(text: str, model: ModelEntry = WAN) -> OptionRejected:
    with pytest.raises(OptionRejected) as caught:
        read(text, model)
    return caught.value


def answer(text: str, model: ModelEntry = WAN, language: str = "en") -> str:
    return explain(Language(language), rejection(text, model))


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("a cat --ar 9:16", {"aspect_ratio": "9:16"}),
        ("a cat --ar=9:16", {"aspect_ratio": "9:16"}),
        ("a cat --ar = 9:16", {"aspect_ratio": "9:16"}),
        ("a cat --AR 9：16", {"aspect_ratio": "9:16"}),
        ("a cat --ar １：１", {"aspect_ratio": "1:1"}),
        ("a cat —ar 9:16", {"aspect_ratio": "9:16"}),
        ("a cat –ar=9:16", {"aspect_ratio": "9:16"}),
        ("a cat ——ar 9:16", {"aspect_ratio": "9:16"}),
        ("--ar 9:16 a cat", {"aspect_ratio": "9:16"}),
        ("a --ar 9:16 cat", {"aspect_ratio": "9:16"}),
        ("a cat\n--ar\n9:16", {"aspect_ratio": "9:16"}),
        ("a cat --seconds 5", {"seconds": 5.0}),
        ("a cat --seed 0", {"seed": 0}),
        ("a cat --Seed 4294967295", {"seed": 2**32 - 1}),
        ("a cat --seed 007", {"seed": 7}),
        ("a cat --model wan2.2-ti2v-5b", {}),
        ("a cat --steps DRAFT", {"steps": 15}),
        ("a cat --steps standard", {"steps": None}),
        ("a cat --steps best", {"steps": 100}),
        ("a cat --no dogs, text", {"negative_prompt": "dogs, text"}),
        ("a cat —no dogs", {"negative_prompt": "dogs"}),
        (
            "a cat --seed5 --AR9:16--no dogs",
            {"seed": 5, "aspect_ratio": "9:16", "negative_prompt": "dogs"},
        ),
        ("a cat --ar 9:16--seed 5", {"aspect_ratio": "9:16", "seed": 5}),
        ("a cat --ar 9:16.", {"aspect_ratio": "9:16"}),
        ('a cat --ar "9:16"', {"aspect_ratio": "9:16"}),
        ("a cat --seconds 5s", {"seconds": 5.0}),
        ("a cat --seconds 5sec --ar 9:16", {"aspect_ratio": "9:16"}),
        ("a --seconds 5 seconds --seed 5 cat", {"seed": 5}),
        ("a cat －－ar 9：16", {"aspect_ratio": "9:16"}),
        ("a cat −−ar 9:16", {"aspect_ratio": "9:16"}),
        ("a cat--ar 9:16", {"aspect_ratio": "9:16"}),
        ("a cat--steps draft", {"steps": 15}),
        (
            "a cat --no Two Dogs --seed 5, --ar 1:1, --steps draft",
            {"negative_prompt": "Two Dogs", "seed": 5, "aspect_ratio": "1:1", "steps": 15},
        ),
    ],
)
def test_options_change_the_request_and_leave_the_prompt(
    text: str, changes: dict[str, object]
) -> None:
    assert read(text) == replace(read("a cat"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "一只猫 --ar 9:16 --seed 5 --no 狗",
        "一只猫--ar 9：16 --seed 5 --no狗",
        "一只猫——ar 9:16，--seed=５，--no＝狗",
        "--no 狗--ar 9:16 一只猫 --seed 5",
        "--no 狗--ar 9:16一只猫--seed5",
        "--ar９：１６，一只猫--seconds 5秒--seed 5 --no 狗",
        "一只猫－－ar ９：１６ --seconds 5 秒 --seed 5 －－no 狗",
    ],
)
def test_chinese_needs_no_spaces_around_an_option(text: str) -> None:
    asked = {"aspect_ratio": "9:16", "seed": 5, "negative_prompt": "狗"}
    assert read(text) == replace(read("一只猫"), **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "a cat -- big",
        "a cat - big",
        "a cat --",
        "--",
        "a cat – big — round",
        "a 5–seconds cat",
        "a cat of 1990--notable",
        "a cat.--no dogs",
        "he waits--seconds pass",
        "－ar 1:1",
        "a cat —big",
        "a cat —noël —no-nonsense",
        "a cat—no dogs",
        "a well--known cat",
        "a cat ---ar 1:1",
        "a cat --5",
        "猫——跑步",
        "猫--跑",
        "猫 —— 跑",
        "猫 ——跑",
        "——",
        "-ar 1:1",
    ],
)
def test_dashes_amid_text_are_no_option(text: str) -> None:
    assert read(text) == replace(read("a cat"), prompt=text)


@pytest.mark.parametrize(
    ("text", "reason", "sentence"),
    [
        (
            "a cat --foo 3",
            OptionRefusal.UNKNOWN,
            "There is no option --foo; there are --ar, --seconds, --seed, --no, --model, --steps.",
        ),
        ("a cat --v42", OptionRefusal.UNKNOWN, "There is no option --v42; there are --ar"),
        ("一只猫 --比例 16:9", OptionRefusal.UNKNOWN, "There is no option --比例; there are --ar"),
        ("--种子5 猫", OptionRefusal.UNKNOWN, "There is no option --种子; there are --ar"),
        (
            "a cat --ar 1:1 —AR 16:9",
            OptionRefusal.TWICE,
            "--ar stands there twice; write it once.",
        ),
        ("a cat --ar", OptionRefusal.MISSING, "--ar needs a value: 16:9, 9:16, 1:1."),
        ("a cat --ar --seed 5", OptionRefusal.MISSING, "--ar needs a value: 16:9, 9:16, 1:1."),
        ("a cat --steps=", OptionRefusal.MISSING, "--steps needs a value: draft, standard, best."),
        ("a cat --no", OptionRefusal.MISSING, "--no needs a value: what the video shall not show."),
        (
            "a cat --seed",
            OptionRefusal.MISSING,
            "--seed needs a value: a whole number from 0 to 4294967295.",
        ),
        (
            "a cat --ar 4:3",
            OptionRefusal.IMPOSSIBLE,
            "--ar can be 16:9, 9:16, 1:1 here, not “4:3”.",
        ),
        ("a cat --seconds 10", OptionRefusal.IMPOSSIBLE, "--seconds can only be 5 here, not “10”."),
        ("a cat --seconds 9s", OptionRefusal.IMPOSSIBLE, "--seconds can only be 5 here, not “9s”."),
        ("a cat --seconds 十", OptionRefusal.IMPOSSIBLE, "--seconds can only be 5 here, not “十”."),
        (
            "a cat --model sora",
            OptionRefusal.IMPOSSIBLE,
            "--model can only be wan2.2-ti2v-5b here, not “sora”.",
        ),
        (
            "a cat --steps 30",
            OptionRefusal.IMPOSSIBLE,
            "--steps can be draft, standard, best here, not “30”.",
        ),
    ],
)
def test_each_mistake_gets_one_sentence_that_names_what_is_allowed(
    text: str, reason: OptionRefusal, sentence: str
) -> None:
    assert rejection(text).reason is reason
    assert answer(text).startswith(sentence)
    assert answer(text).endswith(". Nothing was charged.")


@pytest.mark.parametrize(
    "seed", ["-1", "4294967296", "1.5", "1e3", "x", "٣", "²³x", "9" * 4000, "0x10"]
)
def test_a_seed_is_a_whole_number_of_32_bits(seed: str) -> None:
    said = answer(f"a cat --seed {seed}")
    assert "--seed can be a whole number from 0 to 4294967295 here" in said
    assert len(said) < 200


def test_without_guidance_a_negative_prompt_is_said_to_have_no_effect() -> None:
    assert rejection("a cat --no dogs", BUILTIN).reason is OptionRefusal.NO_EFFECT
    assert "--no has no effect on the model here" in answer("a cat --no dogs", BUILTIN)
    assert "--no 对这里的模型不起作用" in answer("一只猫 --no 狗", BUILTIN, "zh")


def test_seconds_are_those_that_the_model_can_make() -> None:
    assert read("a cat --seconds 10", LONG).seconds == 10.0
    assert "--seconds can be 5, 10 here" in answer("a cat --seconds 20", LONG)
    assert "--seconds 在这里只能是：5，" in answer("一只猫 --seconds 10", BUILTIN, "zh")


@pytest.mark.parametrize("model", shipped().values(), ids=shipped())
def test_what_help_offers_every_model_takes(model: ModelEntry) -> None:
    line = list_options(Language("en"), [model]).replace("NUMBER", "7").replace("WORDS", "dogs")
    head, *options = line.split(" --")
    assert head == "Options, behind the prompt:"
    for option in options:
        name, _, values = option.partition(" ")
        for value in values.split("|"):
            catalog.check(model, read(f"a cat --{name} {value}", model))
    offered = {option.split()[0] for option in options}
    assert offered == set(NAMES) - (set() if model.has_negative_prompt else {"no"})


def test_the_prompt_and_the_negative_prompt_are_measured_apart() -> None:
    request = read(f"{'x' * 199} --no {'y' * 199} --ar 1:1 --seed 4294967295")
    assert (len(request.prompt), len(request.negative_prompt)) == (199, 199)
    for text, reason, part in [
        (f"{'x' * 200} --no y", Refusal.TOO_LONG, "Your prompt has 200 characters"),
        (f"x --no {'y' * 200}", Refusal.NEGATIVE_TOO_LONG, "Your words after --no have 200"),
        (
            "x --no y" + "\u0301" * 700,
            Refusal.NEGATIVE_TOO_DENSE,
            "Your words after --no pack 700 code",
        ),
    ]:
        with pytest.raises(PromptRejected) as caught:
            read(text)
        assert caught.value.reason is reason
        assert explain(Language("en"), caught.value).startswith(part)


def test_options_alone_are_no_prompt() -> None:
    with pytest.raises(PromptRejected) as caught:
        read("--ar 1:1 --no dogs")
    assert caught.value.reason is Refusal.EMPTY


PIECES = ("-", "--", "-- ", "—", "——ar", " --a", "—big ", "猫--a", "--no ", "--ar=", "=", "--seed ")


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_texts_are_refused_in_a_time_that_grows_with_their_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        started = time.process_time()
        for _ in range(3):
            with pytest.raises((PromptRejected, OptionRejected)) as caught:
                read(text)
        spent = time.process_time() - started
        assert len(explain(Language("en"), caught.value)) < 200
        return spent

    seconds(1_000)
    # Sixteen times the text; a time that grew with its square would be 256 times as long.
    assert seconds(80_000) < 80 * max(seconds(5_000), 0.001)


@given(st.lists(st.sampled_from([*PIECES, " ", "\u0301", "16:9", "5"]) | st.text(max_size=9)))
def test_any_text_is_refused_or_becomes_a_request_without_options_in_its_prompt(
    parts: list[str],
) -> None:
    with contextlib.suppress(PromptRejected, OptionRejected):
        request = read("".join(parts))
        catalog.check(WAN, request)
        assert read(request.prompt) == replace(read("a cat"), prompt=request.prompt)
