"""Inline mode: what people type behind @bot, the bot's results, and the one that they post.

Telegram's limits are those of the Bot API (InlineQuery, answerInlineQuery). Of the results the
sandbox knows videos by file_id (InlineQueryResultCachedVideo), since an inline result cannot be
uploaded.
"""

import re
from typing import Any

from bot.sandbox import files, messages
from bot.sandbox.entities import CAPTION_LIMIT, formatted
from bot.sandbox.errors import BotApiError, PageError, bad_request
from bot.sandbox.keyboard import keyboard
from bot.sandbox.messages import Message
from bot.sandbox.methods_queries import answer_of, new_query, take_answer
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import Person, is_private, user_json
from bot.sandbox.state import State
from bot.sandbox.updates import post_update
from bot.sandbox.utf16 import utf16_length

MOST_RESULTS = 50
QUERY_UNITS = 256
OFFSET_BYTES = 64
DEFAULT_CACHE_SECONDS = 300
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


def is_on(state: State) -> bool:
    """Whether the bot's owner has turned inline mode on (/setinline at @BotFather)."""
    return bool(state.setting("inline_mode", default=True))


def turn(state: State, *, on: bool) -> None:
    """What @BotFather's /setinline does. A running bot learns of it by getMe alone."""
    state.set_setting("inline_mode", on)


def ask(state: State, person: Person, chat_id: int, query: str, offset: str) -> str:
    """The id of the inline query that answers what somebody typed behind @bot in a chat.

    As on Telegram the bot is not asked while an answer to the same words may be cached: the
    person's own, or anybody's that was not called personal. Raises: PageError.
    """
    if not is_on(state):
        raise PageError("This bot has no inline mode.")
    if utf16_length(query) > QUERY_UNITS or len(offset.encode()) > OFFSET_BYTES:
        raise PageError(f"An inline query has at most {QUERY_UNITS} characters.")
    cached = state.value(
        "SELECT query_id FROM inline_queries WHERE query = ? AND offset_ = ? AND fresh_until > ? "
        "AND (person = ? OR is_personal = 0) ORDER BY fresh_until DESC LIMIT 1",
        query,
        offset,
        state.clock(),
        person.id,
    )
    if cached is not None:
        return str(cached)
    query_id = new_query(state, "inline")
    state.write(
        "INSERT INTO inline_queries VALUES (?, ?, ?, ?, 1, 0)", query_id, person.id, query, offset
    )
    payload = {
        "id": query_id,
        "from": user_json(person.id),
        "query": query,
        "offset": offset,
        "chat_type": "sender" if is_private(chat_id) else "supergroup",
    }
    post_update(state, "inline_query", payload)
    return query_id


def answer_inline_query(state: State, parameters: Parameters) -> Any:
    """Telegram's answerInlineQuery."""
    results = parameters.structure("results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results JSON array")
    if len(results) > MOST_RESULTS:
        raise bad_request("too many inline query results specified")
    checked = [_result(state, result) for result in results]
    if len({result["id"] for result in checked}) < len(checked):
        raise bad_request("RESULT_ID_DUPLICATE")
    next_offset = parameters.text("next_offset")
    if len(next_offset.encode()) > OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    query_id = parameters.text("inline_query_id")
    is_personal = parameters.boolean("is_personal")
    cache_seconds = parameters.number("cache_time", DEFAULT_CACHE_SECONDS, 0, 2**31 - 1)
    answer = {
        "query_id": query_id,
        "results": checked,
        "next_offset": next_offset,
        "button": _button(parameters.structure("button")),
        "is_personal": is_personal,
        "cache_time": cache_seconds,
    }
    take_answer(state, query_id, "inline", answer)
    state.write(
        "UPDATE inline_queries SET is_personal = ?, fresh_until = ? WHERE query_id = ?",
        is_personal,
        state.clock() + cache_seconds,
        query_id,
    )
    return True


def choose(state: State, person: Person, chat_id: int, query_id: str, result_id: str) -> Message:
    """The message that posts a result: the person's own, via the bot. Raises: PageError."""
    answer = answer_of(state, query_id) or {}
    found = [one for one in answer.get("results", []) if one["id"] == result_id]
    if not found:
        raise PageError("There is no such result.")
    names = ("media", "caption", "caption_entities", "reply_markup")
    content = {name: found[0][name] for name in names if found[0].get(name)}
    message = messages.add(state, chat_id, person.id, {**content, "via_bot": True})
    # A bot sees what was posted via itself, also in a group and with privacy mode on.
    post_update(state, "message", messages.bot_form(state, message))
    return message


def page_form(state: State, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer as the page shows it: each result with its video."""
    results = [
        {
            "id": result["id"],
            "title": result["title"],
            "description": result["description"],
            "caption": result.get("caption", ""),
            **files.page_form(state, result["media"]),
        }
        for result in answer["results"]
    ]
    return {**answer, "results": results}


def _result(state: State, result: Any) -> dict[str, Any]:
    """The checked result. Raises: BotApiError."""
    if not isinstance(result, dict):
        raise bad_request("can't parse InlineQueryResult: expected an Object")
    given = Parameters(result)
    name = given.text("id")
    if not name:
        raise bad_request("RESULT_ID_EMPTY")
    if len(name.encode()) > 64:
        raise bad_request("RESULT_ID_INVALID")
    if given.text("type") != "video" or "video_file_id" not in given:
        raise bad_request(
            "can't parse InlineQueryResult: the sandbox knows videos by video_file_id only"
        )
    if not given.text("title").strip():
        raise bad_request("VIDEO_TITLE_EMPTY")
    try:
        media = files.by_file_id(state, given.text("video_file_id"), "video")
    except BotApiError:
        raise bad_request("wrong remote file identifier specified: can't unserialize it") from None
    caption, entities = formatted(
        given.text("caption"), given.text("parse_mode"), given.structure("caption_entities")
    )
    if utf16_length(caption) > CAPTION_LIMIT:
        raise bad_request("MEDIA_CAPTION_TOO_LONG")
    return {
        "id": name,
        "title": given.text("title").strip(),
        "description": given.text("description"),
        "media": media,
        "caption": caption,
        "caption_entities": entities,
        **keyboard(given),
    }


def _button(button: Any) -> dict[str, str] | None:
    """The button above the results, which sends the bot `/start PARAMETER`. Raises: BotApiError."""
    if button is None:
        return None
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad_request("can't parse InlineQueryResultsButton: text must be non-empty")
    parameter = str(button.get("start_parameter", ""))
    if not parameter:
        raise bad_request("can't use empty start_parameter")
    if len(parameter) > 64:
        raise bad_request("too long start_parameter specified")
    if not _START_PARAMETER.fullmatch(parameter):
        raise bad_request("unallowed characters in start_parameter are used")
    return {"text": str(button["text"]).strip(), "start_parameter": parameter}
