"""The bot killed at random moments, hundreds of times. Run by hand: pytest -m soak."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from tests.faults.processes import bot_process, check_books, check_chat, until_all_ended
from tests.service import ADA, BO, CLEO, GROUP, Message, Sandbox, texts

KILLS = int(os.environ.get("TEST_SOAK_KILLS", "200"))
LONGEST_LIFE_SECONDS = 4.0
CHATS = ((ADA, ADA), (BO, BO), (CLEO, CLEO), (ADA, GROUP), (BO, GROUP))
PAGE = 50


async def all_messages(sandbox: Sandbox, person: int, chat: int) -> list[Message]:
    """The whole chat, oldest first."""
    messages = await sandbox.client.messages(person, chat)
    while messages and (
        older := await sandbox.client.messages(person, chat, before=messages[0]["message_id"])
    ):
        messages = older + messages
    return messages


@pytest.mark.soak
@pytest.mark.timeout(4 * 3600)
async def test_every_accepted_prompt_has_one_end_after_many_kills(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    seed = int(os.environ.get("TEST_SOAK_SEED", "1"))
    chooser = random.Random(seed)
    data_dir = tmp_path / "data"
    many = {"KINOGRAM_DAILY_CREDITS": "100000", "TEST_STEP_SECONDS": "0.1"}
    sent = 0
    for kill in range(KILLS):
        async with bot_process(sandbox, data_dir, **many):
            moment = chooser.uniform(0, LONGEST_LIFE_SECONDS)
            for _ in range(chooser.randrange(3)):
                person, chat = chooser.choice(CHATS)
                text = "/cancel" if chooser.random() < 0.15 else f"/video cat number {sent}"
                sent += text != "/cancel"
                await sandbox.client.send(person, chat, text)
            await asyncio.sleep(moment)
        if kill % 20 == 19:
            print(f"{kill + 1} kills, {sent} prompts", flush=True)
    async with bot_process(sandbox, data_dir, **many):
        await asyncio.sleep(5)
        await until_all_ended(data_dir, seconds=1800)
        await sandbox.client.send(CLEO, CLEO, "/quota")
        await asyncio.sleep(5)

    books = await check_books(data_dir)
    orphans, refused = 0, 0
    for person, chat in {chat: (person, chat) for person, chat in CHATS}.values():
        messages = await all_messages(sandbox, person, chat)
        orphans += check_chat(messages, books["rows"], chat)
        refused += sum("waiting" in text or "等待" in text for text in texts(messages))
    delivered = [row for row in books["rows"] if row["state"] == "delivered"]
    captured = sum(row["amount_tenths"] for row in books["entries"] if row["kind"] == "capture")
    print(
        f"seed {seed}: {KILLS} kills, {sent} prompts, {len(books['rows'])} accepted, "
        f"{refused} refusals shown, {len(delivered)} delivered, {orphans} orphan texts"
    )
    # A refusal may be said twice when the bot dies before it has noted that it said it.
    assert len(books["rows"]) + refused >= sent
    assert len({row["update_id"] for row in books["rows"]}) == len(books["rows"])
    assert orphans <= KILLS
    assert captured >= sum(row["cost_tenths"] for row in delivered)
