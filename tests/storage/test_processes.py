"""Several processes on one database, and processes that die in the middle of a commit."""

import asyncio
import random
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage.database import Database
from storage.errors import StorageUnavailable
from storage.migrations.registry import migrations


async def writing_process(path: Path, *crash_point: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.writing_process", str(path), *crash_point, stdout=PIPE
    )


async def acknowledged_by(process: Process, kill_after: int | None = None) -> list[int]:
    """What a process printed until it died, killed after that many lines."""
    assert process.stdout is not None
    lines: list[int] = []
    # A line without its end was not printed whole.
    while (line := await process.stdout.readline()).endswith(b"\n"):
        lines.append(int(line))
        if len(lines) == kill_after:
            process.kill()
    assert await process.wait() == -9
    return lines


def recorded(db: Tables) -> tuple[set[int], set[int]]:
    updates = {row["update_id"] for row in db.query("SELECT update_id FROM inbox")}
    return updates, {int(row["action"]) for row in db.query("SELECT action FROM audit")}


async def what_survived(path: Path) -> set[int]:
    """Numbers that are there, each whole, in a database that is sound and can be written."""
    database = await Database.open(path)
    await database.check_writable()
    checked = await database.read(lambda db: db.execute("PRAGMA integrity_check").fetchall())
    assert checked == [("ok",)]
    updates, noted = await database.read(recorded)
    await database.close()
    assert updates == noted
    return updates


async def test_a_process_killed_while_it_writes_loses_nothing_that_it_acknowledged(
    tmp_path: Path,
):
    path = tmp_path / "kinogram.db"
    chance = random.Random(5)
    acknowledged: set[int] = set()
    for _ in range(6):
        lines = await acknowledged_by(await writing_process(path), chance.randrange(1, 150))
        acknowledged.update(lines)
        assert acknowledged <= await what_survived(path)
    assert len(acknowledged) > 100


async def test_a_process_killed_before_its_commit_has_written_nothing(tmp_path: Path):
    path = tmp_path / "kinogram.db"
    process = await writing_process(path, "before", "record_pair")
    assert await acknowledged_by(process) == []
    assert await what_survived(path) == set()


async def test_a_process_killed_after_its_commit_has_written_all_of_it(tmp_path: Path):
    path = tmp_path / "kinogram.db"
    process = await writing_process(path, "after", "record_pair")
    assert await acknowledged_by(process) == []
    assert len(await what_survived(path)) >= 1


async def test_three_processes_start_at_once_on_a_new_database_and_share_it(tmp_path: Path):
    path = tmp_path / "new" / "kinogram.db"
    processes = [await writing_process(path) for _ in range(3)]
    acknowledged = await asyncio.gather(*(acknowledged_by(process, 20) for process in processes))
    written = await what_survived(path)
    for lines in acknowledged:
        assert len(lines) >= 20
        assert set(lines) <= written


async def test_many_migrate_one_new_database_at_once(tmp_path: Path):
    opened = await asyncio.gather(*(Database.open(tmp_path / "kinogram.db") for _ in range(8)))
    for database in opened:
        await database.check_writable()
        assert await database.read(migrations.pending) == []
        await database.close()


@pytest.mark.parametrize("count", [2, 5])
async def test_processes_that_write_at_once_wait_for_each_other(tmp_path: Path, count: int):
    opened = [await Database.open(tmp_path / "kinogram.db") for _ in range(count)]

    def add_one(db: Tables) -> None:
        total = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute(f"PRAGMA user_version = {total + 1}")

    await asyncio.gather(*(database.run(add_one) for database in opened for _ in range(20)))
    total = await opened[0].read(lambda db: db.execute("PRAGMA user_version").fetchone()[0])
    assert total == 20 * count
    for database in opened:
        await database.close()


async def test_who_waits_too_long_for_another_process_is_told_so_and_may_try_again(tmp_path: Path):
    patient = await Database.open(tmp_path / "kinogram.db")
    other = await Database.open(tmp_path / "kinogram.db")
    await patient.run(lambda db: db.execute("PRAGMA busy_timeout = 50"))

    def meanwhile(_db: Tables) -> list[object]:
        async def write() -> list[object]:
            return await asyncio.gather(
                *(patient.check_writable() for _ in range(3)), return_exceptions=True
            )

        return asyncio.run(write())

    results = await other.run(meanwhile)
    assert [type(result) for result in results] == [StorageUnavailable] * 3
    await patient.check_writable()
    await patient.close()
    await other.close()


async def test_a_process_notices_what_another_writes_and_not_what_it_writes_itself(tmp_path: Path):
    bot = await Database.open(tmp_path / "kinogram.db")
    shell = await Database.open(tmp_path / "kinogram.db")

    def note(db: Tables) -> None:
        db.execute("INSERT INTO bots (bot_id) VALUES (NULL)")

    before = await bot.foreign_commits()
    await bot.run(note)
    assert await bot.foreign_commits() == before
    await shell.run(note)
    assert await bot.foreign_commits() != before
    await bot.close()
    await shell.close()
