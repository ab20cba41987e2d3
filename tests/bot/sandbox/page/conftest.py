"""A real browser on a real sandbox: people by their browsers, the bot by the Bot API."""

import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import pytest_asyncio
import telegram

from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox, open_sandbox
from tests.bot.sandbox.conftest import bot_on

playwright_api = pytest.importorskip("playwright.async_api")
Page = Any
OpenPage = Callable[..., Awaitable[Page]]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A crowded machine takes its time; a test that passes never waits for it.
PATIENCE_MILLISECONDS = 60_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Any]:
    """Chromium with an empty profile of its own."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    playwright_api.expect.set_options(timeout=PATIENCE_MILLISECONDS)
    async with playwright_api.async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


class Restartable:
    """A sandbox that can be stopped and opened again on its port, with its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: Sandbox | None = None
        self._stack = AsyncExitStack()

    @property
    def now(self) -> Sandbox:
        assert self.running
        return self.running

    async def start(self) -> None:
        port = int(self.running.root.rpartition(":")[2]) if self.running else 0
        # Every reading is a minute later, so that no flood limit is ever met.
        minutes = itertools.count(step=60.0)
        self.running = await self._stack.enter_async_context(
            open_sandbox(self.folder, port=port, flood_clock=lambda: next(minutes))
        )

    async def stop(self) -> None:
        await self._stack.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def restartable(tmp_path: Path) -> AsyncIterator[Restartable]:
    sandbox = Restartable(tmp_path)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def people(restartable: Restartable) -> AsyncIterator[SandboxClient]:
    """People whose browser we do not look at."""
    async with SandboxClient(restartable.now.root) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def bot(restartable: Restartable) -> AsyncIterator[telegram.Bot]:
    async with bot_on(restartable.now) as bot:
        yield bot


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Any, restartable: Restartable) -> AsyncIterator[OpenPage]:
    """Opens a place such as "1001/-100500" in a fresh browser context with the given options.

    The test fails when a page logs an error (a blocked script among them) that is not about a
    connection, or throws.
    """
    wrong: list[str] = []
    contexts = []

    async def opened(place: str = "", **options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        context = await browser.new_context(**options)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if _is_wrong(line) else None)
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        await page.goto(f"{restartable.now.root}/#{place}")
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert wrong == []


def _is_wrong(line: Any) -> bool:
    return line.type in {"error", "warning"} and "net::ERR_" not in line.text


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of H.264, 96x64, a white square moving left over blue."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(16):
            picture = np.full((64, 96, 3), (40, 90, 200), np.uint8)
            picture[20:44, 70 - 4 * number : 94 - 4 * number] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()
