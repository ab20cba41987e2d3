"""`python -m bot.sandbox`: starts, is killed, and comes back with everything it answered."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import telegram

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, BOT_ID
from tests.service import WAIT_SECONDS


@dataclass
class Process:
    root: str
    child: asyncio.subprocess.Process


@contextlib.asynccontextmanager
async def running(folder: Path, *options: str) -> AsyncIterator[Process]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "--folder", str(folder), *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert child.stdout
    try:
        line = (await asyncio.wait_for(child.stdout.readline(), WAIT_SECONDS)).decode()
        assert line.startswith("Sandbox: http://127.0.0.1:")
        yield Process(line.strip().removeprefix("Sandbox: "), child)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.communicate()


def bot_at(root: str, token: str) -> telegram.Bot:
    return telegram.Bot(token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot")


async def test_a_killed_sandbox_comes_back_with_all_it_acknowledged(tmp_path: Path) -> None:
    async with running(tmp_path) as process:
        token = (tmp_path / "token").read_text().strip()
        assert token.startswith(f"{BOT_ID}:")
        assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
        async with SandboxClient(process.root) as people, bot_at(process.root, token) as bot:
            await people.send(ADA, ADA, "one")
            (first,) = await bot.get_updates()
            await bot.get_updates(offset=first.update_id + 1)
            await people.send(ADA, ADA, "two")
            sent = await bot.send_video(ADA, b"mp4", caption="a cat")
            await bot.set_message_reaction(ADA, 1, "👌")
            before = await people.messages(ADA, ADA)
            process.child.kill()
            await process.child.wait()
    async with running(tmp_path) as process:
        assert (tmp_path / "token").read_text().strip() == token
        async with SandboxClient(process.root) as people, bot_at(process.root, token) as bot:
            assert await people.messages(ADA, ADA) == before
            (second,) = await bot.get_updates()
            assert second.update_id == first.update_id + 1
            assert sent.video
            file = await bot.get_file(sent.video.file_id)
            assert bytes(await file.download_as_bytearray()) == b"mp4"
            assert (await bot.send_message(ADA, "x")).message_id == 4


async def test_sigterm_ends_it_at_once_even_under_a_long_poll(tmp_path: Path) -> None:
    async with running(tmp_path, "--token", "7000001:given-by-hand-0123456789") as process:
        token = "7000001:given-by-hand-0123456789"
        async with SandboxClient(process.root) as people, bot_at(process.root, token) as bot:
            events = people.events(ADA)
            waiting = asyncio.gather(
                bot.get_updates(timeout=50), anext(events, None), return_exceptions=True
            )
            await bot.get_me()
            process.child.terminate()
            output, errors = await asyncio.wait_for(process.child.communicate(), 40)
            assert process.child.returncode == 0
            assert token.encode() not in output + errors
            await waiting
            await events.aclose()


async def test_it_ends_with_its_parent_when_told_to(tmp_path: Path) -> None:
    async with running(tmp_path, "--with-parent") as process:
        assert process.child.stdin
        process.child.stdin.close()  # as when the parent is killed
        assert await asyncio.wait_for(process.child.wait(), WAIT_SECONDS) == 0
    async with running(tmp_path) as process:
        assert process.child.stdin
        process.child.stdin.close()
        async with SandboxClient(process.root) as people:
            assert len(await people.people()) == 3


async def ended(*options: str) -> tuple[int | None, str]:
    """How a sandbox that cannot start ends, and what it says on stderr."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", *options), stderr=asyncio.subprocess.PIPE
    )
    try:
        _, errors = await asyncio.wait_for(child.communicate(), WAIT_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
    return child.returncode, errors.decode()


async def test_what_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for options in (("--flood-scale", "2"), ("--port", port), ("--token", "a b/c")):
            code, errors = await ended("--folder", str(tmp_path), *options)
            assert code == 2
            assert errors.startswith("The sandbox cannot start: ")
            assert errors.count("\n") == 1


async def test_one_folder_belongs_to_one_sandbox_at_a_time(tmp_path: Path) -> None:
    async with running(tmp_path):
        code, errors = await ended("--folder", str(tmp_path))
        assert code == 2
        assert "another sandbox" in errors
