"""Telegram limits, fails, loses answers and repeats itself; the chats come out right."""

import asyncio
from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    GROUP,
    WAIT_SECONDS,
    Sandbox,
    by_bot,
    cards,
    open_service,
    settled,
    texts,
    until,
    videos,
)


class Clock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def steps(fleet: LocalFleet, number: int) -> None:
    """Wait until the fleet has done that many steps."""
    async with asyncio.timeout(WAIT_SECONDS):
        while fleet.steps_done < number:
            await asyncio.sleep(0.01)


async def edits(sandbox: Sandbox, chat: int) -> int:
    calls = await sandbox.client.calls()
    return sum(call["method"] == "editMessageText" and call["chat_id"] == chat for call in calls)


async def edited(sandbox: Sandbox, chat: int, times: int) -> None:
    """Wait until a chat's messages were edited that often, or more."""
    async with asyncio.timeout(WAIT_SECONDS):
        while await edits(sandbox, chat) < times:
            await asyncio.sleep(0.02)


async def test_a_lost_answer_to_the_delivery_makes_no_second_video(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.misbehave("editMessageMedia", "lose_answer", 2)
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)
        await sandbox.client.send(ADA, ADA, "a dog")
        shown = await until(
            sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2 and found
        )
        assert len(cards(shown)) == 2
        rows = await settled(app)
        assert sorted(row["kind"] for row in rows) == ["capture", "capture", "reserve", "reserve"]
        assert len(fleet.requests) == 2


async def test_updates_sent_again_make_no_second_job(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)
        await sandbox.client.redeliver(5)
        await sandbox.client.send(ADA, ADA, "/quota")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "9 of 10" in t]
        )
        assert len(fleet.requests) == 1


async def test_a_429_parks_one_chat_while_the_others_go_on(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.misbehave("sendMessage", "429", 1, retry_after=3)
        await sandbox.client.send(ADA, ADA, "a cat")
        await sandbox.client.first_event(ADA, lambda _event: True)
        await sandbox.client.send(BO, BO, "a dog")
        await until(sandbox.client, BO, BO, videos)
        await until(sandbox.client, ADA, ADA, videos)
        calls = await sandbox.client.calls()
        refused, again, *_ = [call for call in calls if call["chat_id"] == ADA]
        assert not refused["ok"]
        assert again["at"] - refused["at"] >= 3
        meanwhile = next(call for call in calls if call["chat_id"] == BO)
        assert refused["at"] < meanwhile["at"] < again["at"]


async def test_a_server_that_fails_for_a_while_gets_everything_later(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.misbehave("*", "500", 3)
        await sandbox.client.send(ADA, ADA, "a cat")
        shown = await until(sandbox.client, ADA, ADA, lambda found: videos(found) and found)
        assert len(cards(shown)) == 1


async def test_whoever_blocks_the_bot_gets_the_credits_back_quietly(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, by_bot)
        await sandbox.client.block(ADA)
        fleet.gate.set()
        kinds = [row["kind"] for row in await settled(app)]
        assert kinds == ["reserve", "release"]


async def test_a_clip_comes_even_when_its_card_was_deleted(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "a cat")
        (card,) = await until(sandbox.client, ADA, ADA, by_bot)
        await sandbox.client.delete(ADA, ADA, card["message_id"])
        fleet.gate.set()
        shown = await until(sandbox.client, ADA, ADA, lambda found: videos(found) and found)
        assert len(cards(shown)) == 1


async def test_a_folder_that_takes_no_clip_ends_the_job_with_its_credits_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    data = tmp_path / "data"
    async with open_service(sandbox.settings(data), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, by_bot)
        (data / "clips").rmdir()
        (data / "clips").write_text("no folder any more")
        fleet.gate.set()
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "disk" in t]
        )
        kinds = [row["kind"] for row in await settled(app)]
        assert kinds == ["reserve", "release"]


async def test_after_a_long_wait_the_person_is_told_once(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet, clock = LocalFleet(), Clock()
    settings = sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open, clock):
        prompt = await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, by_bot)
        clock.now += 16
        fleet.gate.set()
        shown = await until(
            sandbox.client,
            ADA,
            GROUP,
            lambda found: (
                [m for m in by_bot(found) if m.get("text") == "Your clip is ready."]
                and [m for m in found if m.get("reactions")]
                and found
            ),
        )
        assert len(by_bot(shown)) == 2
        assert by_bot(shown)[1]["reply_to_message_id"] == prompt["message_id"]
        reacted = next(message for message in shown if message.get("reactions"))
        assert reacted["message_id"] == prompt["message_id"]


async def test_edits_are_paced_per_chat_and_only_on_change(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    # More steps than there is time for; the last ones take none.
    fleet, clock = LocalFleet(steps=1000, step_seconds=0.05, gate=open_gate()), Clock()
    settings = sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open, clock):
        await sandbox.client.send(ADA, ADA, "a cat")
        await edited(sandbox, ADA, 1)
        await steps(fleet, fleet.steps_done + 15)
        clock.now += 4.9
        await steps(fleet, fleet.steps_done + 15)
        assert await edits(sandbox, ADA) == 1
        clock.now += 0.2
        await edited(sandbox, ADA, 2)
        await steps(fleet, fleet.steps_done + 15)
        assert await edits(sandbox, ADA) == 2
        fleet.step_seconds = 0.0
        await until(sandbox.client, ADA, ADA, videos)
