"""Clips and what they were made of, when it is not there any more as somebody taps."""

import re
from pathlib import Path

from storage import inbox
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_buttons import make_clip, second_clip, spent, tap
from tests.journeys.test_own_jobs import ask
from tests.service import (
    ADA,
    BO,
    BOT_ID,
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


async def test_what_a_deleted_clip_was_made_of_is_shown_to_nobody(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        clip = await make_clip(sandbox, ADA, GROUP, "/video a cat")
        await settled(app)
        listed = await ask(sandbox, ADA, GROUP, "/jobs", "Your latest clips")
        found = re.search(r"^(\w{6})\na cat", listed["text"], re.MULTILINE)
        assert found is not None
        await tap(sandbox, ADA, GROUP, clip, "delete")
        await ask(sandbox, BO, GROUP, f"/show {found[1]}", "不再保存")
        await ask(sandbox, ADA, GROUP, f"/show {found[1]}", "not kept any more")
        await sandbox.client.send(ADA, GROUP, "/jobs")
        await until(
            sandbox.client,
            ADA,
            GROUP,
            lambda shown: "Nothing of yours is waiting or running." in texts(shown),
        )


async def test_a_clip_too_old_for_telegram_to_delete_is_covered_and_loses_its_buttons(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        await sandbox.client.misbehave("deleteMessage", "too_old")
        assert await tap(sandbox, ADA, ADA, clip, "delete") == "Deleted."
        (left,) = await until(sandbox.client, ADA, ADA, lambda f: not videos(f) and by_bot(f))
        assert (left["message_id"], left["caption"]) == (clip["message_id"], "Deleted.")
        assert not taps(left)


async def test_a_longer_clip_whose_beginning_was_deleted_is_not_made_again_and_says_so_at_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        await tap(sandbox, ADA, ADA, clip, "extend")
        longer = await second_clip(sandbox, ADA, ADA)
        await tap(sandbox, ADA, ADA, clip, "delete")
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 1)
        for action in ("again", "vary"):
            assert "not here any more" in await tap(sandbox, ADA, ADA, longer, action)
        # The longer clip holds both pieces: it goes on from itself.
        await tap(sandbox, ADA, ADA, longer, "extend")
        await second_clip(sandbox, ADA, ADA)
        assert len(fleet.requests) == 3
        assert sum(row["kind"] == "reserve" for row in await settled(app)) == 3


async def test_a_tap_under_a_message_that_telegram_has_put_away_works_too(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        old = {
            "update_id": 900_000_001,
            "callback_query": {
                "id": "1",
                "from": {"id": ADA, "is_bot": False, "first_name": "Ada", "language_code": "en"},
                "message": {
                    "chat": {"id": ADA, "type": "private"},
                    "message_id": clip["message_id"],
                    "date": 0,
                },
                "chat_instance": "1",
                "data": taps(clip)["again"],
            },
        }
        await app.database.run(inbox.record, bot_id=BOT_ID, updates=[old], now=1.0)
        await sandbox.client.send(BO, BO, "/help")
        other = await second_clip(sandbox, ADA, ADA)
        assert other["reply_to_message_id"] == clip["message_id"]
        assert spent(await settled(app)) == {ADA: 10}


async def test_under_a_clip_of_a_model_that_is_not_served_any_more_a_tap_says_so(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), models=("wan2.2-ti2v-5b", "builtin"))
    settings = sandbox.settings(tmp_path / "data", model="wan2.2-ti2v-5b")
    async with open_service(settings, fleet.open):
        clip = await make_clip(sandbox, BO, BO, "a cat")
        draft = await make_clip(sandbox, ADA, ADA, "/draft a cat")
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        for action in ("again", "vary", "extend"):
            said = await tap(sandbox, BO, BO, clip, action)
            assert "Wan 2.2" in said
            assert "现在不提供这个模型" in said
        assert "is not served now" in await tap(sandbox, ADA, ADA, draft, "full")
        # Words in reply to it are a prompt like any other.
        await sandbox.client.send(BO, BO, "一只狗", reply_to=clip["message_id"])
        await until(sandbox.client, BO, BO, lambda found: len(videos(found)) == 2)
        assert fleet.requests[-1].model == "builtin"
        assert len(fleet.requests) == 3
        await settled(app)
        assert by_bot(await sandbox.client.messages(BO, BO))
