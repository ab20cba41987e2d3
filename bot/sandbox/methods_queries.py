"""Queries that wait for the bot's answer: taps (answerCallbackQuery) and those of inline.py."""

import json
import secrets
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.parameters import Parameters
from bot.sandbox.state import State
from bot.sandbox.utf16 import utf16_length

# Telegram names no number; bots see the refusal below after about this long.
ANSWER_SECONDS = {"callback": 15.0, "inline": 10.0}
CALLBACK_TEXT_LIMIT = 200


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
    return take_answer(state, parameters.text("callback_query_id"), "callback", answer)


def take_answer(state: State, query_id: str, kind: str, answer: dict[str, Any]) -> bool:
    """Keep the bot's answer. Raises: BotApiError, when it comes too late or once more."""
    changed = state.write(
        "UPDATE queries SET answer = ? WHERE query_id = ? AND kind = ? AND answer IS NULL "
        "AND asked_at > ?",
        json.dumps(answer),
        query_id,
        kind,
        state.clock() - ANSWER_SECONDS[kind],
    )
    if not changed:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return True
