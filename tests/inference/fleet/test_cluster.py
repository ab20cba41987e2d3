"""Tests of Ray itself: started here, joined, missing, and ended."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
import ray

from inference.catalog import find
from inference.fleet import Fleet
from inference.values import ModelUnavailable

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_machine_without_the_gpus_is_told_at_once(running_ray):
    with pytest.raises(ModelUnavailable, match="needs 1 GPU"):
        await Fleet.open([find("wan2.2-ti2v-5b")], address=None, workers=1)


async def test_a_cluster_that_does_not_answer_is_one_sentence():
    source = (
        "import asyncio\n"
        "from inference.catalog import find\n"
        "from inference.fleet import Fleet\n"
        "from inference.values import InferenceError\n"
        "try:\n"
        "    asyncio.run(Fleet.open([find('builtin')], address='127.0.0.1:1', workers=1))\n"
        "except InferenceError as error:\n"
        "    print(error)\n"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        source,
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await child.communicate()
    assert b"Ray cannot be used on 127.0.0.1:1" in output


async def test_a_cluster_is_joined_and_left_running_and_the_bots_own_signals_stay_its_own(
    running_ray,
    models_folder,
    ends,
):
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("driver.py")),
        str(models_folder),
        ray.get_runtime_context().gcs_address,
        cwd="/",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    line = await child.stdout.readline()
    if line:
        ends.watch(json.loads(line)["process_id"])
        child.terminate()
    more, errors = await child.communicate()
    assert (more, errors, child.returncode) == (b"", b"", 0)
    assert ends.all_within(60)
    assert [node["Alive"] for node in ray.nodes()] == [True]


async def test_a_ray_of_the_fleets_own_is_quiet_replaced_when_lost_and_ends_with_the_process(
    models_folder, ends
):
    """Away from the source folder, with nothing in the environment, and killed in the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    kept.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory(prefix="k", dir="/tmp") as temporary:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("driver.py")),
            str(models_folder),
            cwd=temporary,
            env=kept | {"TMPDIR": temporary},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert child.stdout is not None
        line = await child.stdout.readline()
        if line:
            ends.watch(json.loads(line)["process_id"])
        child.kill()
        more, errors = await child.communicate()
        assert (more, errors) == (b"", b"")
        assert ends.all_within(60)
        assert os.listdir(temporary) == ["ray"]  # noqa: PTH208
