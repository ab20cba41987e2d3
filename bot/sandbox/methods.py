"""The methods of the Bot API that the sandbox knows, by their lower-case names.

Telegram takes a method's name in any case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox import (
    inline,
    methods_chats,
    methods_commands,
    methods_edit,
    methods_queries,
    methods_send,
    methods_webhook,
)
from bot.sandbox.parameters import Parameters
from bot.sandbox.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method. function: runs inside a transaction. paced: counts in the flood limits."""

    name: str
    function: Callable[[State, Parameters], Any]
    paced: bool = False


METHODS = {
    method.name.lower(): method
    for method in (
        Method(name="getMe", function=methods_chats.get_me),
        Method(name="getChat", function=methods_chats.get_chat),
        Method(name="getChatMember", function=methods_chats.get_chat_member),
        Method(name="getChatAdministrators", function=methods_chats.get_chat_administrators),
        Method(name="getFile", function=methods_chats.get_file),
        Method(name="sendMessage", function=methods_send.send_message, paced=True),
        Method(name="sendVideo", function=methods_send.send_video, paced=True),
        Method(name="sendPhoto", function=methods_send.send_photo, paced=True),
        Method(name="sendChatAction", function=methods_send.send_chat_action),
        Method(name="editMessageText", function=methods_edit.edit_message_text, paced=True),
        Method(name="editMessageCaption", function=methods_edit.edit_message_caption, paced=True),
        Method(name="editMessageMedia", function=methods_edit.edit_message_media, paced=True),
        Method(
            name="editMessageReplyMarkup",
            function=methods_edit.edit_message_reply_markup,
            paced=True,
        ),
        Method(name="deleteMessage", function=methods_edit.delete_message),
        Method(name="setMessageReaction", function=methods_edit.set_message_reaction),
        Method(name="answerCallbackQuery", function=methods_queries.answer_callback_query),
        Method(name="answerInlineQuery", function=inline.answer_inline_query),
        Method(name="setMyCommands", function=methods_commands.set_my_commands),
        Method(name="getMyCommands", function=methods_commands.get_my_commands),
        Method(name="deleteMyCommands", function=methods_commands.delete_my_commands),
        Method(name="setWebhook", function=methods_webhook.set_webhook),
        Method(name="deleteWebhook", function=methods_webhook.delete_webhook),
        Method(name="getWebhookInfo", function=methods_webhook.get_webhook_info),
    )
}
