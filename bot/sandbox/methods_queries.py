"""Answers to taps and inline queries: answerCallbackQuery, answerInlineQuery."""

import json
import secrets
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.parameters import Parameters
from bot.sandbox.state import State
from bot.sandbox.utf16 import utf16_length

# Telegram names no number; bots see the refusal below after about this long.
ANSWER_SECONDS = 15.0
CALLBACK_TEXT_LIMIT = 200
MOST_INLINE_RESULTS = 50


def new_query(state: State, kind: str) -> str:
    """The id of a new query that waits for an answer. kind: "callback" or "inline"."""
    query_id = str(secrets.randbits(62))
    state.write("INSERT INTO queries VALUES (?, ?, ?, NULL)", query_id, kind, state.clock())
    return query_id


def answer_of(state: State, query_id: str) -> dict[str, Any] | None:
    """What the bot answered; None while it has not."""
    answer = state.value("SELECT answer FROM queries WHERE query_id = ?", query_id)
    return None if answer is None else dict(json.loads(answer))


def answer_callback_query(state: State, parameters: Parameters) -> Any:
    """Telegram's answerCallbackQuery."""
    text = parameters.text("text")
    if utf16_length(text) > CALLBACK_TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": text, "show_alert": parameters.boolean("show_alert")}
    return _answer(state, parameters.text("callback_query_id"), "callback", answer)


def answer_inline_query(state: State, parameters: Parameters) -> Any:
    """Telegram's answerInlineQuery."""
    results = parameters.structure("results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results JSON array")
    if len(results) > MOST_INLINE_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    names = [result.get("id") if isinstance(result, dict) else None for result in results]
    if any(not isinstance(name, str) or not 1 <= len(name.encode()) <= 64 for name in names):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(names)) < len(names):
        raise bad_request("RESULT_ID_DUPLICATE")
    answer = {
        "results": results,
        "is_personal": parameters.boolean("is_personal"),
        "cache_time": parameters.number("cache_time", 300, 0, 2**31 - 1),
    }
    return _answer(state, parameters.text("inline_query_id"), "inline", answer)


def _answer(state: State, query_id: str, kind: str, answer: dict[str, Any]) -> bool:
    changed = state.write(
        "UPDATE queries SET answer = ? WHERE query_id = ? AND kind = ? AND answer IS NULL "
        "AND asked_at > ?",
        json.dumps(answer),
        query_id,
        kind,
        state.clock() - ANSWER_SECONDS,
    )
    if not changed:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return True
