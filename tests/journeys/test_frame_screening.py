"""A check of finished clips: held back, appealed, allowed."""

from pathlib import Path

import pytest

from bot.screening.frames import FrameScreenError, load
from tests.fleets import LocalFleet, open_gate, small_jpeg
from tests.journeys.test_buttons import make_clip, spent, tap
from tests.service import (
    ADA,
    BO,
    CLEO,
    GROUP,
    Message,
    Sandbox,
    by_bot,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)

CHECKS = "tests.journeys.test_frame_screening"


def find_fault(mp4: Path) -> str | None:
    """Refuses every clip."""
    assert mp4.read_bytes()[4:8] == b"ftyp"
    return "too grey"


def find_none(mp4: Path) -> str | None:
    """Refuses none."""
    return None if mp4.is_file() else "no file"


def breaks(mp4: Path) -> str | None:
    """Has a fault of its own."""
    raise KeyError(mp4)


async def held_back(sandbox: Sandbox, person: int, chat: int, text: str) -> Message:
    await sandbox.client.send(person, chat, text)
    (card,) = await until(
        sandbox.client,
        person,
        chat,
        lambda found: [one for one in by_bot(found) if "held it back" in one.get("text", "")],
    )
    return dict(card)


async def told(sandbox: Sandbox, admin: int) -> list[Message]:
    found: list[Message] = await until(
        sandbox.client,
        admin,
        admin,
        lambda found: [one for one in by_bot(found) if "appeals" in one.get("text", "")],
    )
    return found


async def test_a_blocked_clip_costs_nothing_and_an_admin_may_allow_it_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), picture=small_jpeg(50))
    settings = sandbox.settings(tmp_path / "data", screen_frames=f"{CHECKS}:find_fault")
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.send(CLEO, CLEO, "/start")
        await until(sandbox.client, CLEO, CLEO, texts)
        card = await held_back(sandbox, ADA, GROUP, "/video a 猫 moves")
        assert "Your credits are back." in card["text"]
        assert [row["kind"] for row in await settled(app)] == ["reserve", "release"]
        assert "只有请求" in await tap(sandbox, BO, GROUP, card, "appeal")
        for _ in range(2):
            assert "admins have been asked" in await tap(sandbox, ADA, GROUP, card, "appeal")
        (appeal,) = await told(sandbox, CLEO)
        assert appeal["text"] == (
            "@ada 1001 appeals: the check of finished clips held one back.\n\na 猫 moves"
        )
        assert await tap(sandbox, CLEO, CLEO, appeal, "allow") == "Allowed. The clip is on its way."
        assert "allowed already" in await tap(sandbox, CLEO, CLEO, appeal, "allow")
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert clip["caption"].startswith("a 猫 moves")
        assert "allowed already" in await tap(sandbox, ADA, GROUP, card, "appeal")
        rows = await settled(app)
        assert [row["kind"] for row in rows] == ["reserve", "release"], "and costs nothing"
        assert len(fleet.requests) == 1
        calls = [call["method"] for call in await sandbox.client.calls() if call["ok"]]
        assert calls.count("editMessageMedia") == 1, "no preview of what is not checked"


async def test_a_clip_that_could_not_be_checked_is_held_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", screen_frames=f"{CHECKS}:breaks")
    async with open_service(settings, fleet.open) as app:
        card = await held_back(sandbox, ADA, ADA, "a cat")
        assert list(taps(card)) == ["appeal"]
        assert not videos(await sandbox.client.messages(ADA, ADA))
        assert [row["kind"] for row in await settled(app)] == ["reserve", "release"]


async def test_a_clip_without_fault_comes_as_ever(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", screen_frames=f"{CHECKS}:find_none")
    async with open_service(settings, fleet.open) as app:
        await make_clip(sandbox, ADA, ADA, "a cat")
        assert spent(await settled(app)) == {ADA: 10}


@pytest.mark.parametrize("name", ["nowhere", "nowhere:f", f"{CHECKS}:nothing", f"{CHECKS}:CHECKS"])
def test_a_check_that_cannot_be_loaded_is_said_so_at_the_start(name: str) -> None:
    with pytest.raises(FrameScreenError, match="KINOGRAM_SCREEN_FRAMES="):
        load(name)


def test_no_check_is_the_default() -> None:
    assert load("") is None
