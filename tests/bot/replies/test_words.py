"""What people read about the words of a model that knows few."""

import re
from itertools import chain, pairwise

import pytest

from bot.languages import Language
from bot.replies.words import TEXT_UNITS, list_words, name_unknown
from bot.text_length import utf16_length
from inference import catalog, vocabulary
from inference.prompt_words import unknown_words
from inference.vocabulary import KINDS, THINGS

ENGLISH, CHINESE = Language("en"), Language("zh")
BOTH = pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["English", "Chinese"])
BUILTIN = catalog.find("builtin")
TABLES = [table for table in vocabulary.TABLES if table is not THINGS]


def answer(language: Language, argument: str = "", units: int = TEXT_UNITS) -> str:
    """What /words says of the built-in model."""
    text = list_words(language, BUILTIN, argument, units=units)
    assert utf16_length(text) <= units
    return text


def names_of(kind: str) -> list[str]:
    return [thing.name for thing in THINGS if thing.kind == kind]


def kind_commands(language: Language) -> list[str]:
    """What the overview says to send after /words, kind by kind."""
    return re.findall(r"[:：] ?/words (\S+)$", answer(language), re.MULTILINE)


def listed(text: str) -> list[str]:
    """The names of an English list, without its heading and the way to the next page."""
    names = text.partition(": ")[2].partition("\n\n")[0]
    return names.split(", ")


def test_words_counts_the_things_and_says_how_each_kind_is_listed() -> None:
    text = answer(ENGLISH)
    assert text.startswith(f"The built-in model knows {len(THINGS)} things:\n")
    for kind in KINDS:
        line = f"{kind.capitalize()} ({len(names_of(kind))}): /words {kind}"
        assert line in text.splitlines()


def test_words_names_everything_but_the_things_in_the_persons_language() -> None:
    english, chinese = answer(ENGLISH), answer(CHINESE)
    for table in TABLES:
        assert f": {', '.join(meaning.name for meaning in table)}\n" in english
        assert f"：{'、'.join(meaning.chinese[0] for meaning in table)}\n" in chinese
    assert "Ways to move: left, right" in english
    assert "动作：向左、向右" in chinese
    assert set(re.findall("[A-Za-z]+", chinese)) == {"words"}


@BOTH
def test_words_ends_with_two_prompts_that_the_model_knows(language: Language) -> None:
    examples = answer(language).splitlines()[-2:]
    assert [unknown_words(prompt) for prompt in examples] == [(), ()]
    assert re.search("penguin|企鹅", examples[0])
    assert re.search("astronaut|宇航员", examples[1])


@BOTH
def test_every_command_in_the_overview_lists_its_kind(language: Language) -> None:
    commands = kind_commands(language)
    assert len(set(commands)) == len(KINDS)
    for kind, command in zip(KINDS, commands, strict=True):
        for thing in THINGS:
            name = thing.chinese[0] if language.code == "zh" else thing.name
            assert thing.kind != kind or name in answer(language, command)


def test_every_kind_has_a_chinese_title() -> None:
    assert not any(command.isascii() for command in kind_commands(CHINESE))


@pytest.mark.parametrize("asked", ["animals", "ANIMALS", " Animals ", "动物", "ａｎｉｍａｌｓ"])
def test_a_kind_is_listed_whole_and_its_title_may_be_of_either_language(asked: str) -> None:
    assert listed(answer(ENGLISH, asked)) == names_of("animals")
    assert answer(CHINESE, asked).startswith("动物（")
    assert "企鹅" in answer(CHINESE, asked)


def test_the_other_lists_can_be_asked_for_too() -> None:
    assert listed(answer(ENGLISH, "ways to move"))[:2] == ["left", "right"]
    assert answer(ENGLISH, "颜色").startswith("Colours (")


