"""Claim a job, render it, save the clip. The reconciler shows what this commits."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import structlog

from bot.card import Live, share_done
from bot.clips_folder import ClipsFolder
from bot.screening.frames import FrameScreen, blocks
from bot.starts import StartGone, start_of
from bot.workers import Fleet, Slot
from inference.values import (
    Clip,
    InferenceError,
    OutOfMemory,
    RenderCancelled,
    Request,
    RequestRejected,
)
from storage import bots, jobs
from storage.clips import ClipRecord
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.jobs import Job

T = TypeVar("T")
LEASE_SECONDS = 60.0
RETRY_SECONDS = 1.0
log = structlog.get_logger(__name__)


class Dispatcher:
    """Keeps every worker busy while jobs wait."""

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        models: Sequence[str],
        clips: ClipsFolder,
        clock: Callable[[], float],
        changed: Callable[[], None],
        rendered: Callable[[Clip], None],
        frame_screen: FrameScreen | None = None,
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._clips = clips
        self._clock = clock
        self._changed = changed
        self._rendered = rendered
        self._frame_screen = frame_screen
        # One event each: whoever clears one must not swallow what another waits for.
        self._queued = {model: asyncio.Event() for model in models}
        self._counted = asyncio.Event()
        self._slots: dict[int, Slot] = {}
        self._cancelled: set[int] = set()
        self._background: set[asyncio.Task[None]] = set()
        self.live: dict[int, Live] = {}

    def wake(self) -> None:
        """Look at the lines again: a job may have been accepted."""
        self._counted.set()
        for queued in self._queued.values():
            queued.set()

    def cancel(self, job_id: int) -> None:
        """Stop a running render. Its cancel is in the database already."""
        slot = self._slots.get(job_id)
        if slot is not None and job_id not in self._cancelled:
            self._cancelled.add(job_id)
            task = asyncio.create_task(slot.cancel())
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def run(self, open_fleet: Callable[[], Awaitable[Fleet]]) -> None:
        """Work until cancelled. Raises: InferenceError, when there is no fleet, or no more."""
        fleet = await open_fleet()
        try:
            async with asyncio.TaskGroup() as renders:
                renders.create_task(self._watch(fleet))
                for model in self._queued:
                    renders.create_task(self._serve(model, fleet, renders))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _watch(self, fleet: Fleet) -> None:
        """Tell the fleet how much there is to do, whenever that may have changed.

        And to renew itself, when an admin has asked for it.
        """
        renewals = None
        while True:
            self._counted.clear()
            asked_for = await self._learn(bots.renewals, bot_id=self._bot_id)
            if renewals not in {None, asked_for}:
                fleet.renew()
            renewals = asked_for
            unfinished = await self._learn(
                jobs.unfinished, bot_id=self._bot_id, models=tuple(self._queued)
            )
            fleet.want(unfinished)
            await self._counted.wait()

    async def _serve(self, model: str, fleet: Fleet, renders: asyncio.TaskGroup) -> None:
        """Give each worker of a model, as soon as it is free, the next job in that model's line."""
        while True:
            # A slot is held for a job alone: an idle worker may end, or turn to another model.
            await self._until_due(model)
            slot = await fleet.acquire(model)
            try:
                job = await self._claim(model)
            except asyncio.CancelledError:
                slot.release()
                raise
            if job is None:
                slot.release()
                continue
            # Registered before anything else runs, so that no cancel can miss it.
            self._slots[job.id] = slot
            live = Live(progress=None, claimed_at=self._clock(), worker=slot.worker)
            self.live[job.id] = live
            renders.create_task(self._work(job, slot))

    async def _until_due(self, model: str) -> None:
        """Return when there is a job of the model to claim."""
        queued = self._queued[model]
        while True:
            queued.clear()
            if await self._learn(jobs.is_due, bot_id=self._bot_id, model=model, now=self._clock()):
                return
            # The time limit is for jobs whose lease runs out.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEASE_SECONDS / 2):
                    await queued.wait()

    async def _claim(self, model: str) -> Job | None:
        return await self._insist(
            jobs.claim,
            bot_id=self._bot_id,
            model=model,
            now=self._clock(),
            lease_seconds=LEASE_SECONDS,
        )

    async def _work(self, job: Job, slot: Slot) -> None:
        self._changed()
        lease = asyncio.create_task(self._keep_lease(job))
        try:
            with structlog.contextvars.bound_contextvars(job=job.id, attempt=job.attempt):
                await self._render(job, slot)
        finally:
            lease.cancel()
            slot.release()
            self._slots.pop(job.id, None)
            self.live.pop(job.id, None)
            self._cancelled.discard(job.id)
            self.wake()
            self._changed()

    async def _keep_lease(self, job: Job) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 4)
            held = await self._insist(
                jobs.renew,
                job_id=job.id,
                attempt=job.attempt,
                now=self._clock(),
                lease_seconds=LEASE_SECONDS,
            )
            if not held:
                self.cancel(job.id)

    async def _render(self, job: Job, slot: Slot) -> None:
        try:
            start = await start_of(job, self._database, self._clips)
            clip = await self._clip(job, slot, start.request)
            if job.id in self._cancelled:
                raise RenderCancelled("cancelled while the clip was being written")
            await self._save(job, await start.join(clip))
        except StartGone:
            await self._fail(job, "gone")
        except RenderCancelled:
            await self._insist(
                jobs.cancelled,
                job_id=job.id,
                attempt=job.attempt,
                rendered_share=share_done(self.live[job.id].progress),
                now=self._clock(),
            )
        except RequestRejected:
            await self._fail(job, "rejected")
        except OutOfMemory:
            await self._fail(job, "memory")
        except OSError:
            log.exception("the clip could not be saved")
            await self._fail(job, "disk")
        except InferenceError as error:
            log.warning("the render failed", failures=job.failures + 1, error=str(error))
            await self._insist(
                jobs.worker_failed,
                job_id=job.id,
                attempt=job.attempt,
                error="worker",
                now=self._clock(),
            )

    async def _clip(self, job: Job, slot: Slot, request: Request) -> Clip:
        """The clip at the end of the stream. Raises: InferenceError, whatever went wrong there."""
        try:
            async for item in slot.render(request, key=f"{job.id}.{job.attempt}"):
                if isinstance(item, Clip):
                    return item
                live = self.live[job.id]
                # Nothing is shown before it is checked.
                preview = None if self._frame_screen else item.picture or live.picture
                self.live[job.id] = dataclasses.replace(live, progress=item, picture=preview)
                self._changed()
        except InferenceError:
            raise
        except Exception as error:
            # The one broad catch: whatever a worker does must not end the service.
            log.exception("the render failed in an unknown way")
            raise InferenceError(str(error)) from error
        raise InferenceError("the render ended without a clip")

    async def _save(self, job: Job, clip: Clip) -> None:
        path = await asyncio.to_thread(self._clips.save, job.id, job.attempt, clip.mp4)
        record = ClipRecord(
            path=path,
            width=clip.width,
            height=clip.height,
            seconds=clip.seconds,
            fps=clip.fps,
            seed=clip.seed,
            model=clip.model,
            size_bytes=len(clip.mp4),
            stage_seconds=dict(clip.stage_seconds),
        )
        blocked = await blocks(self._frame_screen, self._clips.file(path))
        kept = await self._insist(
            jobs.render_blocked if blocked else jobs.render_done,
            job_id=job.id,
            attempt=job.attempt,
            clip=record,
            now=self._clock(),
        )
        if kept:
            self._rendered(clip)
        else:
            self._clips.remove(path)

    async def _fail(self, job: Job, cause: str) -> None:
        await self._insist(jobs.fail, job_id=job.id, error=cause, now=self._clock())

    async def _insist(self, function: Callable[..., T], **values: Any) -> T:
        """Run a transaction, waiting out a full disk: what a worker did must not be forgotten."""
        return await _until_available(lambda: self._database.run(function, **values))

    async def _learn(self, function: Callable[..., T], **values: Any) -> T:
        """Read, waiting until the database can be read."""
        return await _until_available(lambda: self._database.read(function, **values))


async def _until_available(call: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await call()
        except StorageUnavailable as error:
            log.warning("the database is not to be had", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)
