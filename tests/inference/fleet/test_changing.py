"""Tests of a fleet that grows, shrinks, changes its models and is renewed."""

import asyncio
from dataclasses import replace

import pytest

from inference.fleet import Fleet, Slot
from inference.values import Clip
from tests.inference.entries import TINY, tiny_request
from tests.inference.fleet.watch import BEGUN, render, until, worker, works

pytestmark = pytest.mark.asyncio(loop_scope="package")
OTHER = replace(TINY, name="other")


async def clip_of(slot: Slot, model: str) -> Clip:
    *_, clip = await render(slot, tiny_request(model=model))
    assert isinstance(clip, Clip)
    return clip


async def test_one_seat_serves_two_models_in_turn_and_is_off_while_nobody_needs_it(
    running_ray, models_folder, tmp_path, ends
):
    for name in ("tiny", "other"):
        (tmp_path / name).symlink_to(models_folder / "tiny")
    fleet = await Fleet.open(
        [TINY, OTHER],
        address=None,
        workers=1,
        fewest=0,
        idle_seconds=0.2,
        models_folder=tmp_path,
        retry_seconds=0.1,
    )
    assert (worker(fleet).state, worker(fleet).model) == ("off", "")
    asked = asyncio.ensure_future(fleet.acquire("other"))
    fleet.want({"tiny": 1, "other": 1})
    slot = await fleet.acquire("tiny")
    assert worker(fleet).model == "tiny"
    ends.watch(worker(fleet).process_id)
    await clip_of(slot, "tiny")
    fleet.want({"tiny": 0, "other": 1})
    assert worker(fleet).model == "other"
    slot = await asked
    ends.watch(worker(fleet).process_id)
    await clip_of(slot, "other")
    fleet.want({"other": 0})
    await until(fleet, "off")
    assert ends.all_within(60)
    waiting = asyncio.ensure_future(fleet.acquire("tiny"))
    fleet.want({"tiny": 1})
    await clip_of(await waiting, "tiny")
    await fleet.close()


async def test_a_renewal_replaces_the_worker_when_its_job_is_done(fleet, ends):
    slot = await fleet.acquire("tiny")
    process_id = worker(fleet).process_id
    ends.watch(process_id)
    heard = []
    async for item in slot.render(tiny_request(steps=100), key="1"):
        heard.append(item)
        if item == BEGUN:
            fleet.renew()
            fleet.renew()
    assert isinstance(heard[-1], Clip), "no job is lost"
    await works(fleet)
    assert worker(fleet).process_id != process_id
    assert worker(fleet).error == ""
    assert ends.all_within(60)


async def test_a_renewal_leaves_the_others_at_work_meanwhile(running_ray, models_folder):
    fleet = await Fleet.open([TINY], address=None, workers=2, models_folder=models_folder)
    while [one.state for one in fleet.workers()] != ["idle", "idle"]:
        await asyncio.sleep(0.02)
    before = {one.process_id for one in fleet.workers()}
    fleet.renew()
    while True:
        states = [one.state for one in fleet.workers()]
        assert "idle" in states
        if states == ["idle", "idle"] and not before & {one.process_id for one in fleet.workers()}:
            break
        await asyncio.sleep(0.02)
    await fleet.close()
