"""Buttons as Telegram takes them."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, SwitchInlineQueryChosenChat

from bot.incoming import Buttons
from bot.replies.card import CardReplies
from storage.jobs import Job

# What needs the bot's inline mode.
SHARING = frozenset({"share", "publish", "unpublish"})


def keyboard(buttons: Buttons) -> InlineKeyboardMarkup:
    """Buttons under a message. buttons: rows of (words, callback data)."""
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(words, callback_data=data) for words, data in row]
            for row in buttons
        ]
    )


def card_keyboard(
    job: Job, rows: Sequence[Sequence[str]], *, sharing: bool
) -> InlineKeyboardMarkup | None:
    """Buttons for these actions (bot/card.py), None for none. sharing: inline mode is on."""
    replies = CardReplies(job.language)
    buttons = [
        [_button(job, action, replies) for action in row if sharing or action not in SHARING]
        for row in rows
    ]
    shown = [row for row in buttons if row]
    return InlineKeyboardMarkup(shown) if shown else None


def _button(job: Job, action: str, replies: CardReplies) -> InlineKeyboardButton:
    label = replies.button(action)
    if action != "share":
        return InlineKeyboardButton(label, callback_data=f"{action}:{job.token}")
    # Telegram opens its chat picker, and asks bot/telegram/inline.py for the clip of that token.
    picker = SwitchInlineQueryChosenChat(
        query=job.token, allow_user_chats=True, allow_group_chats=True, allow_channel_chats=True
    )
    return InlineKeyboardButton(label, switch_inline_query_chosen_chat=picker)
