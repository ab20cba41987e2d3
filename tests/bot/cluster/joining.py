"""A bot on a cluster without a GPU node: prints what comes when it needs some, and what is left.

Run as a file: `python joining.py MODELS_FOLDER ADDRESS GPUS`. Prints one line of JSON.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import ray
from ray.util.placement_group import placement_group, remove_placement_group

sys.path.insert(0, str(Path(__file__).parents[3]))

from inference.fleet import Fleet
from inference.values import Clip
from tests.inference.entries import TINY, tiny_request


def nodes() -> list[dict[str, float]]:
    """CPUs and GPUs of each node that lives."""
    kept = ("CPU", "GPU")
    return [
        {name: node["Resources"].get(name, 0) for name in kept}
        for node in ray.nodes()
        if node["Alive"]
    ]


async def main(models_folder: Path, address: str, gpus: int) -> dict[str, Any]:
    """What the cluster is before, while a clip is made and GPUs are asked for, and after."""
    ray.init(address=address, log_to_driver=False)
    before = nodes()
    bundles = [{"GPU": 1.0, "CPU": 4.0}] * gpus
    asked = placement_group(bundles, strategy="STRICT_PACK")
    await asked.ready()
    with_gpus = nodes()
    remove_placement_group(asked)
    fleet = await Fleet.open(
        [TINY],
        address=address,
        workers=1,
        fewest=0,
        idle_seconds=0.5,
        models_folder=models_folder,
    )
    fleet.want({TINY.name: 1})
    slot = await fleet.acquire("tiny")
    *_, clip = [item async for item in slot.render(tiny_request(), key="1")]
    assert isinstance(clip, Clip)
    fleet.want({TINY.name: 0})
    while [worker.state for worker in fleet.workers()] != ["off"] or len(after := nodes()) > 1:
        await asyncio.sleep(0.1)
    await fleet.close()
    return {"before": before, "with_gpus": with_gpus, "clip": len(clip.mp4), "after": after}


if __name__ == "__main__":
    folder, there, number = sys.argv[1:]
    print(json.dumps(asyncio.run(main(Path(folder), there, int(number)))))
