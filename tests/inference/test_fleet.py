"""Tests of the fleet: real Ray, real processes, a tiny model.

Most tests share one fleet of one worker, and each leaves it well.
"""

import asyncio
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import ray

from inference.catalog import find
from inference.fleet import Fleet, Slot
from inference.values import (
    Clip,
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    RenderCancelled,
    Request,
    RequestRejected,
    Stage,
    WorkerLost,
    WorkerStatus,
)
from tests.inference.entries import TINY, tiny_request

pytestmark = pytest.mark.asyncio(loop_scope="module")

SILENCE_SECONDS = 15.0
BEGUN = Progress(stage=Stage.DENOISE, step=2, steps=100)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(running_ray: None, models_folder: Path) -> AsyncIterator[Fleet]:
    fleet = await Fleet.open(
        TINY,
        address=None,
        workers=1,
        models_folder=models_folder,
        silence_seconds=SILENCE_SECONDS,
        retry_seconds=0.1,
    )
    yield fleet
    await fleet.close()


async def render(slot: Slot, request: Request, key: str = "1") -> list[Progress | Clip]:
    return [item async for item in slot.render(request, key=key)]


async def works(fleet: Fleet) -> Clip:
    """The clip that the fleet makes now, by whichever worker is next."""
    *_, clip = await render(await fleet.acquire(), tiny_request())
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


@pytest.fixture
def ends() -> Iterator["Ends"]:
    watched = Ends()
    yield watched
    watched.close()


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


async def test_a_request_becomes_progress_and_one_clip_and_encoding_frees_the_slot(fleet):
    slot = await fleet.acquire()
    assert worker(fleet).state == "busy"
    states: dict[Stage, str] = {}
    clip = None
    async for item in slot.render(tiny_request(seed=7), key="1"):
        assert clip is None, "nothing comes after the clip"
        if isinstance(item, Clip):
            clip = item
        else:
            states[item.stage] = worker(fleet).state
    assert clip is not None
    assert (clip.seed, clip.width, clip.height) == (7, 64, 64)
    assert list(states) == list(Stage)
    assert [states[stage] for stage in Stage] == ["busy", "busy", "busy", "idle"]
    assert worker(fleet) == WorkerStatus(
        number=1, state="idle", process_id=worker(fleet).process_id
    )


async def test_slots_are_given_in_the_order_they_were_asked_for(fleet):
    slot = await fleet.acquire()
    order: list[int] = []

    async def wait(number: int) -> None:
        slot = await fleet.acquire()
        order.append(number)
        slot.release()

    waiting = [asyncio.create_task(wait(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert order == []
    slot.release()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2, 3, 4]


async def test_who_no_longer_waits_takes_no_slot(fleet):
    slot = await fleet.acquire()
    early, late = asyncio.create_task(fleet.acquire()), asyncio.create_task(fleet.acquire())
    await asyncio.sleep(0)
    early.cancel()
    slot.release()
    (await late).release()
    slot = await fleet.acquire()
    given = asyncio.create_task(fleet.acquire())
    await asyncio.sleep(0)
    slot.release()
    given.cancel()  # in the same moment in which it got one
    await asyncio.gather(given, return_exceptions=True)
    await works(fleet)


async def test_a_slot_given_back_twice_frees_no_one_elses(fleet):
    first = await fleet.acquire()
    first.release()
    second = await fleet.acquire()
    first.release()
    assert worker(fleet).state == "busy"
    second.release()
    assert worker(fleet).state == "idle"


async def test_a_cancel_stops_a_render_and_the_worker_goes_on(fleet):
    slot = await fleet.acquire()
    process_id = worker(fleet).process_id
    heard: list[Progress | Clip] = []

    async def cancelled() -> None:
        async for item in slot.render(tiny_request(steps=100), key="1"):
            heard.append(item)
            if item == BEGUN:
                await slot.cancel()

    with pytest.raises(RenderCancelled):
        await cancelled()
    assert heard[-1] == BEGUN
    await works(fleet)
    assert worker(fleet).process_id == process_id


async def test_a_cancel_before_the_render_is_one_too(fleet):
    slot = await fleet.acquire()
    await slot.cancel()
    with pytest.raises(RenderCancelled):
        await render(slot, tiny_request())
    await works(fleet)


async def test_a_cancel_that_outruns_its_render_is_not_lost(fleet):
    slot = await fleet.acquire()
    rendering = asyncio.create_task(render(slot, tiny_request(steps=100)))
    await asyncio.sleep(0)
    await slot.cancel()
    with pytest.raises(RenderCancelled):
        await rendering
    await works(fleet)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"seconds": 99.0}, RequestRejected),
        ({"aspect_ratio": "memory"}, OutOfMemory),
        ({"aspect_ratio": "bug"}, InferenceError),
    ],
)
async def test_a_failure_arrives_as_it_was_raised_and_costs_no_worker(fleet, changes, error):
    slot = await fleet.acquire()
    process_id = worker(fleet).process_id
    with pytest.raises(InferenceError) as caught:
        await render(slot, tiny_request(**changes))
    assert type(caught.value) is error
    await works(fleet)
    assert worker(fleet).process_id == process_id


