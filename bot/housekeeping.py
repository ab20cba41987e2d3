"""What a crash left behind, and what is kept no longer than the operator wants."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bot.clips_folder import ClipsFolder
from storage import clips, feedback, inbox, jobs, outbox, pictures, retention
from storage.database import Database
from storage.errors import StorageUnavailable

DAY_SECONDS = 86_400.0
SWEEP_SECONDS = 3600.0
log = structlog.get_logger(__name__)


class Housekeeping:
    """Sweeps at the start and every hour. Days are those of the settings, 0 for ever."""

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        clips: ClipsFolder,
        clock: Callable[[], float],
        keep_clips_days: int,
        keep_updates_days: int,
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._clips = clips
        self._clock = clock
        self._keep_clips_days = keep_clips_days
        self._keep_updates_days = keep_updates_days

    async def tidy(self, served: Sequence[str]) -> None:
        """Before anybody works: bring what a crash left behind back in order.

        served: names of models. What waits for another one ends.
        """
        await self._database.run(jobs.requeue_running, bot_id=self._bot_id)
        failed = await self._database.run(
            jobs.fail_unserved, bot_id=self._bot_id, served=served, now=self._clock()
        )
        if failed:
            log.warning("ended jobs of models that are not served any more", jobs=failed)
        wanted = await self._database.read(clips.paths)
        removed = await asyncio.to_thread(self._clips.sweep, frozenset(wanted))
        if removed:
            log.info("removed unfinished clips", files=removed)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.sweep()
            except (StorageUnavailable, OSError) as error:
                log.warning("nothing is swept for now", error=str(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Let go of what is too old now. Raises: StorageUnavailable, OSError."""
        now = self._clock()
        await self._database.run(pictures.forget_unneeded)
        if self._keep_updates_days:
            before = now - self._keep_updates_days * DAY_SECONDS
            for forget in (inbox.forget_before, outbox.forget_before):
                await self._database.run(forget, bot_id=self._bot_id, before=before)
        if self._keep_clips_days:
            before = now - self._keep_clips_days * DAY_SECONDS
            for forget in (feedback.forget_before, outbox.forget_held_before):
                await self._database.run(forget, bot_id=self._bot_id, before=before)
            await self._expire(before, now)

    async def _expire(self, before: float, now: float) -> None:
        swept = 0
        # In small transactions, so that prompts that come meanwhile need not wait.
        while True:
            jobs, paths = await self._database.run(
                retention.expire, bot_id=self._bot_id, before=before, now=now
            )
            # After the commit: the next start removes what a kill leaves here.
            await asyncio.to_thread(self._remove, paths)
            swept += jobs
            if not jobs:
                break
        if swept:
            log.info("forgot the content of old jobs", jobs=swept)

    def _remove(self, paths: list[str]) -> None:
        for path in paths:
            self._clips.remove(path)
