"""getUpdates: order, confirmation, waiting, conflicts, and what a bot in a group sees."""

import asyncio

import pytest
import telegram
from telegram.error import Conflict

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, BO, BOT_ID, CLEO, GROUP, Call, Clock


async def test_updates_come_in_order_until_they_are_confirmed(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    for text in ("one", "two", "three"):
        await people.send(ADA, ADA, text)
    first = await bot.get_updates(limit=2)
    assert [update.message.text for update in first if update.message] == ["one", "two"]
    assert first[1].update_id == first[0].update_id + 1
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [
        update.update_id for update in first
    ]
    (last,) = await bot.get_updates(offset=first[1].update_id + 1)
    assert last.message
    assert last.message.text == "three"
    assert await bot.get_updates(offset=last.update_id + 1) == ()
    assert await bot.get_updates() == ()


async def test_a_negative_offset_forgets_all_but_the_last(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    for text in ("one", "two", "three"):
        await people.send(ADA, ADA, text)
    (last,) = await bot.get_updates(offset=-1)
    assert last.message
    assert last.message.text == "three"
    assert len(await bot.get_updates()) == 1


async def test_a_long_poll_ends_as_soon_as_somebody_writes(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=50))
    await people.send(ADA, ADA, "hello")
    async with asyncio.timeout(40):
        (update,) = await waiting
    assert update.message
    assert update.message.from_user
    assert update.message.from_user.language_code == "en"
    assert update.message.chat.type == "private"


async def test_an_update_that_nobody_took_for_a_day_is_lost(
    bot: telegram.Bot, people: SandboxClient, clock: Clock
) -> None:
    await people.send(ADA, ADA, "hello")
    clock.now += 24 * 3600
    assert await bot.get_updates() == ()


async def test_a_newer_getupdates_ends_the_older(
    bot: telegram.Bot, people: SandboxClient, call: Call
) -> None:
    await people.send(ADA, ADA, "before")
    (update,) = await bot.get_updates()
    older = asyncio.create_task(call("getUpdates", offset=update.update_id + 1, timeout=30))
    while (await bot.get_webhook_info()).pending_update_count:
        pass  # until the older call has confirmed, and so is waiting
    newer = asyncio.create_task(bot.get_updates(offset=update.update_id + 1, timeout=30))
    assert (await older)["description"] == (
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    await people.send(ADA, ADA, "after")
    assert len(await newer) == 1


async def test_only_the_named_kinds_of_update_come_from_then_on(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await bot.get_updates(allowed_updates=["edited_message", "nonsense"])
    sent = await people.send(ADA, ADA, "one")
    await people.edit(ADA, ADA, sent["message_id"], "two")
    (update,) = await bot.get_updates()
    assert update.edited_message
    assert update.edited_message.text == "two"
    await bot.get_updates(update.update_id + 1, allowed_updates=[])
    await people.send(ADA, ADA, "three")
    (update,) = await bot.get_updates()
    assert update.message


async def test_old_updates_come_again_when_told_to(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    for text in ("one", "two", "three"):
        await people.send(ADA, ADA, text)
    sent = await bot.get_updates()
    await bot.get_updates(offset=sent[-1].update_id + 1)
    await people.send(ADA, ADA, "four")
    assert await people.redeliver(3) == 3
    again = await bot.get_updates(offset=sent[-1].update_id + 1)
    assert [update.message.text for update in again if update.message] == ["two", "three", "four"]
    assert [update.update_id for update in again[:2]] == [sent[1].update_id, sent[2].update_id]
    (four,) = await bot.get_updates(offset=sent[-1].update_id + 1)
    assert four.update_id == again[-1].update_id


async def test_in_a_group_the_bot_sees_only_what_is_meant_for_it(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    own = await bot.send_message(GROUP, "hello")
    for text in ("just talking", "/video@other_bot a cat", "what about @ada?"):
        await people.send(BO, GROUP, text)
    chat = await people.send(BO, GROUP, "a /video in the middle")
    await people.send(ADA, GROUP, "indeed", reply_to=chat["message_id"])
    for text in ("/video a cat", "/video@kinogram_sandbox_bot a dog", "@Kinogram_Sandbox_Bot hi"):
        await people.send(ADA, GROUP, text)
    await people.send(CLEO, GROUP, "thanks", reply_to=own.message_id)
    seen = [update.message for update in await bot.get_updates()]
    assert [message.text for message in seen if message] == [
        "/video a cat",
        "/video@kinogram_sandbox_bot a dog",
        "@Kinogram_Sandbox_Bot hi",
        "thanks",
    ]
    last = seen[-1]
    assert last
    assert last.chat.type == "supergroup"
    assert last.chat.title == "Film Club"
    assert last.reply_to_message
    assert last.reply_to_message.from_user
    assert last.reply_to_message.from_user.id == BOT_ID


async def test_getupdates_is_refused_while_a_webhook_is_set(
    bot: telegram.Bot, closed_port: int
) -> None:
    await bot.set_webhook(f"http://127.0.0.1:{closed_port}/")
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()


async def test_setting_a_webhook_ends_a_long_poll(
    bot: telegram.Bot, people: SandboxClient, call: Call, closed_port: int
) -> None:
    await people.send(ADA, ADA, "before")
    (update,) = await bot.get_updates()
    waiting = asyncio.create_task(call("getUpdates", offset=update.update_id + 1, timeout=30))
    while (await bot.get_webhook_info()).pending_update_count:
        pass  # until the call has confirmed, and so is waiting
    await bot.set_webhook(f"http://127.0.0.1:{closed_port}/")
    assert (await waiting)["description"] == "Conflict: terminated by setWebhook request"
