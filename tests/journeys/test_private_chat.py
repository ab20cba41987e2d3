"""A person in a private chat, through the sandbox, real PTB and real SQLite."""

import asyncio
import time
from pathlib import Path

import pytest

from bot.app import App
from inference.values import InferenceError, OutOfMemory
from storage import audit, outbox
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    WAIT_SECONDS,
    Sandbox,
    buttons,
    by_bot,
    cards,
    ledger,
    open_service,
    settled,
    texts,
    until,
    videos,
)


def kinds(rows: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(row["kind"], row["amount_tenths"]) for row in rows]


async def test_a_prompt_turns_its_card_into_the_clip(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat moves left")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        assert clip["caption"].startswith("a cat moves left\nseed ")
        assert (clip["video"]["width"], clip["video"]["height"]) == (64, 64)
        assert clip["video"]["duration"] == 1
        messages = await sandbox.client.messages(ADA, ADA)
        assert len(cards(messages)) == 1
        calls = await sandbox.client.calls()
        assert next(call["method"] for call in calls if call["chat_id"] == ADA) == "sendMessage"
        assert kinds(await settled(app)) == [("reserve", 10), ("capture", 10)]
        mp4 = await sandbox.client.file(clip["video"]["url"])
        assert mp4[4:8] == b"ftyp"


async def test_the_card_shows_the_queue_and_the_steps(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "first cat")
        await sandbox.client.send(BO, BO, "second cat")
        await sandbox.client.send(ADA, ADA, "third cat")
        shown = await until(
            sandbox.client, ADA, ADA, lambda found: len(by_bot(found)) == 2 and texts(found)
        )
        assert any("Place 2 in line" in text for text in shown)
        other = await until(sandbox.client, BO, BO, texts)
        assert "下一个就是你" in other[0]
        assert all(
            len(buttons(card)) == 1 for card in by_bot(await sandbox.client.messages(ADA, ADA))
        )
        fleet.gate.set()
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2)
        await until(sandbox.client, BO, BO, videos)


async def test_a_card_says_that_a_later_prompt_goes_first(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        for prompt in ("first cat", "second cat"):
            await sandbox.client.send(ADA, ADA, prompt)
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "Next in" in t]
        )
        await sandbox.client.send(BO, BO, "a later cat")
        (passed,) = await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "came later" in t]
        )
        assert "Place 2 in line" in passed
        (first,) = await until(sandbox.client, BO, BO, texts)
        assert "下一个就是你" in first
        fleet.gate.set()
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2)


async def test_cancel_stops_the_render_and_gives_back_the_share_not_rendered(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        (card,) = await until(sandbox.client, ADA, ADA, by_bot)
        async with asyncio.timeout(WAIT_SECONDS):
            while not fleet.requests:
                await asyncio.sleep(0.01)
        data = buttons(card)[0]["callback_data"]
        answer = await sandbox.client.tap(ADA, ADA, card["message_id"], data)
        assert answer is not None
        assert "Stopping" in answer["text"]
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "Cancelled" in t]
        )
        assert fleet.steps_done == 0
        assert kinds(await settled(app)) == [("reserve", 10), ("release", 10)]
        # Tapping again finds an end already.
        await sandbox.client.send(ADA, ADA, "/cancel")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "nothing to" in t]
        )


async def test_nobody_else_can_cancel_but_an_admin_can(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        (card,) = await until(sandbox.client, ADA, GROUP, by_bot)
        data = buttons(card)[0]["callback_data"]
        answer = await sandbox.client.tap(BO, GROUP, card["message_id"], data)
        assert answer is not None
        assert "只有" in answer["text"]
        answer = await sandbox.client.tap(CLEO, GROUP, card["message_id"], data)
        assert answer is not None
        assert "Stopping" in answer["text"]
        await until(
            sandbox.client, ADA, GROUP, lambda found: [t for t in texts(found) if "Cancelled" in t]
        )
        assert sum(row["amount_tenths"] for row in await settled(app)) == 20


async def test_a_fault_is_tried_again_and_three_give_the_credits_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), failures=[InferenceError("one")])
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)
        assert kinds(await settled(app)) == [("reserve", 10), ("capture", 10)]
        assert len(fleet.requests) == 2
        fleet.failures = [InferenceError("x"), RuntimeError("y"), InferenceError("z")]
        await sandbox.client.send(ADA, ADA, "a dog")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "three times" in t]
        )
        assert kinds(await settled(app))[2:] == [("reserve", 10), ("release", 10)]


