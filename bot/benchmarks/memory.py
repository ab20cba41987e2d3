"""What the process's memory does over many jobs."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database as Tables

from bot.benchmarks.growth import BOT_ID, accepted
from bot.benchmarks.instant import InstantFleet
from bot.benchmarks.quiet_chats import reconciling
from bot.clips_folder import ClipsFolder
from bot.dispatcher import Dispatcher
from bot.rules import Rules
from inference.machine import resident_mib
from storage import jobs
from storage.database import Database
from storage.jobs import JobState

AT_ONCE = 100
PEOPLE = 50
LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Resident memory after a first tenth of the jobs, and after all of them."""

    jobs: int
    after_a_tenth_mib: float
    after_all_mib: float
    seconds: float


async def measure(folder: Path, rules: Rules, count: int, told: Callable[[str], None]) -> Memory:
    """Accept, render at once and deliver so many jobs, AT_ONCE at a time."""
    database = await Database.open(folder / "memory.db")
    fleet, ready = InstantFleet(), asyncio.Event()
    ready.set()
    dispatcher = Dispatcher(
        database=database,
        bot_id=BOT_ID,
        models=(rules.model.name,),
        clips=ClipsFolder(folder),
        clock=time.time,
        changed=lambda: None,
        rendered=lambda _clip: None,
    )
    began = time.perf_counter()
    working = asyncio.create_task(dispatcher.run(fleet.opened_when(ready)))
    first, done = 0.0, 0
    try:
        async with reconciling(database, BOT_ID, rules, folder, dispatcher.live) as (reconciler, _):
            while done < count:
                more = min(AT_ONCE, count - done)
                await database.run(_accept_many, rules, done, more)
                dispatcher.wake()
                done += more
                async with asyncio.timeout(LONGEST_SECONDS):
                    await _delivered(database, done, reconciler.wake)
                if not first and done >= count / 10:
                    first = resident_mib()
                told(f"{done:,} of {count:,} jobs")
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await database.close()
    return Memory(
        jobs=count,
        after_a_tenth_mib=first,
        after_all_mib=resident_mib(),
        seconds=round(time.perf_counter() - began, 1),
    )


def _accept_many(db: Tables, rules: Rules, first: int, count: int) -> None:
    for number in range(first, first + count):
        accepted(db, rules, number, 1 + number % PEOPLE)


async def _delivered(database: Database, count: int, wake: Callable[[], None]) -> None:
    while True:
        counts = await database.read(jobs.counts, bot_id=BOT_ID)
        if counts[JobState.DELIVERED] >= count:
            return
        if counts[JobState.FAILED] or counts[JobState.CANCELLED]:
            raise RuntimeError("a job of the measurement was not delivered")
        wake()
        await asyncio.sleep(0.05)
