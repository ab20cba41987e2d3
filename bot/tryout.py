"""`kinogram try`: the whole service in a temporary folder, and a person who sends one prompt."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.app import App, open_app
from bot.local_telegram import sandboxed
from bot.sandbox.client import SandboxClient
from bot.settings import Settings
from bot.terminal import fail, save
from storage import jobs
from storage.jobs import JobState

PERSON = 1001
LONGEST_SECONDS = 3600.0


async def tryout(settings: Settings, prompt: str, output: Path, console: Console) -> int:
    """The exit code: 0 with the clip in `output`, 1 when the bot refused or failed.

    Raises: what open_app and sandboxed raise.
    """
    with tempfile.TemporaryDirectory(prefix="kinogram-") as folder:
        temporary = settings.model_copy(update={"data_dir": Path(folder)})
        async with sandboxed(temporary, port=0) as on_sandbox, open_app(on_sandbox) as app:
            stop, started = asyncio.Event(), asyncio.Event()
            service = asyncio.create_task(app.run(stop, started=started))
            root = str(on_sandbox.telegram_api_url).rstrip("/")
            chat = asyncio.create_task(_converse(app, started, root, prompt, output, console))
            await asyncio.wait([service, chat], return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            if not chat.done():
                chat.cancel()
            await service
            return await chat


async def _converse(
    app: App, started: asyncio.Event, root: str, prompt: str, output: Path, console: Console
) -> int:
    console.print("Starting a local Telegram, the bot and a worker …", style="dim")
    await started.wait()
    async with SandboxClient(root) as client, asyncio.timeout(LONGEST_SECONDS):
        sent = await client.send(PERSON, PERSON, prompt)
        _print(console, "You", prompt)
        shown = ""
        async for event in client.events(PERSON):
            message: dict[str, Any] = event.get("message") or {}
            if not message.get("from", {}).get("is_bot"):
                continue
            if message["message_id"] <= sent["message_id"]:
                continue
            text = message.get("text") or message.get("caption") or ""
            if text != shown:
                _print(console, "Kinogram", text)
                shown = text
            if "video" in message:
                mp4 = await client.file(message["video"]["url"])
                try:
                    await asyncio.to_thread(save, output, mp4)
                except OSError as error:
                    fail(f"--output {str(output)!r} cannot be written: {error.strerror}")
                    return 1
                console.print(Text(f"Saved {output}"), soft_wrap=True)
                return 0
            if await _ended_without_clip(app):
                return 1
    return 1


async def _ended_without_clip(app: App) -> bool:
    """Whether the bot's words are its last: no job came of the prompt, or its job failed."""
    counts = await app.database.read(jobs.counts, bot_id=app.bot_id)
    alive = {JobState.QUEUED, JobState.RUNNING, JobState.RENDERED, JobState.DELIVERED}
    return not any(count for state, count in counts.items() if state in alive)


def _print(console: Console, who: str, text: str) -> None:
    line = Text()
    line.append(f"{who}: ", style="bold")
    line.append(text)
    console.print(line, soft_wrap=True)
