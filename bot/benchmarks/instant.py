"""A fleet whose one worker takes no time: what remains is the service's own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.workers import WorkerState
from inference.mp4 import encode
from inference.values import Clip, Progress, Request, Stage, WorkerStatus

FRAMES_PER_SECOND = 8
SIZE = 64


def _prepared_mp4() -> bytes:
    frames = np.zeros((FRAMES_PER_SECOND, SIZE, SIZE, 3), np.uint8)
    frames[:, :, : SIZE // 2] = 200
    return encode(frames, FRAMES_PER_SECOND)


@dataclass
class InstantFleet:
    """One worker that hands over a prepared clip at once.

    began, ended: perf_counter() at each render's beginning and end.
    """

    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    _mp4: bytes = field(default_factory=_prepared_mp4)
    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def opened_when(self, ready: asyncio.Event) -> Callable[[], Awaitable["InstantFleet"]]:
        """What opens this fleet, but not before `ready` is set."""

        async def open_fleet() -> "InstantFleet":
            await ready.wait()
            return self

        return open_fleet

    async def acquire(self, _model: str, /) -> "InstantSlot":
        """The worker, when nobody else has it."""
        await self._free.acquire()
        return InstantSlot(self)

    def workers(self) -> Sequence[WorkerState]:
        """The one that there is."""
        return [WorkerStatus(number=1, state="idle", model="builtin", was_ready=True)]

    def want(self, _unfinished: Mapping[str, int], /) -> None:
        """One worker is enough."""

    def renew(self) -> None:
        """It does not age."""

    async def close(self) -> None:
        """Nothing to end."""

    def clip(self, request: Request) -> Clip:
        """The prepared clip, as of that request."""
        return Clip(
            mp4=self._mp4,
            width=SIZE,
            height=SIZE,
            seconds=1.0,
            fps=FRAMES_PER_SECOND,
            seed=request.seed,
            model=request.model,
            stage_seconds={"denoise": 0.001},
        )

    def free(self) -> None:
        """The worker can be had again."""
        self._free.release()


class InstantSlot:
    """The worker's readiness for one job."""

    worker = 1

    def __init__(self, fleet: InstantFleet) -> None:
        self._fleet = fleet
        self._released = False

    def release(self) -> None:
        """Give the slot back; safe to call twice."""
        if not self._released:
            self._released = True
            self._fleet.free()

    async def cancel(self) -> None:
        """Nothing goes on that could be stopped."""

    async def render(self, request: Request, *, key: str) -> AsyncIterator[Progress | Clip]:  # noqa: ARG002
        """Progress, and the clip."""
        self._fleet.began.append(time.perf_counter())
        yield Progress(stage=Stage.DENOISE, step=1, steps=1)
        self._fleet.ended.append(time.perf_counter())
        yield self._fleet.clip(request)
