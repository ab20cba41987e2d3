"""Start the sandbox (bot/sandbox) as a process beside the bot, and end it with the bot."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import AnyHttpUrl, SecretStr

from bot.data_folder import SANDBOX_FOLDER
from bot.settings import Settings

START_SECONDS = 30.0
END_SECONDS = 3.0
ANNOUNCEMENT = "Sandbox: "
SANDBOX_ADMIN = 1003


class SandboxError(Exception):
    """The sandbox could not be started; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTelegram:
    """A running sandbox: its address, and the token of its bot."""

    root: str
    token: str = field(repr=False)


@contextlib.asynccontextmanager
async def local_telegram(folder: Path, port: int, crowd: int = 0) -> AsyncIterator[LocalTelegram]:
    """A sandbox whose chats live in `folder`; port 0 takes a free one.

    crowd: how many people there are besides the usual ones, their ids from 1004.
    Raises: SandboxError.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "--folder", str(folder), "--port", str(port)),
        *("--with-parent", "--crowd", str(crowd)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        root = await _announced(process)
        token = (folder / "token").read_text(encoding="ascii").strip()
        yield LocalTelegram(root=root, token=token)
    finally:
        # The sandbox ends when its standard input does, so it never outlives a killed bot either.
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _announced(process: asyncio.subprocess.Process) -> str:
    if process.stdout is None:
        raise SandboxError("the sandbox has no output")
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
    except TimeoutError:
        raise SandboxError("the sandbox did not start in time") from None
    text = line.decode(errors="replace").strip()
    if not text.startswith(ANNOUNCEMENT):
        raise SandboxError(text or "the sandbox ended at once; its reason stands above")
    return text.removeprefix(ANNOUNCEMENT)


@contextlib.asynccontextmanager
async def sandboxed(loaded: Settings, port: int, crowd: int = 0) -> AsyncIterator[Settings]:
    """The settings that make the same bot work on a sandbox, which runs meanwhile."""
    folder = loaded.data_dir / SANDBOX_FOLDER
    async with local_telegram(folder / "telegram", port, crowd) as telegram:
        yield loaded.model_copy(
            update={
                "telegram_token": SecretStr(telegram.token),
                "telegram_api_url": AnyHttpUrl(telegram.root),
                "webhook_url": None,
                "data_dir": folder,
                "admins": loaded.admins | {SANDBOX_ADMIN},
            }
        )
