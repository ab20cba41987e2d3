"""The buttons under a clip, as people tap them."""

import io
from pathlib import Path

import av
import pytest

from inference.mp4 import last_frame
from storage import clips, jobs
from storage.jobs import JobState
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    Message,
    Sandbox,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)


async def make_clip(sandbox: Sandbox, person: int, chat: int, text: str) -> Message:
    await sandbox.client.send(person, chat, text)
    (clip,) = await until(sandbox.client, person, chat, videos)
    return dict(clip)


async def tap(sandbox: Sandbox, person: int, chat: int, clip: Message, action: str) -> str:
    answer = await sandbox.client.tap(person, chat, clip["message_id"], taps(clip)[action])
    assert answer is not None
    return str(answer["text"])


async def second_clip(sandbox: Sandbox, person: int, chat: int) -> Message:
    found = await until(
        sandbox.client, person, chat, lambda shown: len(videos(shown)) == 2 and videos(shown)
    )
    return dict(found[1])


def spent(rows: list[dict[str, object]]) -> dict[object, object]:
    captured = [row for row in rows if row["kind"] == "capture"]
    return {row["user_id"]: row["amount_tenths"] for row in captured}


async def test_a_clip_offers_its_buttons_and_they_name_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        assert list(taps(clip)) == ["again", "vary", "edit", "extend", "delete", "publish"]
        (token,) = {data.partition(":")[2] for data in taps(clip).values()}
        assert len(token) == 16
        assert int(token, 16)


async def test_again_is_another_seed_that_whoever_taps_pays_for(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        clip = await make_clip(sandbox, ADA, GROUP, "/video a cat")
        assert "花费：1" in await tap(sandbox, BO, GROUP, clip, "again")
        other = await second_clip(sandbox, ADA, GROUP)
        assert other["reply_to_message_id"] == clip["message_id"]
        first, second = fleet.requests
        assert (first.prompt, second.prompt) == ("a cat", "a cat")
        assert first.seed != second.seed
        assert spent(await settled(app)) == {ADA: 10, BO: 10}


async def test_a_clip_can_be_acted_on_as_soon_as_it_is_seen(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        # It is there, and the bot is not told so for a while.
        await sandbox.client.misbehave("editMessageMedia", "delay", seconds=3.0)
        clip = await make_clip(sandbox, ADA, ADA, "a cat --seed 7")
        (job,) = await app.database.read(jobs.open_cards, bot_id=BOT_ID, limit=2)
        assert job.state is JobState.RENDERED
        await sandbox.client.send(ADA, ADA, "a dog", reply_to=clip["message_id"])
        for action in ("vary", "again"):
            assert "costs" in await tap(sandbox, ADA, ADA, clip, action)
        assert await tap(sandbox, ADA, ADA, clip, "delete") == "Deleted."
        others = await until(
            sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 3 and videos(found)
        )
        assert clip["message_id"] not in {other["message_id"] for other in others}
        assert sorted(request.seed == 7 for request in fleet.requests) == [False, True, True, True]
        captured = [row for row in await settled(app) if row["kind"] == "capture"]
        assert [row["amount_tenths"] for row in captured] == [10] * 4
        assert await app.database.read(clips.of_job, job.id) is None


async def test_vary_keeps_the_seed(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        await tap(sandbox, ADA, ADA, clip, "vary")
        await second_clip(sandbox, ADA, ADA)
        first, second = fleet.requests
        assert (second.seed, second.prompt) == (first.seed, first.prompt)
        assert (first.variation, second.variation is None) == (None, False)


async def test_a_reply_with_another_prompt_keeps_the_seed(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, GROUP, "/video a cat")
        assert "/video" in await tap(sandbox, ADA, GROUP, clip, "edit")
        # A remark about the clip is no prompt, and costs nobody anything.
        await sandbox.client.send(BO, GROUP, "how nice", reply_to=clip["message_id"])
        await sandbox.client.send(BO, GROUP, "/video a dog", reply_to=clip["message_id"])
        await second_clip(sandbox, ADA, GROUP)
        first, second = fleet.requests
        assert (second.prompt, second.seed) == ("a dog", first.seed)


async def test_an_extended_clip_goes_on_from_the_last_frame_and_holds_both(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        mp4 = await sandbox.client.file(clip["video"]["url"])
        await tap(sandbox, ADA, ADA, clip, "extend")
        longer = await second_clip(sandbox, ADA, ADA)
        request = fleet.requests[1]
        assert request.continues
        assert request.image is not None
        with av.open(io.BytesIO(request.image)) as picture:
            (frame,) = picture.decode(video=0)
            assert (frame.to_ndarray(format="rgb24") == last_frame(mp4)).all()
        assert longer["video"]["duration"] == 2
        with av.open(io.BytesIO(await sandbox.client.file(longer["video"]["url"]))) as played:
            assert len(list(played.decode(video=0))) == 16


async def test_a_clip_that_is_gone_is_not_gone_on_from(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        for file in (tmp_path / "data" / "clips").iterdir():
            file.unlink()
        await tap(sandbox, ADA, ADA, clip, "extend")
        await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: [text for text in texts(found) if "not here any more" in text],
        )
        assert spent(await settled(app)) == {ADA: 10}


@pytest.mark.parametrize("person", [ADA, CLEO])
async def test_a_clip_is_deleted_by_its_maker_or_an_admin_with_its_file(
    sandbox: Sandbox, tmp_path: Path, person: int
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, GROUP, "/video a cat")
        assert "只有" in await tap(sandbox, BO, GROUP, clip, "delete")
        assert videos(await sandbox.client.messages(ADA, GROUP))
        assert await tap(sandbox, person, GROUP, clip, "delete") == "Deleted."
        await until(sandbox.client, ADA, GROUP, lambda found: not videos(found))
        assert not list((tmp_path / "data" / "clips").iterdir())
