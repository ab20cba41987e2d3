"""The whole service on a sandbox, for tests: real processes, real PTB, a fleet of choice."""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AnyHttpUrl, SecretStr

from bot.app import App, OpenFleet, open_app
from bot.replies.card import CardReplies
from bot.sandbox.client import SandboxClient
from bot.settings import Settings
from storage import jobs
from storage.database import Database
from tests.forked import Forked

ADA, BO, CLEO = 1001, 1002, 1003
GROUP = -100500
BOT_ID = 7000001
WAIT_SECONDS = 60.0  # a crowded machine takes its time; a test that passes never waits for it
Message = dict[str, Any]


@dataclass(frozen=True)
class Sandbox:
    """A sandbox process of its own, as people (client) and as the bot (settings) see it."""

    root: str
    token: str
    client: SandboxClient

    def settings(self, data_dir: Path, **values: Any) -> Settings:
        """Settings of a bot on this sandbox."""
        defaults = {"http_port": 0, "admins": frozenset({CLEO})}
        return Settings(
            telegram_token=SecretStr(self.token),
            telegram_api_url=AnyHttpUrl(self.root),
            data_dir=data_dir,
            **(defaults | values),
        )

    def environment(self, data_dir: Path, **values: str) -> dict[str, str]:
        """The same for a bot in a process of its own."""
        return os.environ | {
            "KINOGRAM_TELEGRAM_TOKEN": self.token,
            "KINOGRAM_TELEGRAM_API_URL": self.root,
            "KINOGRAM_DATA_DIR": str(data_dir),
            "KINOGRAM_HTTP_PORT": "0",
            "KINOGRAM_ADMINS": str(CLEO),
            **values,
        }


@contextlib.asynccontextmanager
async def open_sandbox(folder: Path) -> AsyncIterator[Sandbox]:
    """A sandbox process on a free port, ended with the block."""
    process = Forked("bot.sandbox", "--folder", str(folder), "--port", "0")
    try:
        root = (await process.first_line(WAIT_SECONDS)).strip().removeprefix("Sandbox: ")
        async with SandboxClient(root) as client:
            yield Sandbox(root, (folder / "token").read_text().strip(), client)
    finally:
        process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def open_service(
    settings: Settings, open_fleet: OpenFleet, clock: Callable[[], float] = time.time
) -> AsyncIterator[App]:
    """The service, serving until the block ends."""
    async with open_app(settings, open_fleet=open_fleet, clock=clock) as app:
        stop, started = asyncio.Event(), asyncio.Event()
        service = asyncio.create_task(app.run(stop, started=started))
        ready = asyncio.create_task(started.wait())
        try:
            await asyncio.wait([service, ready], return_when=asyncio.FIRST_COMPLETED)
            if not service.done():
                yield app
        finally:
            ready.cancel()
            stop.set()
            await service


async def until(
    client: SandboxClient,
    person: int,
    chat: int,
    wanted: Callable[[list[Message]], Any],
    seconds: float = WAIT_SECONDS,
) -> Any:
    """What `wanted` finds in the chat, as soon as it finds something."""
    async with asyncio.timeout(seconds):
        if found := wanted(await client.messages(person, chat)):
            return found
        async for _event in client.events(person):
            if found := wanted(await client.messages(person, chat)):
                return found
    raise AssertionError("the sandbox ended its events")


def buttons(message: Message) -> list[dict[str, Any]]:
    """The buttons under a message."""
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in keyboard for button in row]


def taps(message: Message) -> dict[str, str]:
    """What tapping its buttons sends, by action."""
    data = [button["callback_data"] for button in buttons(message) if "callback_data" in button]
    return {one.partition(":")[0]: one for one in data}


def by_bot(messages: list[Message]) -> list[Message]:
    """The bot's messages."""
    return [message for message in messages if message["from"]["id"] == BOT_ID]


def cards(messages: list[Message]) -> list[Message]:
    """The bot's messages but those that say, after a long wait, that a clip is ready."""
    ready = {CardReplies(language).ready() for language in ("en", "zh")}
    return [message for message in by_bot(messages) if message.get("text") not in ready]


def texts(messages: list[Message]) -> list[str]:
    """What the bot wrote."""
    return [message.get("text") or message.get("caption") or "" for message in by_bot(messages)]


def videos(messages: list[Message]) -> list[Message]:
    """The bot's videos."""
    return [message for message in by_bot(messages) if "video" in message]


async def let_it_answer(sandbox: Sandbox, person: int) -> None:
    """Return once the bot has answered somebody in their private chat."""
    before = len(by_bot(await sandbox.client.messages(person, person)))
    await sandbox.client.send(person, person, "/help")
    await until(sandbox.client, person, person, lambda found: len(by_bot(found)) > before)


async def settled(app: App) -> list[dict[str, Any]]:
    """The ledger, once every card shows its job's end: a clip is seen before that is committed."""
    async with asyncio.timeout(WAIT_SECONDS):
        while await app.database.read(jobs.open_cards, bot_id=BOT_ID, limit=1):
            await asyncio.sleep(0.02)
    return await ledger(app.database)


async def ledger(database: Database, bot_id: int = BOT_ID) -> list[dict[str, Any]]:
    """Every row of the ledger, oldest first."""
    rows = await database.read(
        lambda db: list(db.query("SELECT * FROM ledger WHERE bot_id = ? ORDER BY id", [bot_id]))
    )
    return json.loads(json.dumps(rows))  # type: ignore[no-any-return]
