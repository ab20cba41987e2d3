"""Flood limits by a clock of our own."""

import pytest

from bot.sandbox.limits import (
    GROUP_PER_MINUTE,
    OVERALL_PER_SECOND,
    PRIVATE_BURST,
    FloodLimits,
)
from bot.sandbox.people import GROUP_ID, PEOPLE
from tests.bot.sandbox.conftest import ADA, BO, Clock


def test_a_private_chat_takes_a_burst_and_then_one_a_second() -> None:
    clock = Clock(0.0)
    limits = FloodLimits(clock=clock)
    assert [limits.take(ADA) for _ in range(PRIVATE_BURST)] == [0] * PRIVATE_BURST
    assert limits.take(ADA) == 1
    assert limits.take(BO) == 0
    for _ in range(10):
        clock.now += 1
        assert limits.take(ADA) == 0
        assert limits.take(ADA) == 1


def test_waiting_as_told_is_enough() -> None:
    clock = Clock(0.0)
    limits = FloodLimits(scale=0.2, clock=clock)
    assert limits.take(ADA) == 0
    wait = limits.take(ADA)
    assert wait == 5
    clock.now += wait
    assert limits.take(ADA) == 0


def test_a_group_takes_twenty_in_any_minute() -> None:
    clock = Clock(0.0)
    limits = FloodLimits(clock=clock)
    for _ in range(GROUP_PER_MINUTE):
        assert limits.take(GROUP_ID) == 0
        clock.now += 1
    assert limits.take(GROUP_ID) == 40
    clock.now = 59.9
    assert limits.take(GROUP_ID) == 1
    clock.now = 60.0
    assert limits.take(GROUP_ID) == 0
    assert limits.take(GROUP_ID) == 1


def test_all_chats_together_take_thirty_a_second() -> None:
    clock = Clock(0.0)
    limits = FloodLimits(clock=clock)
    chats = [*PEOPLE, GROUP_ID, -1, -2]
    sent = [limits.take(chat) for _ in range(5) for chat in chats]
    assert sent == [0] * OVERALL_PER_SECOND
    assert limits.take(-3) == 1


@pytest.mark.parametrize("scale", [0, -1, 1.5])
def test_limits_can_be_tightened_but_not_loosened(scale: float) -> None:
    with pytest.raises(ValueError, match="flood scale"):
        FloodLimits(scale=scale)
