"""How jobs end: each exactly once, its credits settled in the same transaction."""

from decimal import ROUND_HALF_UP, Decimal

from sqlite_utils import Database as Tables

from storage import clips, quotas
from storage.jobs.cards import card_finished
from storage.jobs.values import JobState
from storage.rows import change, select, select_one


def delivered(db: Tables, *, job_id: int, file_id: str | None, now: float) -> bool:
    """RENDERED -> DELIVERED: its card shows the clip, its credits are captured. Once."""
    row = select_one(
        db,
        """UPDATE jobs SET state = 'delivered', ended_at = :now, card_done = 1
        WHERE id = :job_id AND state = 'rendered' RETURNING cost_tenths""",
        {"job_id": job_id, "now": now},
    )
    if row is None:
        return False
    if file_id is not None:
        clips.set_file_id(db, job_id=job_id, file_id=file_id)
    quotas.settle(db, job_id=job_id, captured_tenths=row["cost_tenths"], now=now)
    return True


def fail(db: Tables, *, job_id: int, error: str, now: float) -> bool:
    """A job that has no end yet -> FAILED, its credits released; False when it has one.

    error: machine-readable cause.
    """
    changed = change(
        db,
        """UPDATE jobs SET state = 'failed', error = :error, ended_at = :now, lease_until = NULL
        WHERE id = :job_id AND state IN ('queued', 'running', 'rendered')""",
        {"job_id": job_id, "error": error, "now": now},
    )
    if changed:
        quotas.settle(db, job_id=job_id, captured_tenths=0, now=now)
    return changed == 1


def give_up_in(db: Tables, *, bot_id: int, chat_id: int, now: float) -> list[int]:
    """End every job of a chat that is closed to the bot, its credits released; nothing is shown.

    What waits is CANCELLED, what is further is FAILED. Returns the ids of those whose render is to
    be stopped.
    """
    open_jobs = select(
        db,
        """SELECT id, state FROM jobs INDEXED BY jobs_open_cards_in
        WHERE bot_id = :bot_id AND chat_id = :chat_id AND card_done = 0""",
        {"bot_id": bot_id, "chat_id": chat_id},
    )
    for row in open_jobs:
        if row["state"] == JobState.QUEUED:
            request_cancel(db, job_id=row["id"], now=now)
        else:
            fail(db, job_id=row["id"], error="unreachable", now=now)
        card_finished(db, job_id=row["id"], shown="")
    return [row["id"] for row in open_jobs if row["state"] == JobState.RUNNING]


def request_cancel(db: Tables, *, job_id: int, now: float) -> JobState | None:
    """The state after somebody asked to cancel; None when there is no such job.

    A QUEUED job is CANCELLED at once, its credits released. A RUNNING one keeps running until its
    worker has stopped (see `cancelled`). Any other stays what it is.
    """
    row = select_one(
        db,
        """UPDATE jobs SET cancel_requested_at = coalesce(cancel_requested_at, :now),
            ended_at = iif(state = 'queued', :now, ended_at),
            state = iif(state = 'queued', 'cancelled', state)
        WHERE id = :job_id AND state IN ('queued', 'running') RETURNING state""",
        {"job_id": job_id, "now": now},
    )
    if row is None:
        row = select_one(db, "SELECT state FROM jobs WHERE id = :job_id", {"job_id": job_id})
        return JobState(row["state"]) if row else None
    if row["state"] == JobState.CANCELLED:
        quotas.settle(db, job_id=job_id, captured_tenths=0, now=now)
    return JobState(row["state"])


def cancel_all(
    db: Tables,
    *,
    bot_id: int,
    user_id: int | None = None,
    chat_id: int | None = None,
    now: float,
) -> None:
    """Ask to cancel all that waits or runs of a person, or in a chat. Renders stop with `renew`."""
    index, whose = "jobs_unfinished", "user_id = :user_id"
    if user_id is None:
        index, whose = "jobs_unfinished_in", "chat_id = :chat_id"
    rows = select(
        db,
        f"""SELECT id FROM jobs INDEXED BY {index}
        WHERE bot_id = :bot_id AND {whose} AND state IN ('queued', 'running')""",  # noqa: S608
        {"bot_id": bot_id, "user_id": user_id, "chat_id": chat_id},
    )
    for row in rows:
        request_cancel(db, job_id=row["id"], now=now)


def to_be_stopped(db: Tables, *, bot_id: int) -> list[int]:
    """Ids of the jobs that run although their cancel was asked for."""
    rows = select(
        db,
        """SELECT id FROM jobs WHERE bot_id = :bot_id AND state = 'running'
        AND cancel_requested_at IS NOT NULL""",
        {"bot_id": bot_id},
    )
    return [row["id"] for row in rows]


def cancelled(db: Tables, *, job_id: int, attempt: int, rendered_share: float, now: float) -> bool:
    """RUNNING -> CANCELLED: the share rendered so far is captured, the rest released.

    rendered_share: 0 to 1, of the whole work. False when it is no longer this attempt's.
    """
    if not 0 <= rendered_share <= 1:
        raise ValueError(f"a share of {rendered_share} cannot have been rendered")
    row = select_one(
        db,
        """UPDATE jobs SET state = 'cancelled', ended_at = :now, lease_until = NULL,
            cancel_requested_at = coalesce(cancel_requested_at, :now)
        WHERE id = :job_id AND attempt = :attempt AND state = 'running' RETURNING cost_tenths""",
        {"job_id": job_id, "attempt": attempt, "now": now},
    )
    if row is None:
        return False
    # Decimal, since 0.29 * 50 is 14.499999999999998 in floating point.
    share = (Decimal(str(rendered_share)) * row["cost_tenths"]).quantize(
        Decimal(1), rounding=ROUND_HALF_UP
    )
    quotas.settle(db, job_id=job_id, captured_tenths=int(share), now=now)
    return True
