"""A fleet in this process, the peer of inference.fleet.Fleet: tests say what its workers do."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from PIL import Image

from inference.mp4 import encode
from inference.values import Clip, Progress, RenderCancelled, Request, Stage

FRAMES_PER_SECOND = 8
SIZE = 64


@cache
def small_mp4(seed: int) -> bytes:
    """A real H.264 file of one second whose grey tells the seed."""
    frames = np.full((FRAMES_PER_SECOND, SIZE, SIZE, 3), seed % 256, np.uint8)
    return encode(frames, FRAMES_PER_SECOND)


def small_jpeg(grey: int) -> bytes:
    """A real JPEG of one grey."""
    written = io.BytesIO()
    Image.new("L", (SIZE, SIZE), grey).save(written, "JPEG")
    return written.getvalue()


@dataclass
class Worker:
    """A worker's state as metrics and readiness see it."""

    number: int = 1
    state: str = "idle"
    error: str = ""
    model: str = "builtin"
    was_ready: bool = True


@dataclass
class LocalFleet:
    """Renders small clips at once, or step by step as `gate` lets it.

    gate: a step waits until the gate is open. failures: raised by the next renders, in order.
    mp4: what every clip is, instead of a small grey one. picture: the preview that comes with every
    step. models: one worker each; without them there is one worker, for whichever is asked of.
    """

    steps: int = 4
    step_seconds: float = 0.0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    picture: bytes | None = None
    failures: list[Exception] = field(default_factory=list)
    mp4: bytes | None = None
    requests: list[Request] = field(default_factory=list)
    steps_done: int = 0
    closed: bool = False
    wanted: dict[str, int] = field(default_factory=dict)
    renewals: int = 0
    models: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._held = [
            Worker(number=number, model=model)
            for number, model in enumerate(self.models or ("builtin",), 1)
        ]
        self._free = [asyncio.Semaphore(1) for _ in self._held]

    async def acquire(self, model: str, /) -> "LocalSlot":
        place = self.models.index(model) if self.models else 0
        await self._free[place].acquire()
        self._held[place].model = model
        return LocalSlot(self, self._held[place])

    def workers(self) -> list[Worker]:
        return self._held

    def want(self, unfinished: Mapping[str, int], /) -> None:
        self.wanted = dict(unfinished)

    def renew(self) -> None:
        self.renewals += 1

    async def close(self) -> None:
        self.closed = True

    async def open(self) -> "LocalFleet":
        return self

    def lose(self, error: str) -> None:
        """Its first worker is gone, and says why."""
        self._held[0].state, self._held[0].error = "lost", error

    def free(self, worker: Worker) -> None:
        self._free[worker.number - 1].release()


class LocalSlot:
    def __init__(self, fleet: LocalFleet, worker: Worker) -> None:
        self._fleet = fleet
        self._worker = worker
        self._released = False
        self._cancelled = asyncio.Event()

    @property
    def worker(self) -> int:
        return self._worker.number

    def release(self) -> None:
        if not self._released:
            self._released = True
            self._fleet.free(self._worker)

    async def cancel(self) -> None:
        self._cancelled.set()

    async def render(self, request: Request, *, key: str) -> AsyncIterator[Progress | Clip]:
        assert key
        fleet = self._fleet
        fleet.requests.append(request)
        yield Progress(stage=Stage.TEXT, step=1, steps=1)
        for step in range(fleet.steps):
            await self._pass_gate()
            await asyncio.sleep(fleet.step_seconds)
            if fleet.failures:
                raise fleet.failures.pop(0)
            fleet.steps_done += 1
            yield Progress(
                stage=Stage.DENOISE, step=step + 1, steps=fleet.steps, picture=fleet.picture
            )
        yield Progress(stage=Stage.ENCODE, step=0, steps=1)
        yield Clip(
            mp4=fleet.mp4 or small_mp4(request.seed % 7),
            width=SIZE,
            height=SIZE,
            seconds=1.0,
            fps=FRAMES_PER_SECOND,
            seed=request.seed,
            model=request.model,
            stage_seconds={"text": 0.1, "denoise": 2.0, "decode": 0.2, "encode": 0.1},
        )

    async def _pass_gate(self) -> None:
        """Wait for the gate or for a cancel, whichever comes first."""
        waits = [
            asyncio.ensure_future(event.wait()) for event in (self._fleet.gate, self._cancelled)
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if self._cancelled.is_set():
            raise RenderCancelled("told to stop")


def open_gate() -> asyncio.Event:
    """A gate that lets everything through."""
    gate = asyncio.Event()
    gate.set()
    return gate
