"""Workers that find no weights on their node fetch them: once, however many they are."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.inference.entries import TINY_WAN
from tests.inference.hub_server import Repositories, serving

pytestmark = pytest.mark.asyncio(loop_scope="package")

SOURCE = """
import asyncio
from dataclasses import replace
import ray
from inference.fleet import Fleet
from tests.inference.entries import TINY_WAN, tiny_request
from tests.inference.hub_server import COMMIT


async def main():
    entry = replace(TINY_WAN, name="ours", source="ours/tiny", revision=COMMIT)
    fleet = await Fleet.open([entry], address=None, workers=2)
    slots = [await fleet.acquire("ours") for _ in range(2)]
    assert {slot.worker for slot in slots} == {1, 2}
    for slot in slots:
        *_, clip = [item async for item in slot.render(tiny_request(model="ours"), key="1")]
        print(len(clip.mp4) > 0)
    await fleet.close()
    print(ray.is_initialized())


asyncio.run(main())
"""


async def test_two_workers_of_one_node_fetch_a_model_once_and_render_with_it(
    models_folder: Path, tmp_path: Path
) -> None:
    repositories = Repositories(folders={"ours/tiny": models_folder / TINY_WAN.name})
    with serving(repositories) as endpoint:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SOURCE,
            cwd=Path(__file__).parents[3],
            env=os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await child.communicate()
    assert output.split() == [b"True", b"True", b"False"], "the Ray that it started ended with it"
    weights = "transformer/diffusion_pytorch_model.safetensors"
    assert repositories.fetched.count(weights) == 1
