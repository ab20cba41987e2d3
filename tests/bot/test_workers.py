"""Tests of what the service makes of its workers' states."""

import pytest

from bot.workers import cannot_render
from tests.fleets import Worker

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
