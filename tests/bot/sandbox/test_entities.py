"""Text, its cleaning, and offsets in UTF-16."""

from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.entities import formatted, with_found_entities
from bot.sandbox.errors import BotApiError
from bot.sandbox.html import parse_html
from bot.sandbox.utf16 import utf16_length, utf16_slice


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


def test_given_entities_count_in_utf_16() -> None:
    text, entities = formatted("🐈 cat", "", [entity("bold", 3, 3)])
    assert text == "🐈 cat"
    assert entities == [entity("bold", 3, 3)]


@pytest.mark.parametrize(
    "wrong", [entity("bold", 1, 2), entity("bold", 0, 1), entity("bold", 0, 99)]
)
def test_an_entity_that_cuts_a_character_or_ends_too_late_is_refused(wrong: Any) -> None:
    with pytest.raises(BotApiError, match="entity"):
        formatted("🐈 cat", "", [wrong])


@pytest.mark.parametrize("wrong", ["bold", {"type": "bold"}, 5, [entity("shiny", 0, 1)], [1]])
def test_entities_of_another_form_are_refused(wrong: Any) -> None:
    with pytest.raises(BotApiError, match="parse"):
        formatted("cat", "", wrong)


def test_space_at_the_ends_is_cut_and_entities_move_along() -> None:
    text, entities = formatted(" \n <b>cat</b>\r\n ", "HTML", None)
    assert text == "cat"
    assert entities == [entity("bold", 0, 3)]


def test_control_characters_become_spaces_and_carriage_returns_go() -> None:
    text, entities = formatted("a\x00b\r\ncat", "", [entity("bold", 5, 3)])
    assert text == "a b\ncat"
    assert entities == [entity("bold", 4, 3)]


def test_an_entity_of_space_alone_is_dropped() -> None:
    text, entities = formatted("cat<b>  </b>", "HTML", None)
    assert (text, entities) == ("cat", [])


@pytest.mark.parametrize("mode", ["Markdown", "MarkdownV2", "bbcode"])
def test_other_parse_modes_are_refused(mode: str) -> None:
    with pytest.raises(BotApiError, match="pars"):
        formatted("*cat*", mode, None)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(BotApiError, match="strings must be encoded in UTF-8"):
        formatted("\ud83d", "", None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start", [("bot_command", 0, 6)]),
        ("🐈 /video@some_bot a cat", [("bot_command", 3, 15)]),
        ("and/or", []),
        ("/猫", []),
        ("/video猫", []),
        ("hi @ada!", [("mention", 3, 4)]),
        ("mail@ada", []),
        ("#cat #1", [("hashtag", 0, 4)]),
        ("see https://example.org/x.", [("url", 4, 21)]),
    ],
)
def test_commands_mentions_hashtags_and_links_are_found(
    text: str, found: list[tuple[str, int, int]]
) -> None:
    entities = with_found_entities(text, [])
    assert [(one["type"], one["offset"], one["length"]) for one in entities] == found


def test_nothing_is_found_inside_code() -> None:
    _, entities = formatted("<code>/start</code>", "HTML", None)
    assert [one["type"] for one in entities] == ["code"]


@settings(max_examples=100)
@given(
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.sampled_from(["b", "i", "code", "pre", "blockquote", "tg-spoiler"]),
    st.text(st.characters(codec="utf-8"), max_size=40),
)
def test_any_escaped_text_survives_and_its_entities_fit(before: str, tag: str, inside: str) -> None:
    markup = f"{escape(before, quote=False)}<{tag}>{escape(inside, quote=False)}</{tag}>"
    plain, entities = parse_html(markup)
    assert plain == before + inside
    for found in entities:
        assert utf16_slice(plain, found["offset"], found["length"]) == inside
    cleaned, entities = formatted(markup, "HTML", None)
    assert cleaned == cleaned.strip()
    for found in entities:
        assert found["offset"] >= 0
        assert found["length"] > 0
        assert found["offset"] + found["length"] <= utf16_length(cleaned)
