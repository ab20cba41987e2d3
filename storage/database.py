"""One database, one writer thread: `await database.run(function, ...)` is one transaction.

A transaction is a plain function of the tables without any other effect: when one that shares its
commit raises, or the commit fails, it is rolled back and run again.
"""

import asyncio
import fcntl
import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlite_utils import Database as Tables

from storage.driver import sqlite3
from storage.errors import StorageUnavailable, trouble_translated
from storage.migrations import migrate
from storage.writer import CommitObserver, Transaction, Writer, unobserved

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_SECONDS = 10.0
# Shrinks the log after a burst; it is reused up to this size.
WAL_LIMIT_BYTES = 64 * 1024 * 1024


class Database:
    """The tables of one data folder, open in this process.

    Other processes may have the same file open (the command line beside the bot): writers take
    turns, waiting up to 10 s for each other.
    """

    def __init__(self, writing: Tables, reading: Tables, observer: CommitObserver) -> None:
        self._reading = reading
        self._readers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage-reader")
        self._queue: SimpleQueue[Transaction | None] = SimpleQueue()
        self._closed = False
        writer = Writer(writing, observer)
        self._thread = threading.Thread(
            target=writer.serve, args=(self._queue,), name="storage-writer", daemon=True
        )
        self._thread.start()

    @classmethod
    async def open(cls, path: Path, *, at_commit: CommitObserver | None = None) -> Self:
        """The database of that file, made if need be and brought to this version.

        at_commit: called on the writer thread as (phase, name) around each COMMIT, phase "before"
        and then "after", once for each transaction in it, where name is the function's name.
        Tests end the process there.
        Raises: StorageUnavailable, when the file cannot be opened or a newer version made it.
        """
        writing, reading = await asyncio.to_thread(_open_both, path)
        return cls(writing, reading, at_commit or unobserved)

    async def run(
        self, function: Callable[Concatenate[Tables, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What function(tables, ...) returns, once all that it wrote is on the disk.

        What the function raises reaches the caller, and then nothing of it is written. A caller
        cancelled before the function has begun leaves nothing; afterwards it may be committed.
        Raises: StorageUnavailable, when nothing can be written now, or after close.
        """
        if self._closed:
            raise StorageUnavailable("the database is closed")
        transaction = Transaction(
            work=functools.partial(_call, function, args, kwargs),
            name=getattr(function, "__name__", "transaction"),
            future=asyncio.get_running_loop().create_future(),
        )
        self._queue.put(transaction)
        value: T = await transaction.future
        return value

    async def read(
        self, function: Callable[Concatenate[Tables, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What function(tables, ...) returns from one snapshot of all that is committed.

        Does not wait for writers. The function cannot write.
        Raises: StorageUnavailable, when the file cannot be read, or after close.
        """
        if self._closed:
            raise StorageUnavailable("the database is closed")
        work = functools.partial(_call, function, args, kwargs)
        value: T = await asyncio.get_running_loop().run_in_executor(
            self._readers, _read, self._reading, work
        )
        return value

    async def check_writable(self) -> None:
        """Return once something has been written and is on the disk.

        Raises: StorageUnavailable, when nothing can be.
        """
        await self.run(_touch)

    async def foreign_commits(self) -> int:
        """A number that is another one once another process has committed something.

        Raises: StorageUnavailable.
        """
        return await self.run(_data_version)

    async def close(self) -> None:
        """Finish what was asked before, then let the file go. Repeating it is harmless."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._finish)

    def _finish(self) -> None:
        self._readers.shutdown(wait=True)
        self._reading.close()
        self._thread.join()


def open_in_memory() -> Tables:
    """Fresh tables in memory, where every statement commits itself: a test's own database."""
    db = _tables(sqlite3.connect(":memory:", isolation_level=None))
    migrate(db)
    return db


def _call(
    function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], db: Tables
) -> T:
    try:
        return function(db, *args, **kwargs)
    except StopIteration as error:
        # A future cannot carry it: who awaits would wait for ever (PEP 479 has the same remedy).
        raise RuntimeError("a transaction raised StopIteration") from error


def _read(db: Tables, work: Callable[[Tables], T]) -> T:
    with trouble_translated():
        db.execute("BEGIN")
        try:
            return work(db)
        finally:
            db.rollback()


def _touch(db: Tables) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    db.execute(f"PRAGMA user_version = {(version + 1) % 2}")


def _data_version(db: Tables) -> int:
    # Of the connection that writes here, so that only what others write changes it.
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def _open_both(path: Path) -> tuple[Tables, Tables]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Migrations look first and then write, so processes that start together take turns.
        with path.with_name(path.name + ".lock").open("w") as lock, trouble_translated():
            fcntl.flock(lock, fcntl.LOCK_EX)
            writing = _connect(path)
            try:
                writing.execute("PRAGMA journal_mode = WAL")
                migrate(writing)
                reading = _connect(path)
                reading.execute("PRAGMA query_only = ON")
            except BaseException:
                writing.close()
                raise
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror or error}") from error
    return writing, reading


def _connect(path: Path) -> Tables:
    return _tables(
        # Opened here, used on one other thread.
        sqlite3.connect(
            str(path), timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
    )


def _tables(connection: Any) -> Tables:
    db = Tables(connection)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")
    # What people want deleted is overwritten, not only marked as free.
    db.execute("PRAGMA secure_delete = ON")
    db.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}")
    return db
