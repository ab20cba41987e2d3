"""Opening a database: how it is set, and what is refused and left alone."""

from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage.database import Database
from storage.errors import StorageUnavailable
from storage.migrations.registry import migrations


async def test_commits_are_made_to_last(database: Database):
    def settings(db: Tables) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    # synchronous 2 is FULL: under WAL anything less may lose commits when the power fails.
    assert await database.read(settings) == ["wal", 2, 1, 10_000]
    writing = []
    for name in ("synchronous", "foreign_keys"):
        row = await database.run(lambda db, name=name: db.execute(f"PRAGMA {name}").fetchone())
        writing.append(row[0])
    assert writing == [2, 1]


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageUnavailable, match="file"):
        await Database.open(tmp_path / "file" / "kinogram.db")


async def test_a_file_that_is_no_database_is_unavailable_and_left_alone(tmp_path: Path):
    path = tmp_path / "kinogram.db"
    path.write_bytes(b"my only diary" * 1000)
    with pytest.raises(StorageUnavailable, match="not a database"):
        await Database.open(path)
    assert path.read_bytes() == b"my only diary" * 1000


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path):
    database = await Database.open(tmp_path / "kinogram.db")
    await database.run(
        lambda db: db["_sqlite_migrations"].insert(
            {"migration_set": migrations.name, "name": "m9999_future", "applied_at": "2099"}
        )
    )
    await database.close()
    with pytest.raises(StorageUnavailable, match="m9999_future"):
        await Database.open(tmp_path / "kinogram.db")
