"""Tests of a worker of two ranks: they start, render, stop, are lost and end together.

On a CPU each rank computes everything: it is their life that is tested here.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from inference.fleet import Fleet
from inference.mp4 import decode
from inference.values import (
    Clip,
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    RenderCancelled,
    RequestRejected,
    WorkerLost,
)
from tests.inference.entries import TINY, tiny_request
from tests.inference.fleet.watch import BEGUN, parent, render, until, worker, works

pytestmark = pytest.mark.asyncio(loop_scope="package")
SILENCE_SECONDS = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def pair(running_ray: None, models_folder: Path) -> AsyncIterator[Fleet]:
    """A fleet of one worker of two ranks, which each test leaves well."""
    fleet = await Fleet.open(
        [TINY],
        address=None,
        workers=1,
        models_folder=models_folder,
        marked=False,
        ranks={"tiny": 2},
        silence_seconds=SILENCE_SECONDS,
        retry_seconds=0.1,
    )
    yield fleet
    await fleet.close()


def followers(fleet: Fleet) -> set[int]:
    """The process ids of followers on the node where Ray started this fleet's rank 0."""
    node = parent(worker(fleet).process_id)
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # It may just have ended.
            if path.read_bytes().startswith(b"ray::Follower"):
                found.add(int(path.parent.name))
    return {process_id for process_id in found if parent(process_id) == node}


async def ready(fleet: Fleet) -> tuple[int, int]:
    """The process ids of both ranks, as soon as they hold the model."""
    slot = await fleet.acquire("tiny")
    slot.release()
    (follower,) = followers(fleet)
    return worker(fleet).process_id, follower


async def test_two_ranks_make_the_clip_that_one_makes(pair, fleet):
    request = tiny_request(seed=7, variation=8)
    together = await render(await pair.acquire("tiny"), request)
    alone = await render(await fleet.acquire("tiny"), request)
    clips = [clip for clip in (together[-1], alone[-1]) if isinstance(clip, Clip)]
    frames, others = (decode(clip.mp4)[0] for clip in clips)
    assert (frames == others).all()
    assert together[:-1] == alone[:-1], "they say the same"


async def test_renders_follow_each_other_while_the_one_before_is_encoded(pair):
    async def job(seed: int) -> Clip:
        *_, clip = await render(await pair.acquire("tiny"), tiny_request(seed=seed), key=str(seed))
        assert isinstance(clip, Clip)
        return clip

    clips = await asyncio.gather(*(job(seed) for seed in range(6)))
    assert [clip.seed for clip in clips] == list(range(6))
    assert len({clip.mp4 for clip in clips}) == 6


async def test_a_cancel_stops_all_ranks_at_the_same_step(pair):
    processes = await ready(pair)
    heard: list[Progress | Clip] = []

    async def cancelled() -> None:
        slot = await pair.acquire("tiny")
        async for item in slot.render(tiny_request(steps=100), key="1"):
            heard.append(item)
            if item == BEGUN:
                await slot.cancel()

    for _ in range(5):
        heard.clear()
        with pytest.raises(RenderCancelled):
            await cancelled()
        assert len(heard) < 50
        await works(pair)
    assert await ready(pair) == processes, "none was out of step"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"seconds": 99.0}, RequestRejected),
        ({"aspect_ratio": "memory"}, OutOfMemory),  # in the decode, which rank 0 does alone
        ({"aspect_ratio": "bug"}, InferenceError),
    ],
)
async def test_what_goes_wrong_for_all_or_in_the_decode_costs_no_rank(pair, changes, error):
    processes = await ready(pair)
    with pytest.raises(InferenceError) as caught:
        await render(await pair.acquire("tiny"), tiny_request(**changes))
    assert type(caught.value) is error
    await works(pair)
    assert await ready(pair) == processes


@pytest.mark.parametrize("rank", [0, 1])
async def test_with_one_rank_its_job_and_the_others_are_lost_and_all_are_made_anew(
    pair, ends, rank
):
    processes = await ready(pair)
    for process_id in processes:
        ends.watch(process_id)
    slot = await pair.acquire("tiny")
    heard: list[Progress | Clip] = []

    async def killed() -> None:
        async for item in slot.render(tiny_request(steps=100), key="1"):
            heard.append(item)
            if item == BEGUN:
                os.kill(processes[rank], signal.SIGKILL)

    with pytest.raises(WorkerLost):
        await killed()
    assert BEGUN in heard
    await works(pair)
    assert set(await ready(pair)).isdisjoint(processes)
    assert ends.all_within(60)


async def test_a_rank_that_is_lost_with_nothing_to_do_is_noticed_too(pair, ends):
    processes = await ready(pair)
    for process_id in processes:
        ends.watch(process_id)
    os.kill(processes[1], signal.SIGKILL)
    lost = await until(pair, "loading")
    assert "rank" in lost.error
    await works(pair)
    assert set(await ready(pair)).isdisjoint(processes)
    assert ends.all_within(60)


async def test_ranks_that_cannot_load_the_model_try_again_and_all_end_with_the_fleet(
    pair, models_folder, tmp_path, ends
):
    others = set(await ready(pair))
    fleet = await Fleet.open(
        [TINY],
        address=None,
        workers=1,
        models_folder=tmp_path,
        ranks={"tiny": 2},
        retry_seconds=0.1,
    )
    while not worker(fleet).error:
        await asyncio.sleep(0.01)
    (tmp_path / "tiny").symlink_to(models_folder / "tiny")
    await works(fleet)
    processes = {worker(fleet).process_id} | followers(fleet) - others
    assert len(processes) == 2
    for process_id in processes:
        ends.watch(process_id)
    await fleet.close()
    assert ends.all_within(60)


async def test_a_machine_with_too_few_gpus_for_the_ranks_is_told_at_once(running_ray):
    with pytest.raises(ModelUnavailable, match="needs 4 GPU for each of 1 workers"):
        await Fleet.open([replace(TINY, gpus=1)], address=None, workers=1, ranks={"tiny": 4})
