"""Updates posted to a webhook: the secret, the order, and tries until they are taken."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import telegram
from aiohttp import web as server

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, refused
from tests.service import WAIT_SECONDS


@dataclass
class Receiver:
    """A bot's webhook that refuses the first so many posts."""

    url: str = ""
    refusals: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    secrets: set[str | None] = field(default_factory=set)
    taken: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def receive(self, request: server.Request) -> server.Response:
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        update = await request.json()
        self.posts.append(update)
        if self.refusals:
            self.refusals -= 1
            return server.Response(status=503)
        await self.taken.put(update["message"]["text"])
        return server.Response()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = server.Application()
    application.add_routes([server.post("/hook", receiver.receive)])
    runner = server.AppRunner(application, access_log=None)
    await runner.setup()
    await server.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def taken(receiver: Receiver, count: int) -> list[str]:
    async with asyncio.timeout(WAIT_SECONDS):
        return [await receiver.taken.get() for _ in range(count)]


async def test_updates_are_posted_with_the_secret_and_in_order(
    bot: telegram.Bot, people: SandboxClient, receiver: Receiver
) -> None:
    await people.send(ADA, ADA, "one")
    await bot.set_webhook(receiver.url, secret_token="s3cret-token_")
    for text in ("two", "three"):
        await people.send(ADA, ADA, text)
    assert await taken(receiver, 3) == ["one", "two", "three"]
    assert receiver.secrets == {"s3cret-token_"}
    info = await bot.get_webhook_info()
    assert info.url == receiver.url


async def test_a_refused_update_is_posted_again_before_the_next(
    bot: telegram.Bot, people: SandboxClient, receiver: Receiver
) -> None:
    receiver.refusals = 2
    await bot.set_webhook(receiver.url)
    for text in ("one", "two"):
        await people.send(ADA, ADA, text)
    assert await taken(receiver, 2) == ["one", "two"]
    posted = [update["message"]["text"] for update in receiver.posts]
    assert posted == ["one", "one", "one", "two"]
    assert len({update["update_id"] for update in receiver.posts}) == 2
    info = await bot.get_webhook_info()
    assert info.last_error_message == ("Wrong response from the webhook: 503 Service Unavailable")


async def test_updates_wait_for_a_webhook_that_is_away(
    bot: telegram.Bot, people: SandboxClient, receiver: Receiver, closed_port: int
) -> None:
    await bot.set_webhook(f"http://127.0.0.1:{closed_port}/")
    await people.send(ADA, ADA, "one")
    async with asyncio.timeout(WAIT_SECONDS):
        while not (info := await bot.get_webhook_info()).last_error_message:
            assert info.pending_update_count == 1
    assert info.last_error_message == "Connection refused"
    await bot.set_webhook(receiver.url)
    assert await taken(receiver, 1) == ["one"]


async def test_an_update_is_posted_again_when_told_to(
    bot: telegram.Bot, people: SandboxClient, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url)
    await people.send(ADA, ADA, "one")
    assert await taken(receiver, 1) == ["one"]
    await people.redeliver(1)
    assert await taken(receiver, 1) == ["one"]
    assert receiver.posts[0] == receiver.posts[1]


async def test_a_deleted_webhook_leaves_the_updates_to_getupdates(
    bot: telegram.Bot, people: SandboxClient, closed_port: int
) -> None:
    await bot.set_webhook(f"http://127.0.0.1:{closed_port}/")
    await people.send(ADA, ADA, "one")
    await bot.delete_webhook()
    (update,) = await bot.get_updates()
    assert update.message
    assert (await bot.get_webhook_info()).url == ""


async def test_pending_updates_can_be_dropped(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.send(ADA, ADA, "one")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.1/", "https://example.org/", "ftp://127.0.0.1/", "127.0.0.1", "http://["],
)
async def test_only_this_machine_is_posted_to(bot: telegram.Bot, url: str) -> None:
    with refused("bad webhook"):
        await bot.set_webhook(url)


async def test_a_secret_of_other_characters_is_refused(
    bot: telegram.Bot, web: aiohttp.ClientSession
) -> None:
    with refused("secret token contains unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:1/", secret_token="no spaces")
    async with web.get("/sandbox/calls") as answer:
        assert "no spaces" not in await answer.text()
