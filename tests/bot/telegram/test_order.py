"""One person's updates in order, people in parallel, and a chat's changes between all of them."""

import asyncio
from typing import Any

import pytest

from bot.telegram.order import Order

GROUP, OTHER = -100500, -100600


def prompt(person: int, chat: int) -> dict[str, Any]:
    return {"update_id": 1, "message": {"from": {"id": person}, "chat": {"id": chat}}}


def tap(person: int, chat: int) -> dict[str, Any]:
    return {"callback_query": {"from": {"id": person}, "message": {"chat": {"id": chat}}}}


def mute(person: int, chat: int) -> dict[str, Any]:
    return {"my_chat_member": {"from": {"id": person}, "chat": {"id": chat}}}


def move(chat: int) -> dict[str, Any]:
    return {"message": {"from": {"id": 9}, "chat": {"id": chat}, "migrate_to_chat_id": OTHER}}


@pytest.mark.parametrize(
    ("earlier", "later", "waits"),
    [
        (prompt(1, GROUP), prompt(1, OTHER), True),
        (prompt(1, GROUP), tap(1, OTHER), True),
        (prompt(1, GROUP), prompt(2, GROUP), False),
        (mute(3, GROUP), prompt(1, GROUP), True),
        (mute(3, GROUP), tap(1, GROUP), True),
        (mute(3, GROUP), prompt(1, OTHER), False),
        (prompt(1, GROUP), mute(3, GROUP), True),
        (tap(1, GROUP), mute(3, GROUP), True),
        (prompt(1, OTHER), mute(3, GROUP), False),
        (move(GROUP), prompt(1, GROUP), True),
        ({"update_id": 4, "poll": []}, {"edited_message": {"from": None}}, True),
    ],
)
async def test_what_waits_for_what(earlier: dict[str, Any], later: dict[str, Any], waits: bool):
    order = Order()
    task = asyncio.create_task(asyncio.sleep(0))
    assert order.before(earlier) == set()
    order.add(earlier, task)
    assert order.before(later) == ({task} if waits else set())
    await task
    await asyncio.sleep(0)
    assert order.before(later) == set(), "what is done holds up nobody"


async def test_a_change_waits_for_everyone_in_its_chat_and_for_its_own_person():
    order = Order()
    tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(3)]
    for payload, task in zip(
        [prompt(1, GROUP), prompt(2, GROUP), prompt(3, OTHER)], tasks, strict=True
    ):
        order.add(payload, task)
    assert order.before(mute(3, GROUP)) == set(tasks)
    await asyncio.gather(*tasks)
