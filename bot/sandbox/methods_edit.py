"""The bot changes its mind: editMessage*, deleteMessage, setMessageReaction."""

from typing import Any

from bot.sandbox import messages
from bot.sandbox.arguments import (
    caption_text,
    message_text,
    named_message,
    not_modified,
    open_chat,
    own_message,
)
from bot.sandbox.errors import bad_request
from bot.sandbox.group import check_right
from bot.sandbox.keyboard import keyboard
from bot.sandbox.messages import Message
from bot.sandbox.methods_send import media
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import BOT_ID, is_private
from bot.sandbox.reactions import REACTIONS
from bot.sandbox.state import State

_CONTENT = (
    "text",
    "entities",
    "link_preview_options",
    "caption",
    "caption_entities",
    "media",
    "has_spoiler",
    "reply_markup",
)


def edit_message_text(state: State, parameters: Parameters) -> Any:
    """Telegram's editMessageText; a keyboard not given again is gone."""
    message = own_message(state, parameters)
    content = {**message_text(parameters), **keyboard(parameters, inline_only=True)}
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _replaced(state, message, content)


def edit_message_caption(state: State, parameters: Parameters) -> Any:
    """Telegram's editMessageCaption; a keyboard not given again is gone."""
    message = own_message(state, parameters)
    content = {**caption_text(parameters), **keyboard(parameters, inline_only=True)}
    if "media" not in message:
        raise bad_request("there is no caption in the message to edit")
    kept: Message = {n: message[n] for n in ("media", "has_spoiler") if n in message}
    return _replaced(state, message, {**kept, **content})


def edit_message_media(state: State, parameters: Parameters) -> Any:
    """Telegram's editMessageMedia: text or media becomes other media."""
    message = own_message(state, parameters)
    given = parameters.structure("media")
    if not isinstance(given, dict):
        raise bad_request("can't parse input media: expected an Object")
    inner = Parameters(given, parameters.uploads)
    kind = inner.text("type")
    if kind not in {"video", "photo"}:
        raise bad_request(f'can\'t parse input media: type "{kind}" is not known to the sandbox')
    if kind == "video":
        check_right(state, message["chat_id"], "videos")
    if "media" not in inner:
        raise bad_request("can't parse input media: media not found")
    content = {
        **caption_text(inner),
        **keyboard(parameters, inline_only=True),
        **media(state, inner, kind, field="media"),
    }
    return _replaced(state, message, content)


def edit_message_reply_markup(state: State, parameters: Parameters) -> Any:
    """Telegram's editMessageReplyMarkup: the keyboard alone changes, or goes."""
    message = own_message(state, parameters)
    kept = {name: message[name] for name in _CONTENT if name in message and name != "reply_markup"}
    return _replaced(state, message, {**kept, **keyboard(parameters, inline_only=True)})


def delete_message(state: State, parameters: Parameters) -> Any:
    """Telegram's deleteMessage: the bot's own, and in a private chat the person's too."""
    chat_id = open_chat(state, parameters)
    message = named_message(state, parameters, chat_id, "delete")
    is_old = state.clock() - message["date"] > 48 * 3600
    if is_old or (message["sender_id"] != BOT_ID and not is_private(chat_id)):
        raise bad_request("message can't be deleted")
    messages.delete(state, message)
    return True


def set_message_reaction(state: State, parameters: Parameters) -> Any:
    """Telegram's setMessageReaction: one emoji from Telegram's list, or none."""
    chat_id = open_chat(state, parameters)
    message = named_message(state, parameters, chat_id, "react")
    wanted = parameters.structure("reaction") or []
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise bad_request("can't parse reaction types JSON object")
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = ""
    for reaction in wanted:
        emoji = str(reaction.get("emoji", ""))
        if reaction.get("type") != "emoji" or emoji not in REACTIONS:
            raise bad_request("REACTION_INVALID")
    messages.react(state, message, BOT_ID, emoji)
    return True


def _replaced(state: State, message: Message, content: Message) -> Any:
    """The message with other content than before. Raises: BotApiError, when it is the same."""
    before = {name: message[name] for name in _CONTENT if message.get(name)}
    if before == {name: value for name, value in content.items() if value}:
        raise not_modified()
    rest = {name: value for name, value in message.items() if name not in _CONTENT}
    return messages.bot_form(state, messages.replace(state, {**rest, **content}))
