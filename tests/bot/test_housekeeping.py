"""Sweeps leave neither a row without an explanation nor a file without a row."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from bot.clips_folder import ClipsFolder
from bot.housekeeping import DAY_SECONDS, Housekeeping
from storage import clips, inbox, jobs, outbox, retention
from storage.database import Database
from tests.storage.examples import BOT, CLIP, ask


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "kinogram.db")
    yield opened
    await opened.close()


def housekeeping(database: Database, folder: ClipsFolder, days: float, **keep: int) -> Housekeeping:
    return Housekeeping(
        database=database,
        bot_id=BOT,
        clips=folder,
        clock=lambda: days * DAY_SECONDS,
        keep_clips_days=keep.get("clips", 30),
        keep_updates_days=keep.get("updates", 7),
    )


def make_clip(db: Tables, folder: ClipsFolder) -> str:
    """A delivered clip of day 0, and the message it came of."""
    job = ask(db, prompt="a cat")
    claimed = jobs.claim(db, bot_id=BOT, model="builtin", now=0.0, lease_seconds=60)
    assert claimed is not None
    path = folder.save(job.id, claimed.attempt, b"mp4")
    clip = clips.ClipRecord(
        **{name: getattr(CLIP, name) for name in CLIP.__slots__} | {"path": path}
    )
    jobs.render_done(db, job_id=job.id, attempt=claimed.attempt, clip=clip, now=0.0)
    jobs.delivered(db, job_id=job.id, file_id="file", now=0.0)
    inbox.record(db, bot_id=BOT, updates=[{"update_id": job.id}], now=0.0)
    inbox.mark_done(db, bot_id=BOT, update_id=job.id, now=0.0)
    outbox.say(
        db, bot_id=BOT, key=str(job.id), chat_id=5, method="send_message", payload={}, now=0.0
    )
    outbox.mark_sent(db, outgoing_id=job.id, now=0.0)
    return path


def counts(db: Tables) -> dict[str, int]:
    prompts = sum('"a cat"' in row["request"] for row in db["jobs"].rows)
    return {"inbox": db["inbox"].count, "outbox": db["outbox"].count, "prompts": prompts}


@pytest.mark.parametrize(
    ("days", "keep", "kept", "files"),
    [
        (6, {}, {"inbox": 1, "outbox": 1, "prompts": 1}, 1),
        (8, {}, {"inbox": 0, "outbox": 0, "prompts": 1}, 1),
        (31, {}, {"inbox": 0, "outbox": 0, "prompts": 0}, 0),
        (31, {"updates": 0}, {"inbox": 1, "outbox": 1, "prompts": 0}, 0),
        (9999, {"clips": 0, "updates": 0}, {"inbox": 1, "outbox": 1, "prompts": 1}, 1),
    ],
)
async def test_each_thing_is_kept_as_long_as_its_setting_says(
    database: Database,
    tmp_path: Path,
    days: float,
    keep: dict[str, int],
    kept: dict[str, int],
    files: int,
) -> None:
    folder = ClipsFolder(tmp_path)
    await database.run(make_clip, folder)
    await housekeeping(database, folder, days, **keep).sweep()
    assert await database.read(counts) == kept
    assert len(list((tmp_path / "clips").iterdir())) == files


async def test_a_sweep_killed_between_row_and_file_is_finished_at_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    folder = ClipsFolder(tmp_path)
    await database.run(make_clip, folder)
    young = await database.run(make_clip, folder)
    await database.run(lambda db: db.execute("UPDATE jobs SET ended_at = 1e9 WHERE id = 2"))
    # The commit, and then the kill.
    await database.run(retention.expire, bot_id=BOT, before=100.0, now=200.0)
    assert len(list((tmp_path / "clips").iterdir())) == 2
    # The start, as App._tidy does it.
    assert folder.sweep(frozenset(await database.read(clips.paths))) == 1
    assert [str(path.relative_to(tmp_path)) for path in (tmp_path / "clips").iterdir()] == [young]


async def test_a_file_that_is_gone_already_stops_no_sweep(
    database: Database, tmp_path: Path
) -> None:
    folder = ClipsFolder(tmp_path)
    folder.remove(await database.run(make_clip, folder))
    await database.run(make_clip, folder)
    await housekeeping(database, folder, 31).sweep()
    assert list((tmp_path / "clips").iterdir()) == []
