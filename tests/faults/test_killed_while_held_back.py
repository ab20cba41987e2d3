"""The bot is killed while a clip is held back, appealed and allowed, and started again."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.faults.processes import bot_process, check_books, until_all_ended
from tests.journeys.test_buttons import tap
from tests.journeys.test_frame_screening import CHECKS, held_back, told
from tests.service import ADA, CLEO, WAIT_SECONDS, Sandbox, by_bot, taps, texts, until, videos

CHECK = {"KINOGRAM_SCREEN_FRAMES": f"{CHECKS}:find_fault"}


@pytest.mark.parametrize("point", ["before:render_blocked", "after:render_blocked"])
async def test_a_clip_is_held_back_whatever_commit_the_bot_dies_at(
    point: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT=point, **CHECK) as bot:
        await sandbox.client.send(ADA, ADA, "a cat")
        assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    async with bot_process(sandbox, data_dir, **CHECK):
        await until_all_ended(data_dir)
    (row,) = (await check_books(data_dir))["rows"]
    assert row["error"] == "screened"
    (card,) = by_bot(await sandbox.client.messages(ADA, ADA))
    assert list(taps(card)) == ["appeal"]


@pytest.mark.parametrize("point", ["before:tap", "after:tap"])
async def test_an_allowed_clip_comes_once_whatever_commit_the_bot_dies_at(
    point: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    async with bot_process(sandbox, data_dir, **CHECK):
        await sandbox.client.send(CLEO, CLEO, "/start")
        await until(sandbox.client, CLEO, CLEO, texts)
        card = await held_back(sandbox, ADA, ADA, "a cat")
        await tap(sandbox, ADA, ADA, card, "appeal")
        (appeal,) = await told(sandbox, CLEO)
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT=point, **CHECK) as bot:
        tapping = asyncio.create_task(
            sandbox.client.tap(CLEO, CLEO, appeal["message_id"], taps(appeal)["allow"])
        )
        assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    async with bot_process(sandbox, data_dir, **CHECK):
        await until(sandbox.client, ADA, ADA, videos)
        await until_all_ended(data_dir)
    tapping.cancel()
    await asyncio.gather(tapping, return_exceptions=True)
    failed, delivered = (await check_books(data_dir))["rows"]
    assert (failed["state"], delivered["state"]) == ("failed", "delivered")
    (clip,) = videos(await sandbox.client.messages(ADA, ADA))
    assert clip["message_id"] == delivered["card_message_id"]
