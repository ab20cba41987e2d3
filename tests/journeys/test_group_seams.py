"""Where a group's rules meet everything else: moves, appeals, feedback, caps, removal."""

import asyncio
from pathlib import Path

from storage import chats, pools
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_admins import ask as ask_bot
from tests.journeys.test_buttons import make_clip, tap
from tests.journeys.test_frame_screening import CHECKS, held_back, told
from tests.journeys.test_own_jobs import ask
from tests.journeys.test_sharing import titles
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    WAIT_SECONDS,
    Sandbox,
    by_bot,
    ledger,
    let_it_answer,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)


async def refused(sandbox: Sandbox, method: str) -> None:
    """Return once a call of that method has failed."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not [
            c for c in await sandbox.client.calls() if c["method"] == method and not c["ok"]
        ]:
            await asyncio.sleep(0.02)


def kinds(rows: list[dict[str, object]]) -> list[object]:
    return [row["kind"] for row in rows]


async def test_a_clip_that_was_rendered_and_not_delivered_follows_its_group(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.misbehave("editMessageMedia", "500", 1)
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await refused(sandbox, "editMessageMedia")
        await sandbox.client.upgrade_group(CLEO)
        await until(sandbox.client, ADA, GROUP, videos)
        assert kinds(await settled(app)) == ["reserve", "capture"]
        assert len(videos(await sandbox.client.messages(ADA, GROUP))) == 1
        assert len(fleet.requests) == 1


async def test_a_bot_removed_before_a_rendered_clip_was_delivered_gives_all_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.misbehave("editMessageMedia", "500", 1)
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await refused(sandbox, "editMessageMedia")
        await sandbox.client.change_bot(CLEO, "kicked")
        while kinds(await ledger(app.database)) != ["reserve", "release"]:
            await let_it_answer(sandbox, BO)
        await sandbox.client.change_bot(CLEO, "member")
        await until(sandbox.client, ADA, GROUP, lambda found: "Hello!" in texts(found)[-1])
        assert not videos(await sandbox.client.messages(ADA, GROUP))


async def test_appeals_and_answers_to_feedback_follow_their_group(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", screen_frames=f"{CHECKS}:find_fault")
    async with open_service(settings, fleet.open):
        await ask_bot(sandbox, "/start")
        await ask(sandbox, ADA, GROUP, "/feedback longer clips!", "Thank you")
        card = await held_back(sandbox, ADA, GROUP, "/video a cat")
        await tap(sandbox, ADA, GROUP, card, "appeal")
        (appeal,) = await told(sandbox, CLEO)
        await sandbox.client.upgrade_group(CLEO)
        assert "on its way" in await tap(sandbox, CLEO, CLEO, appeal, "allow")
        await until(sandbox.client, ADA, GROUP, videos)
        (given,) = [
            m for m in by_bot(await sandbox.client.messages(CLEO, CLEO)) if "💬" in m["text"]
        ]
        await sandbox.client.send(CLEO, CLEO, "Soon!", given["message_id"])
        await until(
            sandbox.client, ADA, GROUP, lambda found: [t for t in texts(found) if "Soon!" in t]
        )


async def test_a_clip_made_before_its_group_moved_is_still_deleted_by_an_administrator(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        clip = await make_clip(sandbox, ADA, GROUP, "/video a cat")
        await settled(app)
        await tap(sandbox, ADA, GROUP, clip, "publish")
        assert await titles(sandbox, BO, "cat") == ["a cat"]
        await sandbox.client.upgrade_group(CLEO)
        assert await titles(sandbox, BO, "cat") == ["a cat"], "it stays public"
        data = taps(clip)["delete"]
        for person, part in ((BO, "只有"), (CLEO, "Deleted")):
            answer = await sandbox.client.tap(person, GROUP, clip["message_id"], data)
            assert answer is not None
            assert part in answer["text"]
        assert await titles(sandbox, BO, "cat") == await titles(sandbox, ADA, "cat") == []


async def test_a_members_cap_counts_what_was_spent_and_not_what_came_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    settings = sandbox.settings(tmp_path / "data", daily_credits=0.0)
    async with open_service(settings, fleet.open) as app:
        await ask_bot(sandbox, f"/setquota {GROUP} 2")
        await app.database.run(chats.set_cap, bot_id=BOT_ID, chat_id=GROUP, cap_tenths=10)
        # The worker is busy with another's, so that what is cancelled has not begun.
        await ask(sandbox, CLEO, GROUP, "/video a dog", "a dog")
        await ask(sandbox, ADA, GROUP, "/video a cat", "a cat")
        await ask(sandbox, ADA, GROUP, "/video a bird", "This clip costs 1")
        await ask(sandbox, ADA, GROUP, "/cancel", "ancelled")
        second = await ask(sandbox, ADA, GROUP, "/video a cat again", "a cat again")
        assert "cancel" in taps(second)
        # Nothing is left for a third member, whose cap is untouched.
        await ask(sandbox, BO, GROUP, "/video 一只鸟", "群")
        fleet.gate.set()
        await until(sandbox.client, ADA, GROUP, lambda found: len(videos(found)) == 2)
        rows = await settled(app)
        pool = await app.database.read(
            pools.pool, bot_id=BOT_ID, chat_id=GROUP, user_id=ADA, now=rows[-1]["at"]
        )
        assert (pool.daily_left_tenths, pool.member_left_tenths) == (0, 0)
