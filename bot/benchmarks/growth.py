"""What one step of the service costs while ever more jobs wait.

A database on disk is filled with waiting jobs through the functions that accept them; then each
step is timed on it as the service takes it, its commit included. The chats answer at once, for
Telegram's own limits would hide what is measured.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database as Tables

from bot.benchmarks.quiet_chats import QuietChats, reconciling
from bot.benchmarks.samples import Spread, spread
from bot.incoming import Incoming
from bot.intake import accept
from bot.outbox import Reconciler
from bot.rules import Rules
from storage import jobs, people
from storage.database import Database
from storage.jobs import Job

BOT_ID = 7_000_001
JOBS_A_PERSON = 3
A_COMMIT = 500
LEASE_SECONDS = 60.0
LONGEST_SECONDS = 120.0
PROMPT = "a cat moves left on a blue background"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """What each step takes while that many jobs wait.

    loop_held: how late the event loop was for others while first cards were sent.
    """

    waiting: int
    steps: dict[str, Spread]
    loop_held: Spread


async def measure(
    folder: Path, rules: Rules, sizes: Sequence[int], samples: int, told: Callable[[str], None]
) -> list[Grown]:
    """What each step takes with so many jobs waiting. sizes: ascending."""
    database = await Database.open(folder / "growth.db")
    line = _Line(database, rules, folder)
    found = []
    try:
        for size in sizes:
            told(f"{size:,} waiting jobs")
            await line.grow(size)
            found.append(await line.measure(samples))
    finally:
        await database.close()
    return found


def accepted(db: Tables, rules: Rules, number: int, user_id: int) -> Job:
    """The job that a person's prompt becomes. number: of its update."""
    incoming = Incoming(
        bot_id=BOT_ID,
        update_id=number,
        user_id=user_id,
        chat_id=user_id,
        chat_type="private",
        thread_id=None,
        message_id=number,
        language="en",
        now=time.time(),
        person=people.get(db, bot_id=BOT_ID, user_id=user_id),
    )
    job = accept(db, incoming, rules, PROMPT, number)
    if job is None:
        raise RuntimeError("a prompt of the measurement was refused")
    return job


class _Line:
    """A database with jobs that wait, and the parts of the service that work on it."""

    def __init__(self, database: Database, rules: Rules, folder: Path) -> None:
        self._database = database
        self._rules = rules
        self._folder = folder
        self._asked = 0
        self._last = 0

    async def grow(self, size: int) -> None:
        """Accept prompts until so many jobs wait."""
        while self._asked < size:
            count = min(A_COMMIT, size - self._asked)
            await self._database.run(self._accept_many, self._asked, count)
            self._asked += count

    def _accept_many(self, db: Tables, first: int, count: int) -> None:
        for number in range(first, first + count):
            job = self._accept(db, number, 1000 + number // JOBS_A_PERSON)
            jobs.card_sent(db, job_id=job.id, message_id=number + 1, shown="as it was")

    def _accept(self, db: Tables, number: int, user_id: int) -> Job:
        return accepted(db, self._rules, number, user_id)

    async def measure(self, samples: int) -> Grown:
        """The steps timed, each so often; all jobs wait again afterwards."""
        waiting = self._asked
        held: list[float] = []
        newcomers = 2 * samples
        steps = {
            "accept": [await _timed(self._newcomer()) for _ in range(samples)],
            "place in line": [await _timed(self._place()) for _ in range(samples)],
        }
        async with (
            reconciling(self._database, BOT_ID, self._rules, self._folder, {}) as (
                reconciler,
                chats,
            ),
            _watched(held),
        ):
            steps["first card"] = [
                await _timed(self._first_card(reconciler, chats)) for _ in range(samples)
            ]
        steps["claim"] = [await _timed(self._claim()) for _ in range(newcomers)]
        await self._database.run(jobs.requeue_running, bot_id=BOT_ID)
        return Grown(
            waiting=waiting,
            steps={name: spread(seconds) for name, seconds in steps.items()},
            loop_held=spread(held),
        )

    async def _newcomer(self) -> Job:
        number = self._asked
        self._asked += 1
        job = await self._database.run(self._accept, number, 10**9 + number)
        self._last = job.id
        return job

    async def _place(self) -> object:
        """Of the last in line, for whom the whole line is counted."""
        return await self._database.read(jobs.standings, bot_id=BOT_ID, job_ids=[self._last])

    async def _claim(self) -> object:
        return await self._database.run(
            jobs.claim,
            bot_id=BOT_ID,
            model=self._rules.model.name,
            now=time.time(),
            lease_seconds=LEASE_SECONDS,
        )

    async def _first_card(self, reconciler: Reconciler, chats: QuietChats) -> None:
        """A prompt is accepted and its card sent."""
        job = await self._newcomer()
        chats.sent[job.id] = sent = asyncio.Event()
        reconciler.wake()
        async with asyncio.timeout(LONGEST_SECONDS):
            await sent.wait()


async def _timed(step: Awaitable[object]) -> float:
    began = time.perf_counter()
    await step
    return time.perf_counter() - began


@contextlib.asynccontextmanager
async def _watched(held: list[float]) -> AsyncIterator[None]:
    """Note how late the event loop wakes whoever sleeps 10 ms."""

    async def watch() -> None:
        while True:
            held.append(max(0.0, await _timed(asyncio.sleep(0.01)) - 0.01))

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
