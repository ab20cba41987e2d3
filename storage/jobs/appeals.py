"""Clips that a check held back: the job has failed, its clip is kept, an admin may allow it."""

from sqlite_utils import Database as Tables

from storage.clips import ClipRecord
from storage.jobs.ends import fail
from storage.jobs.leases import render_done
from storage.jobs.queue import insert
from storage.jobs.values import Job, from_row
from storage.rows import change, select_one

SCREENED = "screened"


def render_blocked(db: Tables, *, job_id: int, attempt: int, clip: ClipRecord, now: float) -> bool:
    """RUNNING -> FAILED, credits released, clip kept; False when it is not this attempt's.

    In one transaction, so that nobody delivers the clip in between.
    """
    return render_done(db, job_id=job_id, attempt=attempt, clip=clip, now=now) and fail(
        db, job_id=job_id, error=SCREENED, now=now
    )


def held_back(db: Tables, *, bot_id: int, token: str) -> Job | None:
    """The job of that token, in whatever chat, if its clip was held back."""
    row = select_one(
        db,
        """SELECT * FROM jobs WHERE token = :token AND bot_id = :bot_id
        AND state = 'failed' AND error = :error AND forgotten_at IS NULL""",
        {"token": token, "bot_id": bot_id, "error": SCREENED},
    )
    return from_row(row) if row else None


def allow(db: Tables, *, job: Job, update_id: int, now: float) -> bool:
    """Let a clip that was held back be delivered after all, by a job of its own that costs nothing.

    A job has one end, and that one has failed. Once: False when its clip is not there (any more).
    """
    clip = select_one(
        db,
        "SELECT 1 FROM clips WHERE job_id = :job_id AND deleted_at IS NULL",
        {"job_id": job.id},
    )
    if clip is None:
        return False
    allowed = insert(
        db,
        bot_id=job.bot_id,
        update_id=update_id,
        user_id=job.user_id,
        chat_id=job.chat_id,
        chat_type=job.chat_type,
        thread_id=job.thread_id,
        message_id=job.message_id,
        language=job.language,
        request=job.request,
        cost_tenths=0,
        now=now,
        continues=job.continues,
    )
    change(
        db,
        # Begun when the first was: so it is found among its person's clips.
        """UPDATE jobs SET picture = :picture, last_picture = :last_picture,
            started_at = :started_at WHERE id = :allowed""",
        {
            "allowed": allowed.id,
            "picture": job.picture,
            "last_picture": job.last_picture,
            "started_at": job.started_at,
        },
    )
    ids = {"allowed": allowed.id, "job_id": job.id, "now": now}
    change(db, "UPDATE jobs SET state = 'rendered', rendered_at = :now WHERE id = :allowed", ids)
    change(db, "UPDATE clips SET job_id = :allowed WHERE job_id = :job_id", ids)
    return True
