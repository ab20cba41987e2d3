"""What people see happen, in order, kept so that a page can catch up."""

import json
from typing import Any

from bot.sandbox.people import chats_of
from bot.sandbox.state import State

KEPT_EVENTS = 20_000


def post_event(state: State, chat_id: int, kind: str, **details: Any) -> None:
    """Tell everybody in the chat. kind: message, edited, deleted, reaction, action or commands."""
    body = {"type": kind, "chat": chat_id, **details}
    state.write("INSERT INTO events (chat_id, body) VALUES (?, ?)", chat_id, json.dumps(body))
    newest = latest_seq(state)
    if newest % 1000 == 0:
        state.write("DELETE FROM events WHERE seq <= ?", newest - KEPT_EVENTS)


def events_after(state: State, person_id: int, after: int, most: int = 500) -> list[dict[str, Any]]:
    """The events a person saw after that number, oldest first, each with its `seq`."""
    private, group = chats_of(person_id)
    rows = state.rows(
        "SELECT seq, body FROM events WHERE seq > ? AND chat_id IN (?, ?) ORDER BY seq LIMIT ?",
        after,
        private,
        group,
        most,
    )
    return [{"seq": row["seq"], **json.loads(row["body"])} for row in rows]


def latest_seq(state: State) -> int:
    """The number of the newest event; 0 when nothing has happened yet."""
    return int(state.value("SELECT max(seq) FROM events") or 0)