def test_a_long_list_has_pages_that_are_full_and_hold_every_name_once() -> None:
    units, found, command = 700, [], "objects"
    while command:
        page = len(found) + 1
        found.append(answer(ENGLISH, command, units))
        assert f"), page {page} of " in found[-1]
        command = next(iter(re.findall(r"\nMore: /words (.+)$", found[-1])), "")
    assert list(chain.from_iterable(map(listed, found))) == names_of("objects")
    assert f"page {len(found)} of {len(found)}: " in found[-1]
    for text, following in pairwise(found):
        # Room is kept for numbers of pages with three digits, two more than these three have.
        assert units - utf16_length(text) < len(f", {listed(following)[0]}") + 3 * 2


@pytest.mark.parametrize(
    ("asked", "page"),
    [("objects 2", 2), ("Objects  2", 2), ("物品2", 2), ("objects ２", 2), ("objects 0", 1)],
)
def test_a_page_is_asked_for_by_its_number(asked: str, page: int) -> None:
    assert f", page {page} of " in answer(ENGLISH, asked, 700)


def test_a_page_behind_the_last_is_the_last() -> None:
    last = answer(ENGLISH, "objects 9999", 700)
    pages = re.findall(r"page (\d+) of (\d+)", last)
    assert pages
    assert pages[0][0] == pages[0][1]
    assert listed(answer(ENGLISH, "animals 7")) == names_of("animals")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("kitty", "“kitty” is a cat, see /words animals."),
        ("Kitty!", "“kitty” is a cat, see /words animals."),
        ("小猫", "“小猫” is a cat, see /words animals."),
        ("🐈", "“🐈” is a cat, see /words animals."),
        ("kitties", "“kitties” means “cat”, see /words animals."),
        ("cat", "“cat” is known, see /words animals."),
        ("chips", "“chips” means “fries”, see /words food."),
        ("ocean", "“ocean” means “sea”, see /words scenes."),
        ("dances", "“dances” means “dance”, see /words ways to move."),
        ("please", "“please” is known; it says nothing about the picture."),
        (
            "red kitty",
            "“red” is known, see /words colours.\n“kitty” is a cat, see /words animals.",
        ),
    ],
)
def test_words_says_as_what_the_model_knows_a_word(asked: str, expected: str) -> None:
    assert answer(ENGLISH, asked) == expected


def test_words_says_so_in_the_persons_language() -> None:
    assert answer(CHINESE, "kitty") == "“kitty”是猫，见 /words 动物。"
    assert answer(CHINESE, "dances") == "“dances”就是“跳舞”，见 /words 动作。"


def test_of_a_word_that_it_does_not_know_it_says_so_and_names_the_kinds() -> None:
    text = answer(ENGLISH, "blorp")
    assert text.startswith("The built-in model does not know “blorp”.\n")
    assert all(f"/words {kind}\n" in f"{text}\n" for kind in KINDS)
    assert answer(CHINESE, "blorp").startswith("内置模型不认识“blorp”。\n")
    both = answer(ENGLISH, "kitty blorp")
    assert both.startswith("“kitty” is a cat, see /words animals.\nThe built-in model does not")


@pytest.mark.parametrize(
    "asked",
    ["x" * 4000, "cat dog " * 500, "{0} {x}", "\ud800", "\u202e", "!?", "9", "objects 99999"],
)
def test_whatever_follows_words_has_an_answer_that_fits(asked: str) -> None:
    assert answer(ENGLISH, asked)
    assert answer(CHINESE, asked)


@pytest.mark.parametrize("argument", ["", "animals", "blorp"])
def test_a_model_of_all_words_has_no_list(argument: str) -> None:
    open_model = catalog.find("wan2.2-ti2v-5b")
    assert "whatever you like" in list_words(ENGLISH, open_model, argument)


def test_an_unknown_word_from_right_to_left_turns_nothing_around_it() -> None:
    assert "“\u2068قطة\u2069”, “x”" in name_unknown(ENGLISH, ["قطة", "x"])


def test_unknown_words_are_quoted_and_may_hold_braces() -> None:
    english, chinese = name_unknown(ENGLISH, ["{0}", "x"]), name_unknown(CHINESE, ["x", "y"])
    assert english.startswith("The built-in model does not know “{0}”, “x”; it knows ")
    assert "“x”、“y”" in chinese
