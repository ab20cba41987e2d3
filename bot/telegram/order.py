"""Which update waits for which."""

import asyncio
from collections import defaultdict
from typing import Any

Task = asyncio.Task[None]


class Order:
    """One person's updates in their order, people in parallel.

    What changes a chat for everybody (the bot is muted, the group moves) comes after all that
    was sent there before it, and before all that was sent there after it: otherwise a prompt sent
    to a group that has just let the bot speak again would end with the mute before that.
    """

    def __init__(self) -> None:
        self._last_of_person: dict[int, Task] = {}
        self._last_change: dict[int, Task] = {}
        self._in_chat: dict[int, set[Task]] = defaultdict(set)

    def before(self, payload: dict[str, Any]) -> set[Task]:
        """The unfinished updates that this one, the newest, must wait for."""
        person, chat = _person(payload), _chat(payload)
        if _changes_chat(payload):
            return self._in_chat.get(chat, set()) | _known(self._last_of_person, person)
        return _known(self._last_of_person, person) | _known(self._last_change, chat)

    def add(self, payload: dict[str, Any], task: Task) -> None:
        """Have later updates wait for this one, until its task is done."""
        person, chat = _person(payload), _chat(payload)
        self._last_of_person[person] = task
        self._in_chat[chat].add(task)
        if _changes_chat(payload):
            self._last_change[chat] = task
        task.add_done_callback(lambda _task: self._forget(person, chat, task))

    def _forget(self, person: int, chat: int, task: Task) -> None:
        for last, key in ((self._last_of_person, person), (self._last_change, chat)):
            if last.get(key) is task:
                del last[key]
        self._in_chat[chat].discard(task)
        if not self._in_chat[chat]:
            del self._in_chat[chat]


def _known(tasks: dict[int, Task], key: int) -> set[Task]:
    task = tasks.get(key)
    return set() if task is None else {task}


def _person(payload: dict[str, Any]) -> int:
    """Whose update it is: the person's id, or the chat's where no person acts."""
    for value in payload.values():
        if isinstance(value, dict):
            for key in ("from", "chat"):
                found = _id_in(value, key)
                if found:
                    return found
    return 0


def _chat(payload: dict[str, Any]) -> int:
    """Where it happened; 0 in no chat, as with an inline query."""
    for value in payload.values():
        if isinstance(value, dict):
            message = value.get("message")
            found = _id_in(value, "chat") or (
                _id_in(message, "chat") if isinstance(message, dict) else 0
            )
            if found:
                return found
    return 0


def _id_in(value: dict[str, Any], key: str) -> int:
    inner = value.get(key)
    found = inner.get("id") if isinstance(inner, dict) else None
    return found if isinstance(found, int) else 0


def _changes_chat(payload: dict[str, Any]) -> bool:
    message = payload.get("message")
    moves = isinstance(message, dict) and (
        "migrate_to_chat_id" in message or "migrate_from_chat_id" in message
    )
    return moves or "my_chat_member" in payload
