"""The bot is killed while somebody is forgotten: nothing of it, or all of it, has happened."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.faults.processes import bot_process
from tests.service import ADA, WAIT_SECONDS, Message, Sandbox, by_bot, texts, until, videos


@contextlib.asynccontextmanager
async def tapped(sandbox: Sandbox) -> AsyncIterator[Message]:
    """Ada asks to be forgotten and says yes; the bot may be killed before it answers her tap."""
    await sandbox.client.send(ADA, ADA, "/forgetme")
    (question,) = await until(
        sandbox.client,
        ADA,
        ADA,
        lambda found: [one for one in by_bot(found) if "Shall I" in one.get("text", "")],
    )
    data = question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    tapping = asyncio.create_task(sandbox.client.tap(ADA, ADA, question["message_id"], data))
    yield question
    tapping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await tapping


@pytest.mark.parametrize("phase", ["before", "after"])
async def test_a_kill_at_the_commit_leaves_no_file_without_a_row(
    phase: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    point = f"{phase}:answer_question"
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT=point) as bot:
        await sandbox.client.send(ADA, ADA, "a unicorn")
        await until(sandbox.client, ADA, ADA, videos)
        async with tapped(sandbox):
            assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    async with bot_process(sandbox, data_dir):
        await sandbox.client.send(ADA, ADA, "/quota")
        # The tap that was not handled before the kill is handled now.
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "9 of 10" in t]
        )
    database = await Database.open(data_dir / "kinogram.db")
    try:
        jobs = await database.read(lambda db: [row["request"] for row in db["jobs"].rows])
        kept = await database.read(lambda db: [row["deleted_at"] for row in db["clips"].rows])
    finally:
        await database.close()
    assert not [request for request in jobs if "unicorn" in request]
    assert None not in kept
    assert list((data_dir / "clips").iterdir()) == []


async def test_kills_keep_no_card_in_the_chat_and_no_trace_of_whose_it_was(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    points = {"KINOGRAM_CRASH_POINT": "after:answer_question", "TEST_STEP_SECONDS": "60"}
    async with bot_process(sandbox, data_dir, **points) as bot:
        await sandbox.client.send(ADA, ADA, "a unicorn")
        await until(sandbox.client, ADA, ADA, by_bot)
        async with tapped(sandbox) as question:
            assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT="after:deleteMessage") as bot:
        assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    database = await Database.open(data_dir / "kinogram.db")
    try:
        async with bot_process(sandbox, data_dir), asyncio.timeout(WAIT_SECONDS):
            while await database.read(lambda db: list(db["outbox"].rows)):
                await asyncio.sleep(0.05)
    finally:
        await database.close()
    (left,) = by_bot(await sandbox.client.messages(ADA, ADA))
    assert left["message_id"] == question["message_id"]
    assert "I have forgotten you" in left["text"]
