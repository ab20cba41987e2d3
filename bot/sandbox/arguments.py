"""Arguments that several Bot API methods share: the chat, the reply, the text, the message."""

from bot.sandbox import messages
from bot.sandbox.entities import CAPTION_LIMIT, TEXT_LIMIT, formatted
from bot.sandbox.errors import BotApiError, bad_request, forbidden
from bot.sandbox.group import check_member, is_left_behind, real_chat_id
from bot.sandbox.messages import Message
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import BOT_ID, GROUP_ID, exists, is_private
from bot.sandbox.state import State
from bot.sandbox.utf16 import utf16_length


def known_chat(state: State, parameters: Parameters) -> int:
    """The chat that `chat_id` names, if the bot can know of it. Raises: BotApiError."""
    if "chat_id" not in parameters:
        raise bad_request("chat_id is empty")
    try:
        chat_id = int(parameters.text("chat_id"))
    except ValueError:
        raise bad_request("chat not found") from None
    chat_id = real_chat_id(state, chat_id)
    if not exists(chat_id):
        raise bad_request("chat not found")
    if is_private(chat_id) and not (
        messages.has_written(state, chat_id, chat_id)
        or messages.has_written(state, chat_id, GROUP_ID)
    ):
        raise bad_request("chat not found")
    return chat_id


def open_chat(state: State, parameters: Parameters) -> int:
    """The chat that `chat_id` names, if the bot may write there. Raises: BotApiError."""
    chat_id = known_chat(state, parameters)
    if is_private(chat_id):
        if not messages.has_written(state, chat_id, chat_id):
            raise forbidden("bot can't initiate conversation with a user")
        if chat_id in blocked_by(state):
            raise forbidden("bot was blocked by the user")
    else:
        check_member(state)
    return chat_id


def blocked_by(state: State) -> list[int]:
    """The ids of the people who blocked the bot."""
    return list(state.setting("blocked_by", []))


def placement(state: State, parameters: Parameters, chat_id: int) -> Message:
    """Which message is replied to, and which forum topic is written to. Raises: BotApiError."""
    place: Message = {}
    thread_id = parameters.integer("message_thread_id")
    if thread_id:
        if is_private(chat_id) or not messages.has_thread(state, chat_id, thread_id):
            raise bad_request("message thread not found")
        place["thread_id"] = thread_id
    reply = parameters.structure("reply_parameters")
    if reply is None and "reply_to_message_id" in parameters:
        reply = {
            "message_id": parameters.integer("reply_to_message_id"),
            "allow_sending_without_reply": parameters.boolean("allow_sending_without_reply"),
        }
    if not reply:
        return place
    if not isinstance(reply, dict):
        raise bad_request("object expected as reply parameters")
    inner = Parameters(reply)
    message_id = inner.integer("message_id")
    if message_id is None:
        raise bad_request('can\'t find field "message_id"')
    is_here = "chat_id" not in inner or known_chat(state, inner) == chat_id
    is_here = is_here and not is_left_behind(state, chat_id, message_id)
    if is_here and messages.find(state, chat_id, message_id) is not None:
        place["reply_to"] = message_id
    elif message_id > 0 and not inner.boolean("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return place


def message_text(parameters: Parameters) -> Message:
    """The checked {"text", "entities", ...} of a text message. Raises: BotApiError."""
    if "text" not in parameters:
        raise bad_request("message text is empty")
    text, entities = formatted(
        parameters.text("text"), parameters.text("parse_mode"), parameters.structure("entities")
    )
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    previews = parameters.structure("link_preview_options")
    if previews is not None and not isinstance(previews, dict):
        raise bad_request("object expected as link_preview_options")
    content = {"text": text, "entities": entities}
    return content | ({"link_preview_options": previews} if previews else {})


def caption_text(parameters: Parameters) -> Message:
    """The checked {"caption", "caption_entities"}; empty without a caption. Raises: BotApiError."""
    text, entities = formatted(
        parameters.text("caption"),
        parameters.text("parse_mode"),
        parameters.structure("caption_entities"),
    )
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return {"caption": text, "caption_entities": entities} if text else {}


def own_message(state: State, parameters: Parameters, what: str = "edit") -> Message:
    """The bot's own message that `chat_id` and `message_id` name. Raises: BotApiError."""
    if "inline_message_id" in parameters and "chat_id" not in parameters:
        raise bad_request("MESSAGE_ID_INVALID")
    chat_id = open_chat(state, parameters)
    message = named_message(state, parameters, chat_id, what)
    if message["sender_id"] != BOT_ID:
        raise bad_request("message can't be edited")
    return message


def named_message(state: State, parameters: Parameters, chat_id: int, what: str) -> Message:
    """The message of that chat that `message_id` names.

    what: the verb of Telegram's "message to ... not found". Raises: BotApiError.
    """
    message_id = parameters.integer("message_id")
    if message_id is None:
        raise bad_request("message identifier is not specified")
    message = messages.find(state, chat_id, message_id)
    if message is None or is_left_behind(state, chat_id, message_id):
        raise bad_request(f"message to {what} not found")
    return message


def not_modified() -> BotApiError:
    """Telegram's answer to an edit that changes nothing. It counts in the flood limits."""
    return BotApiError(
        400,
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message",
        costs=True,
    )
