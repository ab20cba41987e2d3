"""The one writer: waiting transactions share a commit, and one that raises is left out of it."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from sqlite_utils import Database as Tables

from storage.driver import sqlite3
from storage.errors import as_raised

CommitObserver = Callable[[str, str], None]

# A commit costs one fsync whatever is in it; more than this only makes the first ones wait.
MOST_IN_A_COMMIT = 32


def unobserved(_phase: str, _name: str) -> None:
    """Nobody watches the commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Work to do on the tables, and who waits, on an event loop, for what it returns."""

    work: Callable[[Tables], Any]
    name: str
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a transaction returned, or what it raised: then nothing of it is kept."""

    value: Any = None
    error: BaseException | None = None


class Writer:
    """The connection that writes. Used on one thread."""

    def __init__(self, db: Tables, observer: CommitObserver) -> None:
        self._db = db
        self._observer = observer

    def serve(self, queue: SimpleQueue[Transaction | None]) -> None:
        """Commit what comes out of the queue, in its order, until a None comes."""
        last = False
        while not last:
            waiting = [queue.get()]
            while len(waiting) < MOST_IN_A_COMMIT and not queue.empty():
                waiting.append(queue.get())
            last = waiting[-1] is None
            batch = [one for one in waiting if one and not one.future.cancelled()]
            if batch:
                self._commit(batch)
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    def _commit(self, batch: list[Transaction]) -> None:
        """Commit them together. One that raises is told so, and the others begin again without."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except BaseException as error:  # noqa: BLE001 - it goes to whoever waits
            # Another process writes: trying for each in turn would only wait as often.
            _tell(batch, [_Outcome(error=as_raised(error)) for _ in batch])
            return
        outcomes: list[_Outcome] = []
        try:
            for transaction in batch:
                # Those before the one that raises count: no extend.
                outcomes.append(_Outcome(value=transaction.work(self._db)))  # noqa: PERF401
        except BaseException as error:  # noqa: BLE001 - it goes to whoever waits
            self._roll_back()
            raised = batch.pop(len(outcomes))
            _tell([raised], [_Outcome(error=as_raised(error))])
            if batch:
                self._commit(batch)
            return
        try:
            self._observe("before", batch)
            self._db.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - it goes to whoever waits
            self._roll_back()
            if len(batch) == 1:
                _tell(batch, [_Outcome(error=as_raised(error))])
                return
            # One of them may have spoilt it for the others: each gets its own truth.
            for transaction in batch:
                self._commit([transaction])
            return
        self._observe("after", batch)
        _tell(batch, outcomes)

    def _observe(self, phase: str, batch: list[Transaction]) -> None:
        for transaction in batch:
            self._observer(phase, transaction.name)

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._db.rollback()


def _tell(batch: Sequence[Transaction], outcomes: Sequence[_Outcome]) -> None:
    """Let those who wait go on; each loop is woken once for all of its own."""
    for loop in {transaction.future.get_loop() for transaction in batch}:
        settled = [
            (transaction.future, outcome)
            for transaction, outcome in zip(batch, outcomes, strict=True)
            if transaction.future.get_loop() is loop
        ]
        with contextlib.suppress(RuntimeError):  # It is closed: nobody waits any more.
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Sequence[tuple[asyncio.Future[Any], _Outcome]]) -> None:
    for future, outcome in settled:
        if future.done():
            continue  # Its caller was cancelled meanwhile.
        if outcome.error is None:
            future.set_result(outcome.value)
        else:
            future.set_exception(outcome.error)
