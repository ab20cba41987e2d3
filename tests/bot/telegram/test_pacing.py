import asyncio
import datetime

import pytest
from telegram.error import RetryAfter

from bot.telegram.pacing import Pacing
from tests.service import WAIT_SECONDS


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def call(
    pacing: Pacing, chat_id: int, error: Exception | None = None, endpoint: str = "sendMessage"
) -> str:
    async def request() -> str:
        if error:
            raise error
        return "sent"

    result: str = await pacing.process_request(
        request, (), {}, endpoint, {"chat_id": chat_id}, None
    )
    return result


async def test_a_429_parks_that_chat_alone_for_retry_after() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    with pytest.raises(RetryAfter):
        await call(pacing, 5, RetryAfter(datetime.timedelta(seconds=17)))
    assert pacing.parked_until(5) == 1017.0
    assert pacing.parked_until(6) == 0.0
    assert await call(pacing, 6) == "sent"
    clock.now = 1017.5
    assert pacing.parked_until(5) == 0.0


async def test_a_longer_wait_is_never_cut_short() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    pacing.park(5, 30)
    pacing.park(5, 1)
    assert pacing.parked_until(5) == 1030.0


async def test_crash_points_are_reached_around_a_call() -> None:
    reached: list[tuple[str, str]] = []
    pacing = Pacing(Clock(), lambda phase, name: reached.append((phase, name)))
    await call(pacing, 5)
    assert reached == [("before", "sendMessage"), ("after", "sendMessage")]


async def test_questions_take_no_turns_of_a_groups_messages() -> None:
    pacing = Pacing(Clock())
    for _ in range(100):
        await call(pacing, -5, endpoint="getChatMember")
    async with asyncio.timeout(WAIT_SECONDS):
        assert await call(pacing, -5) == "sent"
