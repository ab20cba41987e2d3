"""The bot speaks: sendMessage, sendVideo, sendPhoto, sendChatAction."""

from typing import Any

from bot.sandbox import files, messages
from bot.sandbox.arguments import caption_text, message_text, open_chat, placement
from bot.sandbox.errors import bad_request
from bot.sandbox.events import post_event
from bot.sandbox.group import check_right
from bot.sandbox.keyboard import keyboard
from bot.sandbox.messages import Message
from bot.sandbox.parameters import Parameters, Upload
from bot.sandbox.people import BOT_ID
from bot.sandbox.state import State

_ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
        "upload_document", "choose_sticker", "find_location", "record_video_note",
        "upload_video_note", "cancel",
    }
)  # fmt: skip


def send_message(state: State, parameters: Parameters) -> Any:
    """Telegram's sendMessage."""
    return _send(state, parameters, lambda: message_text(parameters))


def send_video(state: State, parameters: Parameters) -> Any:
    """Telegram's sendVideo."""
    return _send(
        state,
        parameters,
        lambda: {**caption_text(parameters), **media(state, parameters, "video")},
        kind="videos",
    )


def send_photo(state: State, parameters: Parameters) -> Any:
    """Telegram's sendPhoto."""
    return _send(
        state,
        parameters,
        lambda: {**caption_text(parameters), **media(state, parameters, "photo")},
    )


def send_chat_action(state: State, parameters: Parameters) -> Any:
    """Telegram's sendChatAction; the page shows it for a moment."""
    chat_id = open_chat(state, parameters)
    action = parameters.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    post_event(state, chat_id, "action", action=action)
    return True


def media(state: State, parameters: Parameters, kind: str, field: str = "") -> Message:
    """The file that a parameter names or uploads, kept, as {"media": its file_unique_id, ...}.

    kind: "video" or "photo". field: the parameter's name, when it is not the kind.
    Raises: BotApiError.
    """
    field = field or kind
    upload = parameters.uploads.get(field) or _attached(parameters, parameters.text(field))
    if upload is None:
        if field not in parameters:
            raise bad_request(f"there is no {kind} in the request")
        unique_id = files.by_file_id(state, parameters.text(field), kind)
    elif kind == "photo":
        unique_id = files.add(state, files.photo(upload))
    else:
        unique_id = files.add(
            state,
            files.NewFile(
                kind="video",
                content=upload.content,
                mime_type="video/mp4",
                width=parameters.number("width", 0, 0, 10_000),
                height=parameters.number("height", 0, 0, 10_000),
                duration=parameters.number("duration", 0, 0, 86_400),
                name=upload.name,
                supports_streaming=parameters.boolean("supports_streaming"),
            ),
        )
    covered = {"has_spoiler": True} if parameters.boolean("has_spoiler") else {}
    return {"media": unique_id, **covered}


def _attached(parameters: Parameters, address: str) -> Upload | None:
    """The upload behind an attach:// address, if it is one. Raises: BotApiError."""
    if not address.startswith("attach://"):
        return None
    upload = parameters.uploads.get(address.removeprefix("attach://"))
    if upload is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return upload


def _send(state: State, parameters: Parameters, content: Any, kind: str = "messages") -> Any:
    chat_id = open_chat(state, parameters)
    check_right(state, chat_id, kind)
    place = placement(state, parameters, chat_id)
    markup = keyboard(parameters)
    message = messages.add(state, chat_id, BOT_ID, {**content(), **markup, **place})
    return messages.bot_form(state, message)
