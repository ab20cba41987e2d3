"""A process that has a fleet of its own, for tests of how it begins and ends.

Run as a file, from anywhere: `python driver.py MODELS_FOLDER [ADDRESS]`. Prints one line, and then
waits to be killed, or with an address for SIGTERM.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import ray

sys.path.insert(0, str(Path(__file__).parents[3]))

from inference.fleet import Fleet, Slot
from inference.values import Clip, Progress, WorkerLost
from tests.inference.entries import TINY, tiny_request


async def render(slot: Slot) -> list[Progress | Clip]:
    """All that a render says."""
    return [item async for item in slot.render(tiny_request(), key="1")]


async def lose_worker(fleet: Fleet) -> None:
    """Have the worker killed in the middle of a render."""
    slot = await fleet.acquire("tiny")
    try:
        async for _ in slot.render(tiny_request(steps=100), key="2"):
            os.kill(fleet.workers()[0].process_id, signal.SIGKILL)
    except WorkerLost:
        await render(await fleet.acquire("tiny"))


async def own(models_folder: Path) -> None:
    """Open and close one fleet, render with another that loses its worker, and wait."""
    closed = await Fleet.open([TINY], address=None, workers=0, models_folder=models_folder)
    await closed.close()
    assert not ray.is_initialized()
    fleet = await Fleet.open([TINY], address=None, workers=1, models_folder=models_folder)
    await lose_worker(fleet)
    report(fleet)
    await asyncio.Event().wait()


async def joined(models_folder: Path, address: str) -> None:
    """Render with a fleet on a cluster, and close it when told to end."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    fleet = await Fleet.open([TINY], address=address, workers=1, models_folder=models_folder)
    await render(await fleet.acquire("tiny"))
    report(fleet)
    await told.wait()
    await fleet.close()


def report(fleet: Fleet) -> None:
    """Print the process id of the fleet's one worker."""
    (worker,) = fleet.workers()
    print(json.dumps({"process_id": worker.process_id}), flush=True)


if __name__ == "__main__":
    folder, *addresses = sys.argv[1:]
    asyncio.run(joined(Path(folder), *addresses) if addresses else own(Path(folder)))
