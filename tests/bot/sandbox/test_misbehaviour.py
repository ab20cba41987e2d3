"""Faults on demand, as python-telegram-bot meets them."""

import pytest
import telegram
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, GROUP


async def test_the_next_calls_are_refused_with_429_and_do_nothing(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.misbehave("sendMessage", "429", 2, retry_after=7)
    for _ in range(2):
        with pytest.raises(RetryAfter) as refusal:
            await bot.send_message(GROUP, "x")
        assert refusal.value._retry_after.total_seconds() == 7
    assert await people.messages(ADA, GROUP) == []
    assert await bot.send_message(GROUP, "x")


async def test_a_500_does_nothing(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.misbehave("SENDMESSAGE", "500")
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(GROUP, "x")
    assert await people.messages(ADA, GROUP) == []
    (call,) = [one for one in await people.calls() if one["method"] == "sendMessage"]
    assert (call["ok"], call["error"]) == (False, "Internal Server Error")


async def test_a_chat_without_photos_says_so(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.misbehave("sendMessage", "no_photos")
    with pytest.raises(BadRequest, match="Not enough rights to send photos to the chat"):
        await bot.send_message(GROUP, "x")
    assert await people.messages(ADA, GROUP) == []


async def test_a_lost_answer_leaves_the_work_done(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.misbehave("sendMessage", "lose_answer")
    with pytest.raises(NetworkError):
        await bot.send_message(GROUP, "x")
    assert [one["text"] for one in await people.messages(ADA, GROUP)] == ["x"]


async def test_a_late_answer_leaves_the_work_done(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.misbehave("sendMessage", "delay", seconds=30)
    with pytest.raises(TimedOut):
        await bot.send_message(GROUP, "x", read_timeout=0.2)
    assert [one["text"] for one in await people.messages(ADA, GROUP)] == ["x"]


async def test_a_star_means_any_method_but_getupdates(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.misbehave("*", "500")
    assert await bot.get_updates() == ()
    with pytest.raises(NetworkError):
        await bot.get_me()
    await people.misbehave("getUpdates", "500")
    assert await bot.get_me()
    with pytest.raises(NetworkError):
        await bot.get_updates()


async def test_planned_faults_can_be_taken_back(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.misbehave("*", "500", 100)
    await people.misbehave("*", "none")
    assert await bot.get_me()


async def test_a_lost_getupdates_answer_brings_the_updates_again(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "one")
    await people.misbehave("getUpdates", "lose_answer")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1
