import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from bot import languages
from bot.languages import Language, choose

KEYWORDS = {"_": None, "say": None, "say_many": (1, 2)}
SENTENCES = Path(languages.__file__).parent / "replies"
OTHERS = [code for code in languages.languages() if code != languages.SOURCE_LANGUAGE]


def sentences() -> set[str]:
    found = set()
    for module in SENTENCES.glob("*.py"):
        for _line, message, _comments, _context in extract_from_file(
            "python", str(module), keywords=KEYWORDS
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated_and_none_is_left_over(code: str) -> None:
    with Path(languages.LOCALES / f"{code}.po").open("rb") as file:
        catalog = read_po(file, locale=code)
    known = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            known[key] = message
    assert set(known) == sentences()
    for key, message in known.items():
        texts = [message.string] if isinstance(message.string, str) else message.string
        for text in texts:
            assert text, key
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", key)), key


@pytest.mark.parametrize(
    ("chosen", "code", "language"),
    [
        ("", "zh-hans", "zh"),
        ("", "zh_TW", "zh"),
        ("", "de", "en"),
        ("en", "zh", "en"),
        ("", "", "en"),
    ],
)
def test_the_persons_choice_wins_over_the_clients_language(
    chosen: str, code: str, language: str
) -> None:
    assert choose(chosen, code) == language


def test_plurals_numbers_and_spans_follow_the_language() -> None:
    english, chinese = Language("en"), Language("zh")
    assert english.say_many("{count} clip", "{count} clips", 1) == "1 clip"
    assert english.say_many("{count} clip", "{count} clips", 1200) == "1,200 clips"
    assert english.span(90) == "2 minutes"
    assert chinese.span(12) == "12秒钟"
    assert english.credits(25) == "2.5"
    assert english.credits(10) == "1"


@pytest.mark.parametrize(
    ("low", "high", "english", "chinese"),
    [
        (20, 40, "20–40 seconds", "20–40秒钟"),
        (30, 30, "30 seconds", "30秒钟"),
        (0.2, 1, "1 second", "1秒钟"),
        (40, 120, "40 seconds – 2 minutes", "40秒钟 – 2分钟"),
        (60, 120, "1–2 minutes", "1–2分钟"),
        (119, 121, "2 minutes", "2分钟"),
        (600, 3600, "10–60 minutes", "10–60分钟"),
        (3600, 10_800, "1–3 hours", "1–3小时"),
        (4200, 4500, "1 hour", "1小时"),
        (1800, 90_000, "30 minutes – 25 hours", "30分钟 – 25小时"),
        (86_400, 432_000, "1–5 days", "1–5天"),
    ],
)
def test_a_range_of_time_says_its_unit_once(
    low: float, high: float, english: str, chinese: str
) -> None:
    assert Language("en").span_between(low, high) == english
    assert Language("zh").span_between(low, high) == chinese
