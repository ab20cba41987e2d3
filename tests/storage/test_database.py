"""One transaction is one call: committed whole, or not at all, whoever shares its commit."""

import asyncio
import pickle
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage import audit
from storage.database import Database
from storage.errors import JobExists, StorageUnavailable
from storage.quotas import Quota, QuotaExceeded

from .examples import BOT, CLEO


def note(db: Tables, text: str) -> str:
    audit.record(db, bot_id=BOT, actor_id=CLEO, action=text, target="", now=0)
    return text


def note_and_fail(db: Tables, text: str) -> None:
    note(db, text)
    raise LookupError(text)


def notes(db: Tables) -> list[str]:
    return [row["action"] for row in db.query("SELECT action FROM audit ORDER BY id")]


class Gate:
    """A transaction that holds the writer until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def hold(self, _db: Tables) -> None:
        self.reached.set()
        assert self.opened.wait(timeout=30)


async def held_back(
    database: Database, start: Callable[[], list["asyncio.Task[str]"]]
) -> list[str | BaseException]:
    """What tasks end with that all wait for one commit."""
    gate = Gate()
    holding = asyncio.create_task(database.run(gate.hold))
    await asyncio.to_thread(gate.reached.wait)
    tasks = start()
    await asyncio.sleep(0)  # each runs as far as into the queue
    gate.opened.set()
    await holding
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_a_transaction_returns_reaches_its_caller(database: Database):
    assert await database.run(note, text="one") == "one"
    assert await database.read(notes) == ["one"]


async def test_what_a_transaction_raises_reaches_its_caller_and_leaves_nothing(
    database: Database,
):
    with pytest.raises(LookupError, match="two"):
        await database.run(note_and_fail, "two")
    assert await database.read(notes) == []


async def test_a_statement_that_is_wrong_is_not_taken_for_trouble_of_the_machine(
    database: Database,
):
    with pytest.raises(Exception, match="no such table") as caught:
        await database.run(lambda db: db.execute("SELECT * FROM nowhere"))
    assert not isinstance(caught.value, StorageUnavailable)


async def test_stop_iteration_does_not_leave_its_caller_waiting(database: Database):
    with pytest.raises(RuntimeError, match="StopIteration"):
        await database.run(lambda _db: next(iter(())))
    with pytest.raises(RuntimeError, match="StopIteration"):
        await database.read(lambda _db: next(iter(())))


async def test_transactions_share_a_commit_and_the_observer_sees_them_in_order(tmp_path: Path):
    seen: list[tuple[str, str]] = []
    on_writer_thread: set[str] = set()

    def observe(phase: str, name: str) -> None:
        seen.append((phase, name))
        on_writer_thread.add(threading.current_thread().name)

    def first(db: Tables) -> str:
        return note(db, "first")

    def second(db: Tables) -> str:
        return note(db, "second")

    database = await Database.open(tmp_path / "kinogram.db", at_commit=observe)
    await held_back(
        database,
        lambda: [
            asyncio.create_task(database.run(first)),
            asyncio.create_task(database.run(note_and_fail, "third")),
            asyncio.create_task(database.run(second)),
        ],
    )
    await database.close()
    assert seen == [
        ("before", "hold"),
        ("after", "hold"),
        ("before", "first"),
        ("before", "second"),
        ("after", "first"),
        ("after", "second"),
    ]
    assert on_writer_thread == {"storage-writer"}


async def test_nothing_is_visible_before_its_commit(tmp_path: Path):
    visible: list[list[str]] = []
    other = await Database.open(tmp_path / "kinogram.db")

    def observe(_phase: str, _name: str) -> None:
        visible.append(asyncio.run(other.read(notes)))

    database = await Database.open(tmp_path / "kinogram.db", at_commit=observe)
    await database.run(note, "one")
    assert visible == [[], ["one"]]
    await database.close()
    await other.close()


async def test_an_observer_that_raises_before_the_commit_prevents_it(tmp_path: Path):
    def refuse(phase: str, name: str) -> None:
        if (phase, name) == ("before", "note_refused"):
            raise PermissionError(name)

    def note_refused(db: Tables) -> str:
        return note(db, "refused")

    database = await Database.open(tmp_path / "kinogram.db", at_commit=refuse)
    with pytest.raises(PermissionError):
        await database.run(note_refused)
    assert await database.run(note, "kept") == "kept"
    assert await database.read(notes) == ["kept"]
    await database.close()


async def test_one_failing_transaction_does_not_harm_those_that_share_its_commit(
    database: Database,
):
    results = await held_back(
        database,
        lambda: [
            asyncio.create_task(database.run(note, "a")),
            asyncio.create_task(database.run(note_and_fail, "b")),
            asyncio.create_task(database.run(note, "c")),
        ],
    )
    assert [results[0], str(results[1]), results[2]] == ["a", "b", "c"]
    assert isinstance(results[1], LookupError)
    assert await database.read(notes) == ["a", "c"]


async def test_one_that_ends_the_whole_commit_does_not_harm_the_others(database: Database):
    def fill(db: Tables) -> str:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 1}")
        try:
            return note(db, "x" * 1_000_000)
        finally:
            db.execute("PRAGMA max_page_count = 1000000")

    results = await held_back(
        database,
        lambda: [
            asyncio.create_task(database.run(note, "a")),
            asyncio.create_task(database.run(fill)),
            asyncio.create_task(database.run(note, "c")),
        ],
    )
    assert [results[0], results[2]] == ["a", "c"]
    assert isinstance(results[1], StorageUnavailable)
    assert await database.read(notes) == ["a", "c"]


async def test_many_callers_are_served_in_the_order_in_which_they_came(database: Database):
    texts = [str(number) for number in range(200)]
    assert await asyncio.gather(*(database.run(note, text) for text in texts)) == texts
    assert await database.read(notes) == texts


async def test_a_caller_cancelled_while_waiting_leaves_nothing(database: Database):
    gate = Gate()
    holding = asyncio.create_task(database.run(gate.hold))
    await asyncio.to_thread(gate.reached.wait)
    waiting = asyncio.create_task(database.run(note, "never"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.opened.set()
    await holding
    assert await database.read(notes) == []


async def test_a_caller_cancelled_in_mid_transaction_harms_nobody(database: Database):
    gate = Gate()
    holding = asyncio.create_task(database.run(gate.hold))
    await asyncio.to_thread(gate.reached.wait)
    holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holding
    gate.opened.set()
    assert await database.run(note, "later") == "later"


async def test_reads_do_not_wait_for_writers(database: Database):
    gate = Gate()
    holding = asyncio.create_task(database.run(gate.hold))
    await asyncio.to_thread(gate.reached.wait)
    assert await database.read(notes) == []
    gate.opened.set()
    await holding


async def test_a_read_sees_one_moment_whatever_is_committed_meanwhile(
    database: Database, tmp_path: Path
):
    other = await Database.open(tmp_path / "kinogram.db")

    def read_twice(db: Tables) -> tuple[list[str], list[str]]:
        before = notes(db)
        asyncio.run(other.run(note, "meanwhile"))
        return before, notes(db)

    assert await database.read(read_twice) == ([], [])
    assert await database.read(notes) == ["meanwhile"]
    await other.close()


async def test_a_read_cannot_write(database: Database):
    with pytest.raises(StorageUnavailable, match="readonly"):
        await database.read(note, "no")
    assert await database.read(notes) == []


async def test_close_finishes_what_was_asked_before_and_refuses_the_rest(tmp_path: Path):
    database = await Database.open(tmp_path / "kinogram.db")
    asked = [asyncio.create_task(database.run(note, str(number))) for number in range(50)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*asked)
    with pytest.raises(StorageUnavailable, match="closed"):
        await database.run(note, "late")
    with pytest.raises(StorageUnavailable, match="closed"):
        await database.read(notes)
    await database.close()
    again = await Database.open(tmp_path / "kinogram.db")
    assert len(await again.read(notes)) == 50
    await again.close()


@pytest.mark.parametrize(
    "error",
    [
        StorageUnavailable("database or disk is full"),
        JobExists(1, 2),
        QuotaExceeded(
            Quota(
                daily_tenths=10, daily_left_tenths=0, granted_left_tenths=3, next_return_at=86_400.0
            ),
            10,
        ),
    ],
)
def test_errors_survive_pickling_with_their_data(error: Exception):
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
