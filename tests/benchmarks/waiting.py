"""Seconds that a person waits for the first card, and for the clip.

    python -m tests.benchmarks.waiting --prompts 20

The whole service (sandbox process, bot, Ray, built-in model), one prompt at a time.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from bot.app import OpenFleet
from inference import catalog
from inference.fleet import Fleet
from tests.service import ADA, Sandbox, by_bot, open_sandbox, open_service, settled, until, videos

PROMPTS = ("a cat moves left on a blue background", "红色背景，飞机向右飞")
LONG_SECONDS = 120.0


def ray_fleet() -> OpenFleet:
    """One worker with the built-in model."""

    async def open_fleet() -> Fleet:
        model = catalog.find(catalog.DEFAULT_MODEL)
        return await Fleet.open(model, address=None, workers=1)

    return open_fleet


async def wait_for_one(sandbox: Sandbox, prompt: str) -> tuple[float, float]:
    """Seconds from the prompt to the bot's first message, and to the clip."""
    shown = len(await sandbox.client.messages(ADA, ADA))
    began = time.monotonic()
    await sandbox.client.send(ADA, ADA, prompt)
    await until(sandbox.client, ADA, ADA, lambda found: by_bot(found[shown:]))
    carded = time.monotonic() - began
    await until(sandbox.client, ADA, ADA, lambda found: videos(found[shown:]), seconds=LONG_SECONDS)
    return carded, time.monotonic() - began


async def measure(prompts: int) -> None:
    """Print one line a measure; the first prompt, which meets a loading worker, apart."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sandbox(Path(folder) / "sandbox") as sandbox:
            settings = sandbox.settings(Path(folder) / "data", daily_credits=prompts + 1)
            async with open_service(settings, ray_fleet()) as app:
                waits = []
                for number in range(prompts + 1):
                    waits.append(await wait_for_one(sandbox, PROMPTS[number % len(PROMPTS)]))
                    await settled(app)
    print(f"first prompt: card {waits[0][0]:.2f} s, clip {waits[0][1]:.1f} s")
    for name, seconds in zip(("card", "clip"), zip(*waits[1:], strict=True), strict=True):
        print(
            f"{name}: median {statistics.median(seconds):.2f} s, "
            f"{min(seconds):.2f} to {max(seconds):.2f} s, {prompts} prompts"
        )


def main(prompts: Annotated[int, typer.Option(min=2)] = 20) -> None:
    """Measure that many prompts."""
    asyncio.run(measure(prompts))


if __name__ == "__main__":
    typer.run(main)