async def test_leaving_a_render_frees_the_slot_and_stops_the_worker_before_its_decode(fleet):
    """The decode of the render that is left would never end, nor would the one after it begin."""
    slot = await fleet.acquire()
    process_id = worker(fleet).process_id
    stream = slot.render(tiny_request(steps=100, aspect_ratio="silence"), key="1")
    async for item in stream:
        if item == BEGUN:
            break
    await stream.aclose()
    assert worker(fleet).state == "idle"
    await works(fleet)
    assert worker(fleet).process_id == process_id


async def test_the_next_job_is_denoised_while_this_one_is_encoded(fleet):
    """A large clip of one step takes longer to encode than the next takes to begin."""
    marks: dict[tuple[str, str], float] = {}

    async def job(key: str) -> None:
        slot = await fleet.acquire()
        request = tiny_request(seconds=4.0, steps=1, aspect_ratio="large")
        async for item in slot.render(request, key=key):
            name = "clip" if isinstance(item, Clip) else f"{item.stage} {item.step}"
            marks[key, name] = time.perf_counter()

    await asyncio.gather(job("first"), job("second"))
    assert marks["first", "encode 0"] < marks["second", "denoise 0"] < marks["first", "clip"]


async def test_a_killed_worker_loses_its_job_and_another_takes_its_place(fleet):
    slot = await fleet.acquire()
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
    slot = await fleet.acquire()
    slot.release()
    process_id = worker(fleet).process_id
    os.kill(process_id, signal.SIGKILL)
    await until(fleet, "loading")
    assert (await until(fleet, "idle")).process_id not in {0, process_id}


async def test_an_error_of_the_gpu_ends_its_process(fleet, ends):
    slot = await fleet.acquire()
    ends.watch(worker(fleet).process_id)
    with pytest.raises(WorkerLost, match="GPU"):
        await render(slot, tiny_request(aspect_ratio="gpu"))
    await works(fleet)
    assert ends.all_within(60)


async def test_a_silent_worker_loses_its_job_and_is_ended(fleet, ends):
    slot = await fleet.acquire()
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
        TINY, address=None, workers=2, models_folder=tmp_path, retry_seconds=0.1
    )
    waiting = [asyncio.create_task(fleet.acquire()) for _ in range(3)]
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
        WorkerStatus(number=1, state="busy", process_id=processes[0]),
        WorkerStatus(number=2, state="busy", process_id=processes[1]),
    ], "no process was started for nothing"

    for process_id in processes:
        ends.watch(process_id)
    await fleet.close()
    with pytest.raises(WorkerLost, match="closed"):
        await waiting[2]
    with pytest.raises(WorkerLost, match="closed"):
        await fleet.acquire()
    with pytest.raises(WorkerLost):
        await render(slots[0], tiny_request())
    assert {status.state for status in fleet.workers()} == {"lost"}
    assert ends.all_within(60)
    assert ray.is_initialized(), "the fleet found Ray running, and leaves it so"


async def test_a_machine_without_the_gpus_is_told_at_once(running_ray):
    with pytest.raises(ModelUnavailable, match="needs 1 GPU"):
        await Fleet.open(find("wan2.2-ti2v-5b"), address=None, workers=1)


async def test_a_cluster_that_does_not_answer_is_one_sentence():
    source = (
        "import asyncio\n"
        "from inference.catalog import find\n"
        "from inference.fleet import Fleet\n"
        "from inference.values import InferenceError\n"
        "try:\n"
        "    asyncio.run(Fleet.open(find('builtin'), address='127.0.0.1:1', workers=1))\n"
        "except InferenceError as error:\n"
        "    print(error)\n"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        source,
        cwd=Path(__file__).parents[2],
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


async def test_a_ray_of_the_fleets_own_is_quiet_and_ends_with_the_process(models_folder, ends):
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
