"""A sandbox in this process, people to play, and a real python-telegram-bot Bot on it."""

import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import telegram
from telegram.error import BadRequest
from telegram.request import HTTPXRequest

from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox, open_sandbox

Call = Callable[..., Awaitable[dict[str, Any]]]

ADA, BO, CLEO = 1001, 1002, 1003
GROUP = -100500
BOT_ID = 7000001


@dataclass
class Clock:
    """A clock that stands still until told."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flood_clock() -> Clock:
    return Clock(0.0)


@pytest.fixture
async def sandbox(tmp_path: Path, clock: Clock, flood_clock: Clock) -> AsyncIterator[Sandbox]:
    async with open_sandbox(
        tmp_path, clock=clock, flood_clock=flood_clock, webhook_pause_seconds=0.01
    ) as running:
        yield running


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(sandbox.root) as client:
        yield client


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[telegram.Bot]:
    async with bot_on(sandbox) as bot:
        yield bot


@pytest.fixture
async def web(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(sandbox.root) as session:
        yield session


@pytest.fixture
def call(sandbox: Sandbox, web: aiohttp.ClientSession) -> Call:
    """One Bot API call with a JSON body; the whole answer."""

    async def answer(method: str, **parameters: Any) -> dict[str, Any]:
        path = f"/bot{sandbox.token}/{method}"
        async with web.post(path, json=parameters) as response:
            body = dict(await response.json())
        assert body["ok"] or body["error_code"] == response.status
        return body

    return answer


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def bot_on(sandbox: Sandbox) -> telegram.Bot:
    # Reading the machine's certificates takes longer than most tests, and http needs none.
    plain = {"verify": False}
    return telegram.Bot(
        sandbox.token,
        base_url=f"{sandbox.root}/bot",
        base_file_url=f"{sandbox.root}/file/bot",
        request=HTTPXRequest(httpx_kwargs=plain),
        get_updates_request=HTTPXRequest(httpx_kwargs=plain),
    )


def keyboard(*data: str) -> telegram.InlineKeyboardMarkup:
    buttons = [telegram.InlineKeyboardButton(one, callback_data=one) for one in data]
    return telegram.InlineKeyboardMarkup([buttons])


def refused(words: str) -> pytest.RaisesExc[BadRequest]:
    """A BadRequest whose text contains these words in any case (the library changes the first)."""
    return pytest.raises(BadRequest, match=re.compile(re.escape(words), re.IGNORECASE))
