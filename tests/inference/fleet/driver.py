"""A process that has a fleet of its own, for tests of how it begins and ends.

Run as a file, from anywhere: `python driver.py MODELS_FOLDER [ADDRESS]`. Prints one line, and then
waits to be killed, or with an address for SIGTERM.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from inference.fleet import Fleet
from inference.values import WorkerLost
from tests.inference.entries import TINY, tiny_request
from tests.inference.fleet.watch import BEGUN, parent, works


async def lose(fleet: Fleet, process: Callable[[int], int]) -> None:
    """Have a process killed in the middle of a render that would never end, and make a clip.

    process: its id, told that of the worker.
    """
    slot = await fleet.acquire("tiny")
    request = tiny_request(steps=100, aspect_ratio="silence")
    try:
        async for item in slot.render(request, key="2"):
            if item == BEGUN:
                os.kill(process(fleet.workers()[0].process_id), signal.SIGKILL)
    except WorkerLost:
        await works(fleet)


async def own(models_folder: Path) -> None:
    """Render with a fleet that loses its worker and its Ray, and wait."""
    logging.getLogger("inference").addHandler(logging.NullHandler())
    fleet = await Fleet.open([TINY], address=None, workers=1, models_folder=models_folder)
    await lose(fleet, lambda worker: worker)
    await lose(fleet, parent)
    report(fleet)
    await asyncio.Event().wait()


async def joined(models_folder: Path, address: str) -> None:
    """Render with a fleet on a cluster, and close it when told to end."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    fleet = await Fleet.open([TINY], address=address, workers=1, models_folder=models_folder)
    await works(fleet)
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
