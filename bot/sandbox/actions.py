"""What people do: write, edit, delete, tap a button, send a photo, block the bot.

Each function runs inside a transaction; what the bot may see of it becomes an update.
"""

from typing import Any

from bot.sandbox import files, group, messages
from bot.sandbox.arguments import blocked_by
from bot.sandbox.entities import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    cleaned_text,
    with_found_entities,
)
from bot.sandbox.errors import PageError
from bot.sandbox.files import NewFile
from bot.sandbox.messages import Message
from bot.sandbox.methods_queries import new_query
from bot.sandbox.people import (
    BOT_ID,
    BOT_USERNAME,
    Person,
    chat_json,
    is_private,
    user_json,
)
from bot.sandbox.state import State
from bot.sandbox.updates import post_update
from bot.sandbox.utf16 import utf16_length, utf16_slice


def write(
    state: State,
    person: Person,
    chat_id: int,
    text: str,
    *,
    reply_to: int | None = None,
    thread_id: int | None = None,
    anonymous: bool = False,
) -> Message:
    """The person's new text message. thread_id: the group's forum topic. Raises: PageError.

    anonymous: an administrator writes as the group.
    """
    content = {**_text(text), **_answering(state, chat_id, reply_to)}
    if anonymous:
        if is_private(chat_id) or not person.is_admin:
            raise PageError("Only the group's administrator can write as the group.")
        content["anonymous"] = True
    if thread_id is not None:
        if is_private(chat_id) or thread_id < 1:
            raise PageError("Only the group has topics; thread must be a number above 0.")
        content["thread_id"] = thread_id
    return _add(state, person, chat_id, content)


def send_file(
    state: State,
    person: Person,
    chat_id: int,
    caption: str,
    file: NewFile,
    *,
    reply_to: int | None = None,
    album: str = "",
) -> Message:
    """The person's new photo or other file. album: names those that belong together.

    Raises: PageError.
    """
    caption = _clean(caption)
    if utf16_length(caption) > CAPTION_LIMIT:
        raise PageError(f"A caption has at most {CAPTION_LIMIT} characters.")
    content: Message = {"media": files.add(state, file), **_answering(state, chat_id, reply_to)}
    if album:
        content["album"] = album
    if caption:
        content.update(caption=caption, caption_entities=with_found_entities(caption, []))
    return _add(state, person, chat_id, content)


def edit(state: State, person: Person, chat_id: int, message_id: int, text: str) -> Message:
    """The person's own text message, changed. Raises: PageError."""
    message = _own(state, person, chat_id, message_id)
    if "text" not in message:
        raise PageError("Only text messages can be edited.")
    content = _text(text)
    if content["text"] == message["text"]:
        return message
    message = messages.replace(state, {**message, **content})
    if _bot_sees(state, message):
        post_update(state, "edited_message", messages.bot_form(state, message))
    return message


def delete(state: State, person: Person, chat_id: int, message_id: int) -> None:
    """Take away the person's own message; in a private chat the bot's too. Bots are not told.

    Raises: PageError.
    """
    message = messages.find(state, chat_id, message_id)
    if message is None:
        raise PageError("There is no such message.")
    if message["sender_id"] != person.id and not (is_private(chat_id) or person.is_admin):
        raise PageError("Only the sender or an administrator can delete this message.")
    messages.delete(state, message)


def tap(state: State, person: Person, chat_id: int, message_id: int, data: str) -> str:
    """The id of the callback query that a tap on a button makes. Raises: PageError."""
    message = messages.find(state, chat_id, message_id)
    if message is None:
        raise PageError("There is no such message.")
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    if not any(button.get("callback_data") == data for row in rows for button in row):
        raise PageError("The message has no button with this data.")
    query_id = new_query(state, "callback")
    where: dict[str, Any] = {"message": messages.bot_form(state, message)}
    if message.get("via_bot"):
        where = {"inline_message_id": f"{chat_id}.{message_id}"}
    post_update(
        state,
        "callback_query",
        {
            "id": query_id,
            "from": user_json(person.id),
            **where,
            "chat_instance": str(abs(chat_id) * 7919),
            "data": data,
        },
    )
    return query_id


def bot_in(state: State, person: Person, chat_id: int) -> dict[str, Any]:
    """What the bot is in a chat of the person's: its status, and what it is denied there."""
    if is_private(chat_id):
        return {"status": "kicked" if person.id in blocked_by(state) else "member", "denied": []}
    return {"status": group.bot_status(state), "denied": group.bot_denied(state)}


def block(state: State, person: Person, *, blocked: bool) -> None:
    """The person stops or restarts the bot in their private chat."""
    before = blocked_by(state)
    if blocked == (person.id in before):
        return
    after = [*before, person.id] if blocked else [one for one in before if one != person.id]
    state.set_setting("blocked_by", after)
    bot = user_json(BOT_ID)
    old: dict[str, Any] = {"user": bot, "status": "kicked" if not blocked else "member"}
    new: dict[str, Any] = {"user": bot, "status": "kicked" if blocked else "member"}
    for member in (old, new):
        if member["status"] == "kicked":
            member["until_date"] = 0
    post_update(
        state,
        "my_chat_member",
        {
            "chat": chat_json(person.id),
            "from": user_json(person.id),
            "date": int(state.clock()),
            "old_chat_member": old,
            "new_chat_member": new,
        },
    )


def _add(state: State, person: Person, chat_id: int, content: Message) -> Message:
    if is_private(chat_id) and person.id in blocked_by(state):
        block(state, person, blocked=False)
    message = messages.add(state, chat_id, person.id, content)
    if _bot_sees(state, message):
        post_update(state, "message", messages.bot_form(state, message))
    return message


def _clean(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PageError("The text holds half of a character.") from None
    return cleaned_text(text)


def _text(text: str) -> Message:
    text = _clean(text)
    if not text:
        raise PageError("A message needs some text.")
    if utf16_length(text) > TEXT_LIMIT:
        raise PageError(f"A message has at most {TEXT_LIMIT} characters.")
    return {"text": text, "entities": with_found_entities(text, [])}


def _answering(state: State, chat_id: int, reply_to: int | None) -> Message:
    if reply_to is None:
        return {}
    if messages.find(state, chat_id, reply_to) is None:
        raise PageError("There is no message to reply to.")
    return {"reply_to": reply_to}


def _own(state: State, person: Person, chat_id: int, message_id: int) -> Message:
    message = messages.find(state, chat_id, message_id)
    if message is None:
        raise PageError("There is no such message.")
    if message["sender_id"] != person.id:
        raise PageError("Only the sender can edit a message.")
    return message


def _bot_sees(state: State, message: Message) -> bool:
    """Telegram's privacy mode: of a group the bot sees commands, replies to it, and mentions."""
    if is_private(message["chat_id"]):
        return True
    if group.bot_status(state) in {"left", "kicked"}:
        return False
    replied = messages.find(state, message["chat_id"], message.get("reply_to", 0))
    if replied is not None and replied["sender_id"] == BOT_ID:
        return True
    text = message.get("text") or message.get("caption", "")
    for entity in message.get("entities") or message.get("caption_entities", []):
        part = utf16_slice(text, entity["offset"], entity["length"]).lower()
        _, at, name = part.partition("@")
        if entity["type"] == "mention" and name == BOT_USERNAME:
            return True
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            return not at or name == BOT_USERNAME
    return False
