"""A disk without space: nothing half-written, a clear error, and then work goes on."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage import inbox
from storage.database import Database
from storage.errors import StorageUnavailable

from .examples import BOT


@contextmanager
def files_cannot_grow_beyond(size_bytes: int) -> Iterator[None]:
    """The kernel refuses writes beyond that size, as a full disk does, at whatever moment."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def record(db: Tables, update_id: int, size_bytes: int) -> int:
    return inbox.record(
        db, bot_id=BOT, updates=[{"update_id": update_id, "text": "x" * size_bytes}], now=0
    )


def kept(db: Tables) -> list[int]:
    return [update.update_id for update in inbox.waiting(db, bot_id=BOT)]


def allow_pages(db: Tables, pages: int) -> None:
    db.execute(f"PRAGMA max_page_count = {pages}")


async def test_a_full_database_is_unavailable_until_there_is_space(database: Database):
    await database.run(record, 1, 10)
    pages = await database.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await database.run(allow_pages, pages + 2)
    with pytest.raises(StorageUnavailable, match="full"):
        await database.run(record, 2, 100_000)
    assert await database.read(kept) == [1]
    await database.run(allow_pages, 1_000_000)
    assert await database.run(record, 2, 100_000) == 1
    assert await database.read(kept) == [1, 2]


async def test_a_commit_that_the_disk_refuses_leaves_nothing_and_harms_nothing(
    database: Database, tmp_path: Path
):
    await database.run(record, 1, 10)
    log_bytes = (tmp_path / "kinogram.db-wal").stat().st_size
    # Small enough to wait in SQLite's own cache until the COMMIT, where the write fails.
    with files_cannot_grow_beyond(log_bytes + 5000):
        results = await asyncio.gather(
            *(database.run(record, number, 20_000) for number in range(2, 12)),
            return_exceptions=True,
        )
        with pytest.raises(StorageUnavailable):
            await database.run(record, 99, 20_000)
        assert await database.read(kept) == [1]
    assert [type(result) for result in results] == [StorageUnavailable] * 10
    assert await database.run(record, 2, 20_000) == 1
    assert await database.read(kept) == [1, 2]
    assert await database.read(lambda db: db.execute("PRAGMA integrity_check").fetchall()) == [
        ("ok",)
    ]


async def test_check_writable_notices_a_disk_that_refuses(database: Database, tmp_path: Path):
    await database.check_writable()
    log_bytes = (tmp_path / "kinogram.db-wal").stat().st_size
    with files_cannot_grow_beyond(log_bytes), pytest.raises(StorageUnavailable):
        await database.check_writable()
    await database.check_writable()


async def test_a_disk_full_at_the_start_is_unavailable_and_later_starts_work(tmp_path: Path):
    with files_cannot_grow_beyond(20_000), pytest.raises(StorageUnavailable):
        await Database.open(tmp_path / "kinogram.db")
    database = await Database.open(tmp_path / "kinogram.db")
    assert await database.run(record, 1, 10) == 1
    await database.close()
