"""Who leads a group, in Telegram's eyes."""

from telegram import Chat, ChatMember, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden


async def leads_chat(update: Update) -> bool:
    """Whether who acts is an administrator of the group they act in, also one who hides as it.

    Raises: telegram.error.TelegramError, when Telegram cannot be asked now.
    """
    chat, user, message = update.effective_chat, update.effective_user, update.effective_message
    if chat is None or user is None or chat.type not in {Chat.GROUP, Chat.SUPERGROUP}:
        return False
    sender = getattr(message, "sender_chat", None)
    if update.callback_query is None and sender is not None:
        return bool(sender.id == chat.id)
    try:
        member = await _member(chat, user.id)
    except (BadRequest, Forbidden):
        return False
    return member.status in {ChatMember.OWNER, ChatMember.ADMINISTRATOR}


async def _member(chat: Chat, user_id: int) -> ChatMember:
    try:
        return await chat.get_member(user_id)
    except ChatMigrated as error:
        # What was sent just before the group became a supergroup.
        return await chat.get_bot().get_chat_member(error.new_chat_id, user_id)
