"""Work on jobs: claimed under a lease, written down by whoever holds the latest attempt."""

import json
import math
from collections.abc import Collection

from sqlite_utils import Database as Tables

from storage import bots, clips, quotas
from storage.bots import Mode
from storage.clips import ClipRecord
from storage.jobs.ends import fail
from storage.jobs.turns import turn_came
from storage.jobs.values import Job, JobState, from_row, request_of
from storage.rows import change, select, select_one

# Two index look-ups of one row: never a walk along the queue. Whose lease has run out goes first,
# since its turn had come before.
CLAIM = """
    UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = :now,
        lease_until = :now + :lease_seconds
    WHERE id = coalesce(
        (SELECT id FROM jobs WHERE bot_id = :bot_id AND state = 'running' AND lease_until <= :now
            AND model = :model ORDER BY lease_until LIMIT 1),
        (SELECT id FROM jobs WHERE bot_id = :bot_id AND model = :model AND state = 'queued'
            ORDER BY round, turn, id LIMIT 1))
    RETURNING *"""


def claim(db: Tables, *, bot_id: int, model: str, now: float, lease_seconds: float) -> Job | None:
    """The first job in a model's line, or one whose lease has run out; RUNNING, a new attempt.

    A job whose cancel was asked for is not claimed: when its lease has run out, it ends here.
    None as well while the bot is paused.
    """
    _end_cancelled(db, bot_id, lapsed_by=now)
    if bots.mode(db, bot_id=bot_id) is Mode.PAUSED:
        return None
    asked = {"bot_id": bot_id, "model": model, "now": now, "lease_seconds": lease_seconds}
    row = select_one(db, CLAIM, asked)
    if row is None:
        return None
    turn_came(db, bot_id=bot_id, model=model, round_=row["round"])
    return from_row(row)


def is_due(db: Tables, *, bot_id: int, model: str, now: float) -> bool:
    """Whether `claim` would find a job of that model now, or end one that is cancelled."""
    paused = bots.mode(db, bot_id=bot_id) is Mode.PAUSED
    row = select_one(
        db,
        """SELECT NOT :paused AND EXISTS (SELECT 1 FROM jobs
            WHERE bot_id = :bot_id AND model = :model AND state = 'queued')
        OR EXISTS (SELECT 1 FROM jobs
            WHERE bot_id = :bot_id AND model = :model AND state = 'running'
            AND lease_until <= :now AND (NOT :paused OR cancel_requested_at IS NOT NULL)) AS due""",
        {"bot_id": bot_id, "model": model, "now": now, "paused": paused},
    )
    return row is not None and bool(row["due"])


def renew(db: Tables, *, job_id: int, attempt: int, now: float, lease_seconds: float) -> bool:
    """Keep a job for that long from now; False when its render is to be stopped.

    That is when it is no longer this attempt's, and when its cancel was asked for, by whomever.
    """
    row = select_one(
        db,
        """UPDATE jobs SET lease_until = :now + :lease_seconds
        WHERE id = :job_id AND attempt = :attempt AND state = 'running'
        RETURNING cancel_requested_at""",
        {"job_id": job_id, "attempt": attempt, "now": now, "lease_seconds": lease_seconds},
    )
    return row is not None and row["cancel_requested_at"] is None


def render_done(db: Tables, *, job_id: int, attempt: int, clip: ClipRecord, now: float) -> bool:
    """RUNNING -> RENDERED, with its clip; False when it is no longer this attempt's.

    False as well when its person wants to be forgotten.
    """
    row = select_one(
        db,
        """UPDATE jobs SET state = 'rendered', rendered_at = :now, lease_until = NULL
        WHERE id = :job_id AND attempt = :attempt AND state = 'running' AND forgotten_at IS NULL
        RETURNING bot_id, request""",
        {"job_id": job_id, "attempt": attempt, "now": now},
    )
    if row is None:
        return False
    shape = clips.shape_of(request_of(row))
    clips.insert(db, job_id=job_id, bot_id=row["bot_id"], clip=clip, shape=shape, now=now)
    return True


def worker_failed(
    db: Tables, *, job_id: int, attempt: int, error: str, now: float, most: int = 3
) -> JobState | None:
    """Count a worker's failure: QUEUED again in its old place, or FAILED when it was the last.

    A job whose cancel was asked for becomes CANCELLED. None when it is no longer this attempt's.
    """
    holder = {"job_id": job_id, "attempt": attempt}
    job = select_one(
        db,
        """SELECT failures + 1 AS failures, cancel_requested_at FROM jobs
        WHERE id = :job_id AND attempt = :attempt AND state = 'running'""",
        holder,
    )
    if job is None:
        return None
    state = JobState.QUEUED
    if job["cancel_requested_at"] is not None:
        state = JobState.CANCELLED
    elif job["failures"] >= most:
        state = JobState.FAILED
    change(
        db,
        """UPDATE jobs SET state = :state, failures = :failures, lease_until = NULL,
            error = :error, ended_at = :ended_at
        WHERE id = :job_id AND attempt = :attempt""",
        holder
        | {
            "state": state.value,
            "failures": job["failures"],
            "error": error if state == JobState.FAILED else "",
            "ended_at": now if state.is_end else None,
        },
    )
    if state.is_end:
        quotas.settle(db, job_id=job_id, captured_tenths=0, now=now)
    return state


def requeue_running(db: Tables, *, bot_id: int) -> int:
    """At a start, when nobody works yet: every RUNNING job waits again, in its old place.

    It costs no failure. One whose cancel was asked for ends instead, its credits released.
    Returns how many were running.
    """
    ended = _end_cancelled(db, bot_id, lapsed_by=math.inf)
    requeued = change(
        db,
        """UPDATE jobs SET state = 'queued', lease_until = NULL
        WHERE bot_id = :bot_id AND state = 'running'""",
        {"bot_id": bot_id},
    )
    return ended + requeued


def fail_unserved(db: Tables, *, bot_id: int, served: Collection[str], now: float) -> int:
    """At a start: every job that waits for a model which is not served (any more) -> FAILED.

    Its credits are released. Returns how many there were.
    """
    rows = select(
        db,
        """SELECT id FROM jobs WHERE bot_id = :bot_id AND state = 'queued'
        AND model NOT IN (SELECT value FROM json_each(:served))""",
        {"bot_id": bot_id, "served": json.dumps(list(served))},
    )
    for row in rows:
        fail(db, job_id=row["id"], error="unserved", now=now)
    return len(rows)


def _end_cancelled(db: Tables, bot_id: int, lapsed_by: float) -> int:
    """End those whose cancel was asked for and whose worker is gone, as of when it was asked."""
    rows = select(
        db,
        """UPDATE jobs SET state = 'cancelled', ended_at = cancel_requested_at, lease_until = NULL
        WHERE bot_id = :bot_id AND state = 'running' AND lease_until <= :lapsed_by
        AND cancel_requested_at IS NOT NULL RETURNING id, ended_at""",
        {"bot_id": bot_id, "lapsed_by": lapsed_by},
    )
    for row in rows:
        quotas.settle(db, job_id=row["id"], captured_tenths=0, now=row["ended_at"])
    return len(rows)
