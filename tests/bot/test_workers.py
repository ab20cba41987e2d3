"""Tests of what the service makes of its workers' states."""

import asyncio
from pathlib import Path

import pytest

from bot.app import open_app
from bot.workers import cannot_render, count_ready
from inference.values import WorkerLost
from storage import jobs
from tests.fleets import LocalFleet, LocalSlot, Worker
from tests.service import ADA, BOT_ID, Sandbox

NEVER, LOST = "no worker has loaded a model yet", "every worker is lost: it died"
OFF = Worker(state="off", model="", was_ready=False)
FIRST = Worker(state="loading", was_ready=False)
AGAIN = Worker(state="loading", model="another")
FAILED = Worker(state="lost", error="it died", was_ready=False)
DEAD = Worker(state="lost", error="it died")
REPLACED = Worker(state="loading", error="it died")


@pytest.mark.parametrize(
    ("workers", "fewest", "why"),
    [
        ([], 1, NEVER),  # the fleet has not been opened
        ([], 0, NEVER),
        ([FIRST, OFF], 1, NEVER),
        ([FAILED, FIRST], 1, NEVER),
        ([FAILED], 1, LOST),
        ([Worker(), FIRST], 2, ""),
        ([Worker(state="busy", model="another")], 1, ""),
        ([AGAIN], 1, ""),  # its one seat loads the usual model again
        ([DEAD, AGAIN], 2, ""),
        ([DEAD, OFF], 1, LOST),
        ([REPLACED], 1, LOST),  # until the new one can render: no back and forth meanwhile
        ([OFF], 0, ""),  # a prompt would have one started
        ([FIRST], 0, ""),
        ([FAILED], 0, LOST),
    ],
)
def test_the_bot_is_ready_from_the_first_warm_worker_until_all_are_lost(workers, fewest, why):
    assert cannot_render(workers, fewest) == why


def test_only_workers_that_can_render_a_models_clips_shorten_its_line():
    fleet = [Worker(), Worker(state="busy"), OFF, FIRST, FAILED, REPLACED, AGAIN]
    assert count_ready(fleet, "builtin") == 2
    assert count_ready(fleet, "another") == 0


class ClosedFleet(LocalFleet):
    async def acquire(self, _model: str, /) -> LocalSlot:
        raise WorkerLost("There are no workers any more.")


async def test_without_its_fleet_the_service_ends_with_the_reason_and_prompts_are_kept(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data")
    async with open_app(settings, open_fleet=ClosedFleet().open) as app:
        service = asyncio.create_task(app.run(asyncio.Event()))
        await sandbox.client.send(ADA, ADA, "a cat")
        with pytest.raises(WorkerLost, match="no workers any more"):
            await service
        assert await app.database.read(jobs.waiting, bot_id=BOT_ID) == {"builtin": 1}
