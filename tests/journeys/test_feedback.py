"""Feedback: from a person to the admins, and an admin's answer back."""

import asyncio
from pathlib import Path

from bot.text_length import utf16_length
from storage import outbox
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_buttons import tap
from tests.journeys.test_frame_screening import CHECKS, held_back
from tests.journeys.test_own_jobs import ask
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    WAIT_SECONDS,
    Sandbox,
    by_bot,
    open_service,
    texts,
    until,
)


async def test_feedback_reaches_the_admins_and_an_answer_comes_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await ask(sandbox, CLEO, CLEO, "/start", "Hello!")
        await ask(sandbox, BO, BO, "/feedback 希望视频更长", "谢谢")
        (given,) = await until(
            sandbox.client,
            CLEO,
            CLEO,
            lambda found: [one for one in by_bot(found) if "💬" in one["text"]],
        )
        assert given["text"] == (
            "💬 1 · 小波 @bo · 1002\n\n希望视频更长\n\nReply to this message to answer."
        )
        reply_to = given["message_id"]
        await ask(sandbox, CLEO, CLEO, "Soon!", "Your answer is on its way", reply_to=reply_to)
        (answer,) = await until(
            sandbox.client, BO, BO, lambda found: [t for t in texts(found) if "Soon!" in t]
        )
        assert answer == "管理员回复了你的反馈：\n\nSoon!"
        assert fleet.requests == []


async def test_feedback_and_appeals_wait_for_an_admin_who_has_not_started_the_bot(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", screen_frames=f"{CHECKS}:find_fault")
    async with open_service(settings, fleet.open):
        await ask(sandbox, ADA, ADA, "/feedback longer clips!", "Thank you")
        card = await held_back(sandbox, ADA, ADA, "a cat")
        assert "have been asked" in await tap(sandbox, ADA, ADA, card, "appeal")
        await refused(sandbox, CLEO, 2)
    async with open_service(settings, fleet.open) as app:
        await ask(sandbox, CLEO, CLEO, "/start", "Hello!")
        await until(sandbox.client, CLEO, CLEO, lambda found: len(texts(found)) == 3)
        given, appeal, _ = by_bot(await sandbox.client.messages(CLEO, CLEO))
        assert "longer clips!" in given["text"]
        assert "a cat" in appeal["text"]
        # Whoever blocks the bot for a while misses nothing either.
        await sandbox.client.block(CLEO)
        await ask(sandbox, BO, BO, "/feedback 你好", "谢谢")
        async with asyncio.timeout(WAIT_SECONDS):  # tried in vain, or not tried any more
            while await app.database.read(outbox.count_pending_in, bot_id=BOT_ID, chat_id=CLEO):
                await asyncio.sleep(0.02)
        await sandbox.client.block(CLEO, blocked=False)
        await ask(sandbox, CLEO, CLEO, "/help", "/grant")
        await until(sandbox.client, CLEO, CLEO, lambda found: "你好" in "".join(texts(found)))
        await ask(sandbox, CLEO, CLEO, "/quota", "Credits left")
        assert len(texts(await sandbox.client.messages(CLEO, CLEO))) == 6, "each of them once"


async def refused(sandbox: Sandbox, chat: int, times: int) -> None:
    """Return once Telegram has refused that many messages to a chat."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            calls = [c for c in await sandbox.client.calls() if c["method"] == "sendMessage"]
            if len([c for c in calls if c["chat_id"] == chat and not c["ok"]]) >= times:
                return
            await asyncio.sleep(0.02)


async def test_only_admins_answer_and_only_the_bots_own_message_counts(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await ask(sandbox, BO, BO, "/feedback 你好", "谢谢")
        # Somebody writes a line like the bot's in a group, and an admin replies to it.
        forged = await sandbox.client.send(ADA, GROUP, "💬 1 · 小波 @bo · 1002")
        await sandbox.client.send(CLEO, GROUP, "haha", reply_to=forged["message_id"])
        await sandbox.client.send(ADA, GROUP, "haha", reply_to=forged["message_id"])
        await ask(sandbox, CLEO, GROUP, "/quota", "Credits left")
        assert not [t for t in texts(await sandbox.client.messages(BO, BO)) if "haha" in t]


async def test_feedback_is_cut_counted_and_never_empty(sandbox: Sandbox, tmp_path: Path) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        await ask(sandbox, CLEO, CLEO, "/start", "Hello!")
        await ask(sandbox, ADA, ADA, "/feedback", "Write your words behind the command")
        for number in range(5):
            await sandbox.client.send(ADA, ADA, f"/feedback {'🐈' * 2035} {number}")
        await ask(sandbox, ADA, ADA, "/feedback more", "5 times a day")
        given = await until(
            sandbox.client,
            CLEO,
            CLEO,
            lambda found: len(texts(found)) == 6 and texts(found)[1:],
        )
        assert all(utf16_length(text) <= 4096 for text in given)
        assert all(text.endswith("…\n\nReply to this message to answer.") for text in given)
        assert not [text for text in given if "more" in text]


async def test_a_bot_without_admins_says_that_nobody_would_read_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data", admins=frozenset())
    async with open_service(settings, LocalFleet().open):
        await ask(sandbox, BO, BO, "/feedback 你好", "没有管理员")


async def test_who_was_forgotten_gets_no_answer(sandbox: Sandbox, tmp_path: Path) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        await ask(sandbox, CLEO, CLEO, "/start", "Hello!")
        await ask(sandbox, ADA, ADA, "/feedback hello", "Thank you")
        given = await until(
            sandbox.client, CLEO, CLEO, lambda found: by_bot(found)[1:] and by_bot(found)[1]
        )
        question = await ask(sandbox, ADA, ADA, "/forgetme", "Shall I forget you?")
        await sandbox.client.tap(ADA, ADA, question["message_id"], f"forget:{ADA}:yes")
        await ask(
            sandbox, CLEO, CLEO, "Thanks!", "I do not know any more", reply_to=given["message_id"]
        )
