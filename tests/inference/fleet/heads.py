"""A fleet on a cluster of several nodes that come, are killed, and lose their head.

Run as a file, for a driver of Ray's is a process: `python heads.py MODELS_FOLDER`. Prints a line of
JSON with what became of the renders.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

import ray.util

sys.path.insert(0, str(Path(__file__).parents[3]))

from inference.fleet import Fleet, Slot
from inference.values import Clip, Stage, WorkerLost
from tests.inference.entries import TINY, tiny_request
from tests.inference.fleet.watch import render

Process = asyncio.subprocess.Process


async def start(folder: str, *words: str) -> Process:
    """A node of Ray's, as soon as it runs."""
    node = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--num-gpus=0", *words),
        env=os.environ | {"RAY_TMPDIR": folder},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert node.stdout is not None
    async for line in node.stdout:
        if b"--block" in line:
            break
    return node


async def kill(*nodes: Process) -> None:
    for node in nodes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(node.pid, signal.SIGKILL)
        await node.wait()


async def until(fleet: Fleet, *states: str) -> None:
    """Return when the workers are in these states."""
    while sorted(status.state for status in fleet.workers()) != sorted(states):
        await asyncio.sleep(0.02)


async def loses(slot: Slot, *nodes: Process) -> bool:
    """Whether a render that would never end is lost when these nodes are killed in its middle."""
    killing = None
    try:
        async for item in slot.render(tiny_request(steps=100, aspect_ratio="silence"), key="1"):
            if not isinstance(item, Clip) and item.stage is Stage.DENOISE and killing is None:
                killing = asyncio.create_task(kill(*nodes))
    except WorkerLost:
        return True
    finally:
        if killing is not None:
            await killing
    return False


async def makes_clip(fleet: Fleet) -> bool:
    *_, clip = await render(await fleet.acquire("tiny"), tiny_request())
    return isinstance(clip, Clip)


async def main(models_folder: Path, folder: str) -> dict[str, bool]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    address = f"{ray.util.get_node_ip_address()}:{port}"
    head = ("--head", f"--port={port}", "--num-cpus=0", "--include-dashboard=false")
    node = (f"--address={address}", f"--num-cpus={TINY.cpus}")
    nodes = [await start(folder, *head)]
    try:
        nodes.append(await start(folder, *node))
        fleet = await Fleet.open(
            [TINY], address=address, workers=2, models_folder=models_folder, retry_seconds=0.2
        )
        await until(fleet, "idle", "loading")
        slot = await fleet.acquire("tiny")
        nodes.append(await start(folder, *node))
        await until(fleet, "busy", "idle")
        said = {"lost with its node": await loses(slot, nodes[1])}
        said["made on another"] = await makes_clip(fleet)
        said["lost with the head"] = await loses(await fleet.acquire("tiny"), nodes[0], nodes[2])
        nodes = [await start(folder, *head), await start(folder, *node)]
        said["made by the new cluster"] = await makes_clip(fleet)
        await fleet.close()
    finally:
        await kill(*nodes)
    return said


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="k", dir="/tmp", ignore_cleanup_errors=True) as short:
        print(json.dumps(asyncio.run(main(Path(sys.argv[1]), short))))
