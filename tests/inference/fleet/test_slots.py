"""Tests of slots: who gets one, and what a render in one says."""

import asyncio
import time

import pytest

from inference import mark
from inference.mp4 import decode
from inference.values import (
    Clip,
    InferenceError,
    OutOfMemory,
    Progress,
    RenderCancelled,
    RequestRejected,
    Stage,
    WorkerStatus,
)
from tests.inference.entries import TINY, tiny_request
from tests.inference.fleet.watch import BEGUN, render, worker, works

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_request_becomes_progress_and_one_clip_and_encoding_frees_the_slot(fleet):
    slot = await fleet.acquire("tiny")
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
        number=1,
        state="idle",
        process_id=worker(fleet).process_id,
        model=TINY.name,
        was_ready=True,
    )


async def test_what_the_operator_decided_about_the_mark_reaches_the_workers(fleet):
    slot = await fleet.acquire("tiny")
    *_, clip = [item async for item in slot.render(tiny_request(), key="1")]
    frames, _ = decode(clip.mp4)
    assert all((mark.erase(frame) == frame).all() for frame in frames), "this fleet marks none"


async def test_slots_are_given_in_the_order_they_were_asked_for(fleet):
    slot = await fleet.acquire("tiny")
    order: list[int] = []

    async def wait(number: int) -> None:
        slot = await fleet.acquire("tiny")
        order.append(number)
        slot.release()

    waiting = [asyncio.create_task(wait(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert order == []
    slot.release()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2, 3, 4]


async def test_who_no_longer_waits_takes_no_slot(fleet):
    slot = await fleet.acquire("tiny")
    early, late = (
        asyncio.create_task(fleet.acquire("tiny")),
        asyncio.create_task(fleet.acquire("tiny")),
    )
    await asyncio.sleep(0)
    early.cancel()
    slot.release()
    (await late).release()
    slot = await fleet.acquire("tiny")
    given = asyncio.create_task(fleet.acquire("tiny"))
    await asyncio.sleep(0)
    slot.release()
    given.cancel()  # in the same moment in which it got one
    await asyncio.gather(given, return_exceptions=True)
    await works(fleet)


async def test_a_slot_given_back_twice_frees_no_one_elses(fleet):
    first = await fleet.acquire("tiny")
    first.release()
    second = await fleet.acquire("tiny")
    first.release()
    assert worker(fleet).state == "busy"
    second.release()
    assert worker(fleet).state == "idle"


async def test_a_cancel_stops_a_render_and_the_worker_goes_on(fleet):
    slot = await fleet.acquire("tiny")
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
    slot = await fleet.acquire("tiny")
    await slot.cancel()
    with pytest.raises(RenderCancelled):
        await render(slot, tiny_request())
    await works(fleet)


async def test_a_cancel_that_outruns_its_render_is_not_lost(fleet):
    slot = await fleet.acquire("tiny")
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
    slot = await fleet.acquire("tiny")
    process_id = worker(fleet).process_id
    with pytest.raises(InferenceError) as caught:
        await render(slot, tiny_request(**changes))
    assert type(caught.value) is error
    await works(fleet)
    assert worker(fleet).process_id == process_id


async def test_leaving_a_render_frees_the_slot_and_stops_the_worker_before_its_decode(fleet):
    """The decode of the render that is left would never end, nor would the one after it begin."""
    slot = await fleet.acquire("tiny")
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
        slot = await fleet.acquire("tiny")
        request = tiny_request(seconds=4.0, steps=1, aspect_ratio="large")
        async for item in slot.render(request, key=key):
            name = "clip" if isinstance(item, Clip) else f"{item.stage} {item.step}"
            marks[key, name] = time.perf_counter()

    await asyncio.gather(job("first"), job("second"))
    assert marks["first", "encode 0"] < marks["second", "denoise 0"] < marks["first", "clip"]
