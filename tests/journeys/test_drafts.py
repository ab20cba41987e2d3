"""Draft first: a quick preview, and one tap to the full clip."""

from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_buttons import make_clip, second_clip, spent, tap
from tests.journeys.test_pictures import PHOTO
from tests.service import (
    ADA,
    BO,
    GROUP,
    Sandbox,
    by_bot,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)


async def test_a_draft_becomes_the_full_clip_with_one_tap_of_whoever_pays(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        draft = await make_clip(sandbox, ADA, GROUP, "/draft a cat --ar 16:9")
        assert draft["caption"].startswith("a cat\nDraft · seed ")
        assert list(taps(draft)) == ["full", "again", "vary", "edit", "delete", "publish"]
        fleet.gate.clear()
        assert "花费：1" in await tap(sandbox, BO, GROUP, draft, "full")
        assert await tap(sandbox, ADA, GROUP, draft, "full") == "That clip is being made already."
        fleet.gate.set()
        clip = await second_clip(sandbox, ADA, GROUP)
        first, second = fleet.requests
        assert (first.steps, second.steps) == (2, None)
        assert (second.seed, second.prompt, second.aspect_ratio) == (first.seed, "a cat", "16:9")
        assert "full" not in taps(clip)
        assert "草稿" not in clip["caption"]
        assert spent(await settled(app)) == {ADA: 3, BO: 10}


async def test_a_reply_with_draft_tells_the_clip_otherwise_in_few_steps(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat --seed 7")
        await sandbox.client.send(ADA, ADA, "/draft a dog", reply_to=clip["message_id"])
        await second_clip(sandbox, ADA, ADA)
        assert (fleet.requests[1].prompt, fleet.requests[1].seed) == ("a dog", 7)
        assert fleet.requests[1].steps == 2


async def test_a_draft_that_cannot_be_is_answered_and_costs_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        wrong = [
            ("/draft a cat --steps best", "--steps can only be draft here, not “best”."),
            ("/draft", "Write what the video shall show"),
            ("/draft " + "猫" * 4000, "Your prompt has 4,000 characters"),
            ("/draft a cat --steps draft --zoom 2", "There is no option --zoom"),
        ]
        for number, (text, answer) in enumerate(wrong, start=1):
            await sandbox.client.send(ADA, ADA, text)
            said = await until(
                sandbox.client,
                ADA,
                ADA,
                lambda found, number=number: len(by_bot(found)) == number and texts(found),
            )
            assert answer in said[-1]
        assert await settled(app) == []


async def test_a_draft_starts_from_a_photo_and_so_does_its_full_clip(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.photo(ADA, GROUP, PHOTO, "/draft it rains")
        (draft,) = await until(sandbox.client, ADA, GROUP, videos)
        await tap(sandbox, ADA, GROUP, draft, "full")
        await second_clip(sandbox, ADA, GROUP)
        first, full = fleet.requests
        assert (first.steps, full.steps) == (2, None)
        assert first.image is not None
        assert full.image == first.image


async def test_a_photo_with_draft_that_cannot_be_is_answered(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        await sandbox.client.photo(ADA, ADA, PHOTO, "/draft it rains --steps best")
        (said,) = await until(sandbox.client, ADA, ADA, texts)
        assert said == "--steps can only be draft here, not “best”. Nothing was charged."
        await sandbox.client.photo(ADA, ADA, PHOTO, "/draft")
        await until(sandbox.client, ADA, ADA, lambda found: len(texts(found)) == 2)
