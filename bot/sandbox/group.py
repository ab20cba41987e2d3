"""The group, which changes: what the bot may do there, and the id it has in the bot's eyes.

Inside the sandbox the group always is GROUP_ID. After an upgrade to a supergroup the bot knows it
by another id, and the messages of before stay behind in the old chat, as on Telegram.
"""

from typing import Any

from bot.sandbox.errors import GroupUpgraded, PageError, bad_request, forbidden
from bot.sandbox.people import BOT_ID, GROUP_ID, Person, chat_json, is_private, user_json
from bot.sandbox.state import State
from bot.sandbox.updates import post_update

UPGRADED_ID = -1001000500
ANONYMOUS_ID = 1087968824
STATUSES = ("member", "administrator", "restricted", "left", "kicked")
RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
    "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories", "can_pin_messages",
)  # fmt: skip
_PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos",
    "can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls",
    "can_send_other_messages", "can_add_web_page_previews", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics", "can_react_to_messages", "can_edit_tag",
)  # fmt: skip
_MUTING = frozenset({"can_send_messages", "can_send_videos"})


def bot_status(state: State) -> str:
    """What the bot is in the group, as ChatMember.status."""
    return str(state.setting("bot_status", "member"))


def bot_member(state: State) -> dict[str, Any]:
    """Telegram's ChatMember of the bot in the group."""
    status = bot_status(state)
    member: dict[str, Any] = {"user": user_json(BOT_ID), "status": status}
    if status == "administrator":
        member.update(can_be_edited=False, is_anonymous=False, **dict.fromkeys(RIGHTS, True))
    elif status == "restricted":
        denied = bot_denied(state)
        member.update({name: name not in denied for name in _PERMISSIONS})
        member.update(is_member=True, until_date=0)
    elif status == "kicked":
        member["until_date"] = 0
    return member


def change_bot(state: State, person: Person, status: str, denied: list[str]) -> None:
    """An administrator changes what the bot is in the group. Raises: PageError.

    denied: of a restricted bot, what it may not do: can_send_messages, can_send_videos.
    """
    if not person.is_admin:
        raise PageError("Only the group's administrator can change what the bot may do.")
    if status not in STATUSES:
        raise PageError(f"status must be one of {', '.join(STATUSES)}.")
    if not _MUTING.issuperset(denied):
        raise PageError(f"denied must hold some of {', '.join(sorted(_MUTING))}.")
    old = bot_member(state)
    state.set_setting("bot_status", status)
    state.set_setting("bot_denied", sorted(denied) if status == "restricted" else [])
    new = bot_member(state)
    if new != old:
        _post_membership(state, person, old, new)


def upgrade(state: State, person: Person) -> int:
    """The group's new id, after it became a supergroup. Raises: PageError."""
    if not person.is_admin:
        raise PageError("Only the group's administrator can upgrade it.")
    if bot_chat_id(state) == UPGRADED_ID:
        raise PageError("The group is a supergroup already.")
    last = state.value("SELECT max(message_id) FROM messages WHERE chat_id = ?", GROUP_ID) or 0
    old = shown_chat(state, GROUP_ID)
    state.set_setting("upgraded_after", int(last))
    new = shown_chat(state, GROUP_ID)
    for chat, other, field in (
        (old, new, "migrate_to_chat_id"),
        (new, old, "migrate_from_chat_id"),
    ):
        message = {
            "message_id": int(last) + 1,
            "from": user_json(person.id),
            "chat": chat,
            "date": int(state.clock()),
            field: other["id"],
        }
        post_update(state, "message", message)
    return UPGRADED_ID


def bot_chat_id(state: State) -> int:
    """The group's id in the bot's eyes."""
    return GROUP_ID if state.setting("upgraded_after") is None else UPGRADED_ID


def shown_chat(state: State, chat_id: int) -> dict[str, Any]:
    """Telegram's Chat object, as the bot sees it now."""
    chat = chat_json(chat_id)
    return {**chat, "id": bot_chat_id(state)} if chat_id == GROUP_ID else chat


def real_chat_id(state: State, chat_id: int) -> int:
    """The chat that the bot means by an id. Raises: BotApiError, for the id before the upgrade."""
    now = bot_chat_id(state)
    if chat_id == GROUP_ID and now != GROUP_ID:
        raise GroupUpgraded(now)
    return GROUP_ID if chat_id == now else chat_id


def is_left_behind(state: State, chat_id: int, message_id: int) -> bool:
    """Whether a message is in the chat that the group was before its upgrade."""
    return chat_id == GROUP_ID and message_id <= state.setting("upgraded_after", 0)


def check_member(state: State) -> None:
    """Return if the bot is in the group. Raises: BotApiError."""
    status = bot_status(state)
    if status == "kicked":
        raise forbidden("bot was kicked from the supergroup chat")
    if status == "left":
        raise forbidden("bot is not a member of the supergroup chat")


def check_right(state: State, chat_id: int, kind: str) -> None:
    """Return if the bot may send that there. kind: messages or videos. Raises: BotApiError."""
    if not is_private(chat_id) and f"can_send_{kind}" in bot_denied(state):
        what = "text messages" if kind == "messages" else kind
        raise bad_request(f"not enough rights to send {what} to the chat")


def bot_denied(state: State) -> list[str]:
    """What the bot may not do in the group: can_send_messages, can_send_videos."""
    return list(state.setting("bot_denied", []))


def _post_membership(
    state: State, person: Person, old: dict[str, Any], new: dict[str, Any]
) -> None:
    post_update(
        state,
        "my_chat_member",
        {
            "chat": shown_chat(state, GROUP_ID),
            "from": user_json(person.id),
            "date": int(state.clock()),
            "old_chat_member": old,
            "new_chat_member": new,
        },
    )
