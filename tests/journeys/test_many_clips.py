"""Inline mode where there are more clips than one answer holds."""

from pathlib import Path
from typing import Any

import pytest

from inference.values import Request
from storage import jobs, people, sharing
from storage.clips import ClipRecord
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_sharing import find, make_clips
from tests.service import ADA, BO, BOT_ID, CLEO, Sandbox, open_service


def fill(db: Any, count: int, file_id: str) -> None:
    """That many clips of Ada's, every second one public."""
    people.see(
        db, bot_id=BOT_ID, user_id=ADA, username="ada", first_name="Ada", language_code="en", now=0
    )
    for number in range(count):
        job = jobs.insert(
            db,
            bot_id=BOT_ID,
            update_id=-1 - number,
            user_id=ADA,
            chat_id=ADA,
            chat_type="private",
            thread_id=None,
            message_id=1,
            language="en",
            request=Request(prompt=f"cat {number}", seed=1, model="builtin"),
            cost_tenths=0,
            now=0,
        )
        claimed = jobs.claim(db, bot_id=BOT_ID, model="builtin", now=0, lease_seconds=60)
        assert claimed is not None
        clip = ClipRecord(
            path=f"clips/{number}.mp4",
            width=64,
            height=64,
            seconds=1,
            fps=8,
            seed=1,
            model="builtin",
            size_bytes=1,
            stage_seconds={},
        )
        jobs.render_done(db, job_id=job.id, attempt=claimed.attempt, clip=clip, now=0)
        jobs.delivered(db, job_id=job.id, file_id=file_id, now=0)
        sharing.set_public(db, job_id=job.id, public=number % 2 == 0, now=0)


@pytest.mark.parametrize(("person", "step"), [(ADA, 1), (BO, 2)])
async def test_two_hundred_clips_are_paged_newest_first_without_gap_or_repetition(
    sandbox: Sandbox, tmp_path: Path, person: int, step: int
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open) as app:
        await make_clips(sandbox, app, (CLEO, "a dog"))
        file_id = await app.database.read(
            lambda db: db.execute("SELECT file_id FROM clips").fetchone()[0]
        )
        await app.database.run(fill, 200, file_id)
        shown: list[str] = []
        offset, pages = "", 0
        while True:
            answer = await find(sandbox, person, "cat", offset)
            shown += [result["title"] for result in answer["results"]]
            pages += 1
            offset = answer["next_offset"]
            if not offset:
                break
        newest = 199 if step == 1 else 198
        assert shown == [f"cat {number}" for number in range(newest, -1, -step)]
        assert pages <= 200 / step / 50 + 1
        nonsense = await find(sandbox, person, "cat", "nonsense'; 猫")
        assert [one["title"] for one in nonsense["results"]] == shown[:50]
