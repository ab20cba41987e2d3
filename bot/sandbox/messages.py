"""The messages of every chat: kept, changed, and shown as Telegram and as the page show them.

A message is a plain dict: message_id, chat_id, sender_id, date, and what applies of edit_date,
text, entities, caption, caption_entities, media (a file_unique_id), has_spoiler, album, reply_to,
thread_id, anonymous (written as the group), via_bot (True: posted by inline mode),
reply_markup, reactions ([{emoji, user_id}]).
"""

import json
from typing import Any

from bot.sandbox import files
from bot.sandbox.entities import entities_json
from bot.sandbox.events import post_event
from bot.sandbox.group import ANONYMOUS_ID, is_left_behind, shown_chat
from bot.sandbox.people import BOT_ID, PEOPLE, is_private, user_json
from bot.sandbox.state import State

Message = dict[str, Any]
_ANONYMOUS = {
    "id": ANONYMOUS_ID,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}


def add(state: State, chat_id: int, sender_id: int, content: Message) -> Message:
    """A new message with the next free id, seen by everybody in the chat.

    All private chats share one row of ids, a supergroup has its own, as on Telegram.
    """
    message = {
        "message_id": _next_id(state, chat_id),
        "chat_id": chat_id,
        "sender_id": sender_id,
        "date": int(state.clock()),
        **content,
    }
    state.write(
        "INSERT INTO messages (chat_id, message_id, sender_id, body) VALUES (?, ?, ?, ?)",
        chat_id,
        message["message_id"],
        sender_id,
        json.dumps(message),
    )
    post_event(state, chat_id, "message", message=page_form(state, message))
    return message


def find(state: State, chat_id: int, message_id: int) -> Message | None:
    """The message, unless there is none or it was deleted."""
    body = state.value(
        "SELECT body FROM messages WHERE chat_id = ? AND message_id = ? AND deleted = 0",
        chat_id,
        message_id,
    )
    return None if body is None else dict(json.loads(body))


def replace(state: State, message: Message) -> Message:
    """Keep an edited message, marked as edited now."""
    message = {**message, "edit_date": int(state.clock())}
    _save(state, message)
    post_event(state, message["chat_id"], "edited", message=page_form(state, message))
    return message


def react(state: State, message: Message, user_id: int, emoji: str) -> None:
    """Set the one reaction of a user; "" takes it back. The same once more changes nothing."""
    before = message.get("reactions", [])
    after = [reaction for reaction in before if reaction["user_id"] != user_id]
    if emoji:
        after.append({"emoji": emoji, "user_id": user_id})
    if sorted(map(str, after)) == sorted(map(str, before)):
        return
    message = {**message, "reactions": after}
    _save(state, message)
    post_event(
        state,
        message["chat_id"],
        "reaction",
        message_id=message["message_id"],
        message=page_form(state, message),
    )


def delete(state: State, message: Message) -> None:
    """Take a message away; its id is not used again."""
    chat_id, message_id = message["chat_id"], message["message_id"]
    state.write(
        "UPDATE messages SET deleted = 1 WHERE chat_id = ? AND message_id = ?", chat_id, message_id
    )
    post_event(state, chat_id, "deleted", message_id=message_id)


def latest(state: State, chat_id: int, before: int | None, most: int) -> list[Message]:
    """The last messages of a chat, oldest first. before: only those with a smaller id."""
    rows = state.rows(
        "SELECT body FROM messages WHERE chat_id = ? AND message_id < ? AND deleted = 0 "
        "ORDER BY message_id DESC LIMIT ?",
        chat_id,
        2**62 if before is None else before,
        most,
    )
    return [json.loads(row["body"]) for row in reversed(rows)]


def has_written(state: State, user_id: int, chat_id: int) -> bool:
    """Whether the user ever sent a message to the chat."""
    statement = "SELECT 1 FROM messages WHERE chat_id = ? AND sender_id = ? LIMIT 1"
    return state.value(statement, chat_id, user_id) is not None


def has_thread(state: State, chat_id: int, thread_id: int) -> bool:
    """Whether a message of the chat belongs to that forum topic."""
    statement = (
        "SELECT 1 FROM messages WHERE chat_id = ? AND json_extract(body, '$.thread_id') = ? LIMIT 1"
    )
    return state.value(statement, chat_id, thread_id) is not None


def bot_form(state: State, message: Message, *, with_reply: bool = True) -> dict[str, Any]:
    """Telegram's Message object. with_reply: the message replied to is inside (one level)."""
    shown: dict[str, Any] = {
        "message_id": message["message_id"],
        "from": user_json(message["sender_id"]),
        "chat": shown_chat(state, message["chat_id"]),
        "date": message["date"],
    }
    if message.get("anonymous"):
        shown["from"] = _ANONYMOUS
        shown["sender_chat"] = shown["chat"]
    if message.get("via_bot"):
        shown["via_bot"] = user_json(BOT_ID)
    if "edit_date" in message:
        shown["edit_date"] = message["edit_date"]
    if "thread_id" in message:
        shown.update(message_thread_id=message["thread_id"], is_topic_message=True)
    if with_reply and "reply_to" in message:
        replied = find(state, message["chat_id"], message["reply_to"])
        behind = is_left_behind(state, message["chat_id"], message["reply_to"])
        if replied is not None and not behind:
            shown["reply_to_message"] = bot_form(state, replied, with_reply=False)
    if "album" in message:
        shown["media_group_id"] = message["album"]
    if "media" in message:
        shown.update(files.bot_form(state, message["media"]))
    if message.get("has_spoiler"):
        shown["has_media_spoiler"] = True
    return {**shown, **_words(message)}


def page_form(state: State, message: Message) -> dict[str, Any]:
    """The MESSAGE object of the page API."""
    shown = bot_form(state, message, with_reply=False)
    shown["chat"] = message["chat_id"]
    shown["from"] = {k: v for k, v in shown["from"].items() if k != "language_code"}
    shown.pop("sender_chat", None)
    shown["reactions"] = [
        {"emoji": reaction["emoji"], "from": reaction["user_id"]}
        for reaction in message.get("reactions", [])
    ]
    if "reply_to" in message:
        shown["reply_to_message_id"] = message["reply_to"]
    if "media" in message:
        shown.update(files.page_form(state, message["media"]))
    return shown


def _words(message: Message) -> dict[str, Any]:
    """The text or the caption, their entities, and the keyboard."""
    names = ("text", "link_preview_options", "caption", "reply_markup")
    shown = {name: message[name] for name in names if message.get(name)}
    for name in ("entities", "caption_entities"):
        if message.get(name):
            shown[name] = entities_json(message[name])
    return shown


def _save(state: State, message: Message) -> None:
    state.write(
        "UPDATE messages SET body = ? WHERE chat_id = ? AND message_id = ?",
        json.dumps(message),
        message["chat_id"],
        message["message_id"],
    )


def _next_id(state: State, chat_id: int) -> int:
    chats = tuple(PEOPLE) if is_private(chat_id) else (chat_id,)
    marks = ", ".join("?" * len(chats))
    last = state.value(
        f"SELECT max(message_id) FROM messages WHERE chat_id IN ({marks})",  # noqa: S608
        *chats,
    )
    return int(last or 0) + 1
