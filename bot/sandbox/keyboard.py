"""Inline keyboards, checked as Telegram checks them."""

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import BotApiError, bad_request
from bot.sandbox.links import checked_link
from bot.sandbox.messages import Message
from bot.sandbox.parameters import Parameters

MOST_BUTTONS = 100
MOST_BUTTONS_A_ROW = 8
CALLBACK_DATA_BYTES = 64
_CHAT_KINDS = ("allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats")


def keyboard(parameters: Parameters, *, inline_only: bool = False) -> Message:
    """The inline keyboard as {"reply_markup": ...}; empty when there is none.

    inline_only: as in edits, where the other kinds are refused. Raises: BotApiError.
    """
    markup = parameters.structure("reply_markup")
    if not markup:
        return {}
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if inline_only:
            raise bad_request("inline keyboard expected")
        return {}
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array')
    too_wide = any(len(row) > MOST_BUTTONS_A_ROW for row in rows)
    if too_wide or sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    checked = [[_button(button) for button in row] for row in rows if row]
    return {"reply_markup": {"inline_keyboard": checked}} if checked else {}


def _button(button: Any) -> dict[str, Any]:
    """The button with one action. Raises: BotApiError."""
    if not isinstance(button, dict):
        raise _unparsed("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise _unparsed('Can\'t find field "text"')
    if not text.strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    return {"text": text.strip(), **_action(button)}


def _action(button: dict[str, Any]) -> dict[str, Any]:
    """What the button does: the first that Telegram finds."""
    if button.get("url"):
        url = checked_link(str(button["url"]))
        if not url or urlsplit(url).hostname == "localhost":
            raise bad_request(
                f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
            )
        return {"url": url}
    if button.get("callback_data"):
        data = str(button["callback_data"])
        if len(data.encode("utf-8", "surrogatepass")) > CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"callback_data": data}
    for name in ("switch_inline_query", "switch_inline_query_current_chat"):
        if name in button:
            return {name: str(button[name])}
    if "switch_inline_query_chosen_chat" in button:
        return {"switch_inline_query_chosen_chat": _chosen_chat(button)}
    if isinstance(button.get("copy_text"), dict):
        return {"copy_text": {"text": str(button["copy_text"].get("text", ""))}}
    if len(button) > 1 and "callback_data" not in button and "url" not in button:
        raise bad_request("BUTTON_TYPE_INVALID")
    raise _unparsed("Text buttons are unallowed in the inline keyboard")


def _chosen_chat(button: dict[str, Any]) -> dict[str, Any]:
    """What a button that opens the chat picker asks for. Raises: BotApiError."""
    wanted = button["switch_inline_query_chosen_chat"]
    if not isinstance(wanted, dict):
        raise _unparsed('Field "switch_inline_query_chosen_chat" must be of type Object')
    given = Parameters(wanted)
    allowed = {name: True for name in _CHAT_KINDS if given.boolean(name)}
    if not allowed:
        raise bad_request("at least one chat type must be allowed")
    return {"query": given.text("query"), **allowed}


def _unparsed(reason: str) -> BotApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")
