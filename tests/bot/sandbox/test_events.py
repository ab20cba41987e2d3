"""Server-Sent Events: live, complete, and only what the person may see."""

import asyncio

import aiohttp
import telegram

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, BO, GROUP


async def test_events_begin_where_asked_and_go_on_live(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "one")
    events = people.events(ADA, after=0)
    first = await anext(events)
    assert (first["type"], first["chat"], first["message"]["text"]) == ("message", ADA, "one")
    live = asyncio.ensure_future(anext(events))
    await bot.send_message(ADA, "two")
    assert (await live)["message"]["text"] == "two"
    await events.aclose()
    later = people.events(ADA, after=first["seq"])
    assert (await anext(later))["message"]["text"] == "two"
    await later.aclose()


async def test_nobody_sees_another_persons_chat(people: SandboxClient) -> None:
    await people.send(ADA, ADA, "private")
    await people.send(ADA, GROUP, "for all")
    events = people.events(BO)
    assert (await anext(events))["message"]["text"] == "for all"
    await events.aclose()


async def test_a_deletion_names_the_message(people: SandboxClient) -> None:
    sent = await people.send(ADA, ADA, "one")
    await people.delete(ADA, ADA, sent["message_id"])
    event = await people.first_event(ADA, lambda event: event["type"] == "deleted")
    assert event["message_id"] == sent["message_id"]


async def test_a_browser_that_comes_back_misses_nothing(
    people: SandboxClient, web: aiohttp.ClientSession
) -> None:
    for text in ("one", "two", "three"):
        await people.send(ADA, ADA, text)
    async with web.get(
        "/sandbox/events", params={"person": ADA}, headers={"Last-Event-ID": "2"}
    ) as answer:
        assert answer.content_type == "text/event-stream"
        lines = [await answer.content.readline() for _ in range(4)]
    assert lines[2] == b"id: 3\n"
    assert b'"text": "three"' in lines[3]


async def test_a_page_that_names_no_number_gets_only_what_is_new(
    people: SandboxClient, web: aiohttp.ClientSession
) -> None:
    await people.send(ADA, ADA, "old")
    async with web.get("/sandbox/events", params={"person": ADA}) as answer:
        assert await answer.content.readline() == b"retry: 500\n"
        await people.send(ADA, ADA, "new")
        lines = [await answer.content.readline() for _ in range(3)]
    assert b'"text": "new"' in lines[2]
