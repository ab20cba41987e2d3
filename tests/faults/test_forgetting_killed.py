"""The bot is killed while somebody is forgotten: nothing of it, or all of it, has happened."""

import asyncio
import contextlib
import signal
from pathlib import Path

import pytest

from storage.database import Database
from tests.faults.processes import bot_process
from tests.service import ADA, Sandbox, by_bot, texts, until, videos


@pytest.mark.parametrize("phase", ["before", "after"])
async def test_a_kill_at_the_commit_leaves_no_file_without_a_row(
    phase: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    point = f"{phase}:answer_question"
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT=point) as bot:
        await sandbox.client.send(ADA, ADA, "a unicorn")
        await until(sandbox.client, ADA, ADA, videos)
        await sandbox.client.send(ADA, ADA, "/forgetme")
        (question,) = await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: [one for one in by_bot(found) if "Shall I" in one.get("text", "")],
        )
        data = question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        tapping = asyncio.create_task(sandbox.client.tap(ADA, ADA, question["message_id"], data))
        assert await asyncio.wait_for(bot.wait(), 30) == -signal.SIGKILL
        tapping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tapping
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
