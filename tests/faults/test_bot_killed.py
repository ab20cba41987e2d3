"""The bot is killed with SIGKILL at each commit and call of a job's life, and started again."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.faults.processes import bot_process, check_books, check_chat, until_all_ended
from tests.service import ADA, WAIT_SECONDS, Sandbox, by_bot, texts, until, videos

DELIVERY = [
    f"{phase}:{name}"
    for name in (
        "record",
        "take_prompt",
        "claim",
        "card_sent",
        "card_shown",
        "render_done",
        "deliver",
        "sendMessage",
        "editMessageText",
        "editMessageMedia",
    )
    for phase in ("before", "after")
]
CANCELLING = [
    f"{phase}:{name}"
    for name in ("cancel_newest", "cancelled", "card_finished")
    for phase in ("before", "after")
]
# The one place that leaves an orphan text: sent, and not yet written down.
LEAVES_AN_ORPHAN = {"after:sendMessage", "before:card_sent"}


async def killed_at(sandbox: Sandbox, data_dir: Path, point: str, *texts_sent: str) -> None:
    """Run the bot until it dies at `point`; fails when the point is never reached."""
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT=point) as bot:
        for text in texts_sent:
            await sandbox.client.send(ADA, ADA, text)
        assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL


@pytest.mark.parametrize("point", DELIVERY)
async def test_one_clip_is_shown_and_charged_whatever_commit_the_bot_dies_at(
    point: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    await killed_at(sandbox, data_dir, point, "a cat moves left")
    async with bot_process(sandbox, data_dir):
        await until(sandbox.client, ADA, ADA, videos)
        # Asked after the clip, the answer shows that the bot has nothing else to say.
        await sandbox.client.send(ADA, ADA, "/quota")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "9 of 10" in t]
        )
    books = await check_books(data_dir)
    assert len(books["rows"]) == 1
    messages = await sandbox.client.messages(ADA, ADA)
    assert check_chat(messages, books["rows"], ADA) == (point in LEAVES_AN_ORPHAN)


async def test_a_card_that_became_a_picture_unnoticed_still_tells_and_becomes_the_clip(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    slow = {"TEST_STEP_SECONDS": "1.5", "TEST_PICTURE": "1"}
    point = {"KINOGRAM_CRASH_POINT": "after:editMessageMedia"}
    async with bot_process(sandbox, data_dir, **point, **slow) as bot:
        await sandbox.client.send(ADA, ADA, "a cat moves left")
        assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    (card,) = by_bot(await sandbox.client.messages(ADA, ADA))
    assert "photo" in card, "and the database takes it for a text"
    async with bot_process(sandbox, data_dir, TEST_STEP_SECONDS="1.5"):
        await until(sandbox.client, ADA, ADA, videos)
        await until_all_ended(data_dir)
    calls = [call["method"] for call in await sandbox.client.calls() if call["ok"]]
    assert "editMessageCaption" in calls, "it tells on while it renders anew"
    books = await check_books(data_dir)
    assert check_chat(await sandbox.client.messages(ADA, ADA), books["rows"], ADA) == 0


@pytest.mark.parametrize("point", CANCELLING)
async def test_a_cancel_has_one_effect_whatever_commit_the_bot_dies_at(
    point: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    slow = {"TEST_STEP_SECONDS": "1.0"}
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT=point, **slow) as bot:
        await sandbox.client.send(ADA, ADA, "a cat moves left")
        await until(sandbox.client, ADA, ADA, by_bot)
        await sandbox.client.send(ADA, ADA, "/cancel")
        assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    async with bot_process(sandbox, data_dir):
        await until_all_ended(data_dir)
        await sandbox.client.send(ADA, ADA, "/quota")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "of 10" in t]
        )
    books = await check_books(data_dir)
    assert len(books["rows"]) == 1
    check_chat(await sandbox.client.messages(ADA, ADA), books["rows"], ADA)
