"""Who is who: getMe, getChat, getChatMember, getChatAdministrators, getFile."""

from typing import Any

from bot.sandbox import files, inline
from bot.sandbox.arguments import known_chat
from bot.sandbox.errors import bad_request
from bot.sandbox.group import RIGHTS, bot_member, shown_chat
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import BOT_ID, PEOPLE, is_private, user_json
from bot.sandbox.state import State

_GIFT_TYPES = (
    "unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription",
    "gifts_from_channels",
)  # fmt: skip


def get_me(state: State, parameters: Parameters) -> Any:  # noqa: ARG001
    """Telegram's getMe."""
    return {
        **user_json(BOT_ID),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": inline.is_on(state),
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(state: State, parameters: Parameters) -> Any:
    """Telegram's getChat: a ChatFullInfo."""
    chat_id = known_chat(state, parameters)
    full = {
        **shown_chat(state, chat_id),
        "accent_color_id": abs(chat_id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFT_TYPES, False),
    }
    if not is_private(chat_id):
        full["permissions"] = {"can_send_messages": True, "can_send_videos": True}
    return full


def get_chat_member(state: State, parameters: Parameters) -> Any:
    """Telegram's getChatMember."""
    chat_id = known_chat(state, parameters)
    user_id = parameters.integer("user_id")
    if user_id not in PEOPLE and user_id != BOT_ID:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if is_private(chat_id) and user_id not in {chat_id, BOT_ID}:
        raise bad_request("member not found")
    if user_id == BOT_ID and not is_private(chat_id):
        return bot_member(state)
    return _member(user_id, chat_id)


def get_chat_administrators(state: State, parameters: Parameters) -> Any:
    """Telegram's getChatAdministrators."""
    chat_id = known_chat(state, parameters)
    if is_private(chat_id):
        raise bad_request("there are no administrators in the private chat")
    return [_member(person.id, chat_id) for person in PEOPLE.values() if person.is_admin]


def get_file(state: State, parameters: Parameters) -> Any:
    """Telegram's getFile; the file itself is at /file/bot<token>/<file_path>."""
    if "file_id" not in parameters:
        raise bad_request("file_id not specified")
    return files.file_json(state, parameters.text("file_id"))


def _member(user_id: int, chat_id: int) -> dict[str, Any]:
    member: dict[str, Any] = {"user": user_json(user_id), "status": "member"}
    if user_id in PEOPLE and PEOPLE[user_id].is_admin and not is_private(chat_id):
        rights = dict.fromkeys(RIGHTS, True)
        member.update(status="administrator", can_be_edited=False, is_anonymous=False, **rights)
    return member
