"""The whole service on a sandbox with a crowd, in temporary folders, for a measurement."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import AnyHttpUrl

from bot.access import Access
from bot.app import App, open_app
from bot.data_folder import DATABASE_FILE
from bot.local_telegram import sandboxed
from bot.ray_fleet import OpenFleet
from bot.sandbox.client import SandboxClient
from bot.settings import Settings
from storage import jobs

FIRST_OF_CROWD = 1004
LONGEST_SECONDS = 900.0
PROMPTS = ("a cat moves left on a blue background", "红色背景，飞机向右飞")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running service, its database's file, and the people who use it."""

    app: App
    database: Path
    client: SandboxClient
    people: range

    async def settled(self) -> None:
        """Return when every card shows its job's end."""

        async def all_shown() -> bool:
            found = await self.app.database.read(jobs.open_cards, bot_id=self.app.bot_id, limit=1)
            return not found

        await until(all_shown)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Return when it is so. Raises: TimeoutError, after LONGEST_SECONDS."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def serving(
    settings: Settings,
    folder: Path,
    people: int,
    open_fleet: OpenFleet | None,
    *,
    by_webhook: bool = False,
) -> AsyncIterator[Served]:
    """The service in `folder`, serving until the block ends.

    open_fleet: None for the real one, on Ray. by_webhook: instead of by long poll.
    Raises: what open_app and sandboxed raise.
    """
    address = {"http_host": "127.0.0.1", "http_port": _free_port()}
    mine = settings.model_copy(update={"data_dir": folder, "access": Access.OPEN, **address})
    webhook = AnyHttpUrl(f"http://127.0.0.1:{mine.http_port}") if by_webhook else None
    async with (
        sandboxed(mine, 0, people) as on_sandbox,
        open_app(
            on_sandbox.model_copy(update={"webhook_url": webhook}), open_fleet=open_fleet
        ) as app,
        SandboxClient(str(on_sandbox.telegram_api_url)) as client,
    ):
        stop, started = asyncio.Event(), asyncio.Event()
        service = asyncio.create_task(app.run(stop, started=started))
        try:
            ready = asyncio.create_task(started.wait())
            await asyncio.wait([service, ready], return_when=asyncio.FIRST_COMPLETED)
            if service.done():
                ready.cancel()
                await service
            yield Served(
                app=app,
                database=on_sandbox.data_dir / DATABASE_FILE,
                client=client,
                people=range(FIRST_OF_CROWD, FIRST_OF_CROWD + people),
            )
        finally:
            stop.set()
            await service