async def test_a_clip_that_does_not_fit_is_not_tried_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), failures=[OutOfMemory("too big")])
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "memory" in t]
        )
        assert len(fleet.requests) == 1
        assert kinds(await settled(app)) == [("reserve", 10), ("release", 10)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("/start", "under 200 characters"),
        ("/help", "/video"),
        ("/quota", "Credits left: 10 of 10"),
        ("/words", "two penguins dance"),
        ("/words Animals", "penguin"),
        ("/words kitty", "“kitty” is a cat"),
        ("/cancel", "nothing to cancel"),
        ("/video", "Write what the video shall show"),
        ("/nonsense", "I do not know /nonsense"),
        ("/grant 1002 5", "I do not know /grant"),
        ("\u202e\u2066", "Write what the video shall show"),
        ("x" * 3000, "3,000 characters"),
    ],
)
async def test_every_text_gets_one_clear_answer(
    text: str, part: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, text)
        shown = await until(sandbox.client, ADA, ADA, texts)
        assert len(shown) == 1
        assert part in shown[0]
        assert await settled(app) == []
        assert fleet.requests == []


async def test_a_flood_gets_one_notice_and_a_restart_does_not_repeat_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet, ahead = LocalFleet(), [0.0]
    settings = sandbox.settings(tmp_path / "data", waiting_a_person=2)

    def clock() -> float:
        return time.time() + ahead[0]

    async def flood(app: App, answered: int) -> list[str]:
        """The notices, once all that was sent is handled and all answers are known to be sent."""
        for _ in range(4):
            await sandbox.client.send(ADA, ADA, "一只猫" * 50)
        await sandbox.client.send(ADA, ADA, "/quota")
        shown = await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: (
                len([t for t in texts(found) if "Credits left" in t]) == answered and found
            ),
        )
        async with asyncio.timeout(WAIT_SECONDS):
            while await app.database.read(outbox.pending, bot_id=BOT_ID, now=clock()):
                await asyncio.sleep(0.02)
        return [text for text in texts(shown) if "2 prompts waiting" in text]

    async with open_service(settings, fleet.open, clock) as app:
        assert len(await flood(app, 1)) == 1
        await until(sandbox.client, ADA, ADA, lambda found: len(by_bot(found)) == 4)  # two cards
        rows = await ledger(app.database)
        assert kinds(rows) == [("reserve", 10), ("reserve", 10)]
    async with open_service(settings, fleet.open, clock) as app:
        assert len(await flood(app, 2)) == 1
        ahead[0] = 61
        assert len(await flood(app, 3)) == 2
        fleet.gate.set()
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2)


async def test_an_edited_message_is_not_billed_again(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        message = await sandbox.client.send(ADA, ADA, "/video a cat")
        await until(sandbox.client, ADA, ADA, videos)
        await sandbox.client.edit(ADA, ADA, message["message_id"], "/video a dog")
        await sandbox.client.send(ADA, ADA, "/quota")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "9 of 10" in t]
        )
        assert len(fleet.requests) == 1


async def test_admins_change_credits_and_blocks_and_all_is_audited(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    steps = [
        ("/quota @ada", "Credits left: 10 of 10"),
        ("/setquota @ADA 2.5", "@ada has 2.5 credits a day"),
        ("/grant 1001 3", "@ada got 3 credits"),
        ("/quota 1001", "Granted on top: 3"),
        ("/block @ada", "@ada is blocked"),
        ("/unblock @ada", "@ada is not blocked"),
        ("/grant @nobody 3", "I have not seen @nobody"),
        ("/grant @ada -3", "Write /grant WHO CREDITS"),
        ("/grant @ada nan", "Write /grant WHO CREDITS"),
        ("/stats", "The last 7 days"),
    ]
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "/start")
        await until(sandbox.client, ADA, ADA, texts)
        for number, (text, part) in enumerate(steps, start=1):
            await sandbox.client.send(CLEO, CLEO, text)
            shown = await until(
                sandbox.client,
                CLEO,
                CLEO,
                lambda found, wanted=number: len(texts(found)) == wanted and texts(found),
            )
            assert part in shown[-1]
        records = await app.database.read(audit.latest, bot_id=BOT_ID, limit=100)
        assert len(records) == len(steps) - 2
        assert {record.actor_id for record in records} == {CLEO}
