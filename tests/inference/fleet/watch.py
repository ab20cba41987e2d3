"""What tests of the fleet do with it and see of it."""

import asyncio
import os
import select
import time
from pathlib import Path

from inference.fleet import Fleet, Slot
from inference.values import Clip, Progress, Request, Stage, WorkerStatus
from tests.inference.entries import tiny_request

BEGUN = Progress(stage=Stage.DENOISE, step=2, steps=100)


async def render(slot: Slot, request: Request, key: str = "1") -> list[Progress | Clip]:
    return [item async for item in slot.render(request, key=key)]


async def works(fleet: Fleet) -> Clip:
    """The clip that the fleet makes now, by whichever worker is next."""
    *_, clip = await render(await fleet.acquire("tiny"), tiny_request())
    assert isinstance(clip, Clip)
    return clip


def worker(fleet: Fleet) -> WorkerStatus:
    (status,) = fleet.workers()
    return status


async def until(fleet: Fleet, state: str) -> WorkerStatus:
    """The status of the fleet's worker, as soon as it is in that state."""
    while worker(fleet).state != state:
        await asyncio.sleep(0.01)
    return worker(fleet)


def parent(process_id: int) -> int:
    """Of a worker, that is Ray's node."""
    return int(Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[1])


class Ends:
    """Waits for the ends of processes that are nobody's children here."""

    def __init__(self) -> None:
        self._descriptors: list[int] = []

    def watch(self, process_id: int) -> None:
        self._descriptors.append(os.pidfd_open(process_id))

    def all_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        waiting = set(self._descriptors)
        while waiting and (left := deadline - time.monotonic()) > 0:
            waiting -= set(select.select(waiting, [], [], left)[0])
        return not waiting

    def close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)
