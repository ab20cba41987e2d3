"""Tests of workers that are lost, and of those that take their places."""

import asyncio
import os
import signal

import pytest
import ray

from inference.fleet import Fleet
from inference.values import Clip, Progress, WorkerLost, WorkerStatus
from tests.inference.entries import TINY, tiny_request
from tests.inference.fleet.watch import BEGUN, render, until, worker, works

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_killed_worker_loses_its_job_and_another_takes_its_place(fleet):
    slot = await fleet.acquire("tiny")
    process_id = worker(fleet).process_id
    heard: list[Progress | Clip] = []

    async def killed() -> None:
        async for item in slot.render(tiny_request(steps=100), key="1"):
            heard.append(item)
            if item == BEGUN:
                os.kill(process_id, signal.SIGKILL)

    with pytest.raises(WorkerLost):
        await killed()
    assert BEGUN in heard
    assert worker(fleet).state in {"lost", "loading"}
    assert worker(fleet).error
    await works(fleet)
    assert worker(fleet).process_id != process_id
    assert worker(fleet).error == ""


async def test_a_worker_that_dies_with_nothing_to_do_is_replaced_too(fleet):
    slot = await fleet.acquire("tiny")
    slot.release()
    process_id = worker(fleet).process_id
    os.kill(process_id, signal.SIGKILL)
    await until(fleet, "loading")
    assert (await until(fleet, "idle")).process_id not in {0, process_id}


async def test_an_error_of_the_gpu_ends_its_process(fleet, ends):
    slot = await fleet.acquire("tiny")
    ends.watch(worker(fleet).process_id)
    with pytest.raises(WorkerLost, match="GPU"):
        await render(slot, tiny_request(aspect_ratio="gpu"))
    await works(fleet)
    assert ends.all_within(60)


async def test_a_silent_worker_loses_its_job_and_is_ended(fleet, ends):
    slot = await fleet.acquire("tiny")
    ends.watch(worker(fleet).process_id)
    with pytest.raises(WorkerLost, match="said nothing"):
        await render(slot, tiny_request(aspect_ratio="silence"))
    await works(fleet)
    assert ends.all_within(60)


async def test_a_model_that_cannot_be_loaded_is_tried_again_and_closing_ends_the_workers(
    running_ray,
    models_folder,
    tmp_path,
    ends,
):
    (tmp_path / "tiny").mkdir()
    index = tmp_path / "tiny" / "model_index.json"
    index.write_text("{")
    fleet = await Fleet.open(
        [TINY], address=None, workers=2, models_folder=tmp_path, retry_seconds=0.1
    )
    waiting = [asyncio.create_task(fleet.acquire("tiny")) for _ in range(3)]
    while not all(status.error for status in fleet.workers()):
        await asyncio.sleep(0.01)
    assert all("cannot be loaded from" in status.error for status in fleet.workers())
    processes = [status.process_id for status in fleet.workers()]
    assert not any(task.done() for task in waiting)

    index.unlink()
    (tmp_path / "tiny").rmdir()
    (tmp_path / "tiny").symlink_to(models_folder / "tiny")
    slots = [await waiting[0], await waiting[1]]
    assert fleet.workers() == [
        WorkerStatus(
            number=1, state="busy", process_id=processes[0], model=TINY.name, was_ready=True
        ),
        WorkerStatus(
            number=2, state="busy", process_id=processes[1], model=TINY.name, was_ready=True
        ),
    ], "no process was started for nothing"

    for process_id in processes:
        ends.watch(process_id)
    await fleet.close()
    with pytest.raises(WorkerLost, match="closed"):
        await waiting[2]
    with pytest.raises(WorkerLost, match="closed"):
        await fleet.acquire("tiny")
    with pytest.raises(WorkerLost):
        await render(slots[0], tiny_request())
    assert {status.state for status in fleet.workers()} == {"lost"}
    assert ends.all_within(60)
    assert ray.is_initialized(), "the fleet found Ray running, and leaves it so"
