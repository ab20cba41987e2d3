"""Tests of what the service makes of its workers' states."""

import pytest

from bot.workers import can_render
from tests.fleets import Worker


@pytest.mark.parametrize(
    ("states", "fewest", "ready"),
    [
        ({}, 1, False),  # the fleet has not been opened
        ({"usual": "loading", "": "off"}, 1, False),
        ({"usual": "idle", "": "off"}, 1, True),
        ({"usual": "busy", "other": "lost"}, 1, True),
        ({"other": "busy"}, 1, True),  # it would turn to the usual model for a prompt
        ({"": "off"}, 0, True),
        ({"usual": "loading"}, 0, True),
        ({"usual": "lost"}, 0, False),
    ],
)
def test_the_bot_is_ready_when_the_usual_model_is_loaded_or_nobody_needs_it(states, fewest, ready):
    workers = [Worker(model=model, state=state) for model, state in states.items()]
    assert can_render(workers, "usual", fewest) is ready
