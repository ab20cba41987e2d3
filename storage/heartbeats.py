"""What a serving bot's process says of itself, for other processes to read."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlite_utils import Database as Tables

from storage.rows import change, select_one


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRecord:
    """A worker as its bot saw it. jobs: ids of those that it renders.

    model: the name of the one that it holds, "" as older versions wrote it down.
    """

    number: int
    state: str
    error: str
    jobs: tuple[int, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The latest sign of life of a bot. at: Unix seconds."""

    at: float
    workers: Sequence[WorkerRecord]


def beat(db: Tables, *, bot_id: int, workers: Sequence[WorkerRecord], now: float) -> None:
    """The bot serves, and its workers are these."""
    change(
        db,
        """INSERT INTO heartbeats (bot_id, at, workers) VALUES (:bot_id, :now, :workers)
        ON CONFLICT (bot_id) DO UPDATE SET at = excluded.at, workers = excluded.workers""",
        {
            "bot_id": bot_id,
            "now": now,
            "workers": json.dumps([asdict(worker) for worker in workers], ensure_ascii=False),
        },
    )


def stop(db: Tables, *, bot_id: int) -> None:
    """The bot serves no more."""
    change(db, "DELETE FROM heartbeats WHERE bot_id = :bot_id", {"bot_id": bot_id})


def latest(db: Tables, *, bot_id: int) -> Heartbeat | None:
    """The bot's latest sign of life; None since it has stopped, or when there was none."""
    row = select_one(
        db, "SELECT at, workers FROM heartbeats WHERE bot_id = :bot_id", {"bot_id": bot_id}
    )
    if row is None:
        return None
    workers = [
        WorkerRecord(**(worker | {"jobs": tuple(worker["jobs"])}))
        for worker in json.loads(row["workers"])
    ]
    return Heartbeat(at=row["at"], workers=workers)
