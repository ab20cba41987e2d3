"""What the bot and the shell commands beside it let each other know, through the database."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from bot.card import Live
from bot.workers import WorkerState
from storage import bots, heartbeats, jobs
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.heartbeats import WorkerRecord

LOOK_SECONDS = 1.0
BEAT_SECONDS = 10.0
SILENT_SECONDS = 30.0  # after which a bot that has said nothing is taken for dead


class ShellLink:
    """The bot's end of it."""

    def __init__(
        self,
        database: Database,
        bot_id: int,
        clock: Callable[[], float],
        workers: Callable[[], Sequence[WorkerState]],
        live: Mapping[int, Live],
        changed: Callable[[], None],
        stop: Callable[[int], None],
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._clock = clock
        self._workers = workers
        self._live = live
        self._changed = changed
        self._stop = stop
        self._told: tuple[float, list[WorkerRecord]] | None = None

    async def run(self, username: str) -> None:
        """Write down the bot's name, and what its workers do whenever that changes.

        Whenever another process has committed, call `changed`, and `stop` with the id of each job
        that runs although its cancel was asked for. Until cancelled.
        """
        is_known, seen = False, None
        while True:
            with contextlib.suppress(StorageUnavailable):
                if not is_known:
                    await self._database.run(bots.see, bot_id=self._bot_id, username=username)
                    is_known = True
                commits = await self._database.foreign_commits()
                if seen is not None and commits != seen:
                    self._changed()
                    for job_id in await self._database.read(
                        jobs.to_be_stopped, bot_id=self._bot_id
                    ):
                        self._stop(job_id)
                seen = commits
                await self._beat()
            await asyncio.sleep(LOOK_SECONDS)

    async def close(self) -> None:
        """Write down that the bot serves no more."""
        with contextlib.suppress(StorageUnavailable):
            await self._database.run(heartbeats.stop, bot_id=self._bot_id)

    async def _beat(self) -> None:
        now, workers = self._clock(), self._records()
        if self._told is not None:
            at, told = self._told
            if workers == told and 0 <= now - at < BEAT_SECONDS:
                return
        await self._database.run(heartbeats.beat, bot_id=self._bot_id, workers=workers, now=now)
        self._told = now, workers

    def _records(self) -> list[WorkerRecord]:
        rendering: dict[int, list[int]] = {}
        for job_id, live in self._live.items():
            rendering.setdefault(live.worker, []).append(job_id)
        return [
            WorkerRecord(
                number=worker.number,
                state=worker.state,
                error=worker.error,
                model=worker.model,
                jobs=tuple(rendering.get(worker.number, ())),
            )
            for worker in self._workers()
        ]
