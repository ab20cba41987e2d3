"""Taps on buttons, and the bot's answers to them."""

import asyncio

import pytest
import telegram

from bot.sandbox.client import SandboxClient, SandboxRefused
from bot.sandbox.methods_queries import ANSWER_SECONDS
from tests.bot.sandbox.conftest import ADA, BO, GROUP, Clock, keyboard, refused

TOO_OLD = "query is too old and response timeout expired or query id is invalid"


@pytest.fixture
async def card(bot: telegram.Bot) -> telegram.Message:
    return await bot.send_message(GROUP, "1st in line", reply_markup=keyboard("cancel:1", "more"))


async def tapped(bot: telegram.Bot) -> telegram.CallbackQuery:
    (update,) = await bot.get_updates(timeout=30)
    assert update.callback_query
    await bot.get_updates(offset=update.update_id + 1)
    return update.callback_query


async def test_a_tap_waits_for_the_bots_answer(
    bot: telegram.Bot, people: SandboxClient, card: telegram.Message
) -> None:
    tap = asyncio.create_task(people.tap(BO, GROUP, card.message_id, "cancel:1"))
    query = await tapped(bot)
    assert (query.data, query.from_user.id) == ("cancel:1", BO)
    assert isinstance(query.message, telegram.Message)
    assert query.message.text == "1st in line"
    assert query.message.reply_markup == card.reply_markup
    await bot.answer_callback_query(query.id, "Not yours.", show_alert=True)
    assert await tap == {"text": "Not yours.", "show_alert": True}
    with refused(TOO_OLD):
        await bot.answer_callback_query(query.id)


async def test_an_answer_that_comes_late_or_is_too_long_is_refused(
    bot: telegram.Bot, people: SandboxClient, card: telegram.Message, clock: Clock
) -> None:
    tap = asyncio.create_task(people.tap(ADA, GROUP, card.message_id, "more"))
    query = await tapped(bot)
    with refused("message_too_long"):
        await bot.answer_callback_query(query.id, "🐈" * 101)
    clock.now += ANSWER_SECONDS["callback"]
    with refused(TOO_OLD):
        await bot.answer_callback_query(query.id)
    tap.cancel()


async def test_a_button_that_is_not_there_cannot_be_tapped(
    people: SandboxClient, card: telegram.Message
) -> None:
    with pytest.raises(SandboxRefused, match="no button with this data"):
        await people.tap(ADA, GROUP, card.message_id, "cancel:2")
    with pytest.raises(SandboxRefused, match="no such message"):
        await people.tap(ADA, GROUP, 99, "more")
