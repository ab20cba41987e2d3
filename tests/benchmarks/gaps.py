"""Seconds that the model stands still between two jobs while more wait.

    python -m tests.benchmarks.gaps --jobs 20

The dispatcher, SQLite on disk, Ray and one worker with the built-in model: all that stands between
the end of one render and the beginning of the next.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from bot.clips_folder import ClipsFolder
from bot.dispatcher import Dispatcher
from inference import catalog
from inference.fleet import Fleet
from inference.values import Clip
from storage.database import Database
from tests.storage.examples import BOT, ask

PEOPLE = 7
TARGET_SECONDS = 0.05


async def gaps(jobs: int, steps: int, folder: Path) -> list[float]:
    """Idle seconds of the model before each job but the first."""
    rendered: list[Clip] = []
    done = asyncio.Event()

    def count(clip: Clip) -> None:
        rendered.append(clip)
        if len(rendered) == jobs:
            done.set()

    database = await Database.open(folder / "kinogram.db")
    for number in range(jobs):
        await database.run(ask, user_id=1 + number % PEOPLE, steps=steps, daily_tenths=10**6)
    dispatcher = Dispatcher(
        database=database,
        bot_id=BOT,
        models=("builtin",),
        clips=ClipsFolder(folder),
        clock=time.time,
        changed=lambda: None,
        rendered=count,
    )
    fleets: list[Fleet] = []

    async def open_fleet() -> Fleet:
        fleets.append(await Fleet.open([catalog.find("builtin")], address=None, workers=1))
        return fleets[0]

    working = asyncio.create_task(dispatcher.run(open_fleet))
    await asyncio.wait({working, asyncio.ensure_future(done.wait())}, return_when="FIRST_COMPLETED")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await fleets[0].close()
    await database.close()
    return [clip.idle_seconds for clip in rendered[1:]]


def main(
    jobs: Annotated[int, typer.Option(min=3)] = 20, steps: Annotated[int, typer.Option(min=1)] = 8
) -> None:
    """Measure that many jobs of that many steps, all of which wait at the beginning."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = asyncio.run(gaps(jobs, steps, Path(folder)))
    print(
        f"model idle between jobs: median {statistics.median(seconds) * 1000:.1f} ms, "
        f"{min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f} ms, {len(seconds)} gaps, "
        f"target {TARGET_SECONDS * 1000:.0f} ms"
    )


if __name__ == "__main__":
    typer.run(main)
