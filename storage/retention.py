"""Old jobs keep what statistics and the ledger need; prompts, pictures and files go."""

from collections.abc import Sequence

from sqlite_utils import Database as Tables

from inference.values import Request
from storage import pictures, sharing
from storage.jobs.values import Job, from_row, request_json
from storage.rows import change, select


def expire(
    db: Tables, *, bot_id: int, before: float, now: float, limit: int = 200
) -> tuple[int, list[str]]:
    """Empty the oldest jobs that ended before that time: how many, and the files that go too.

    The files are to be deleted after the commit: what is killed in between leaves files that no
    path of `clips.paths` names, and those go at the next start.
    """
    rows = select(
        db,
        """SELECT * FROM jobs
        WHERE bot_id = :bot_id AND ended_at < :before AND forgotten_at IS NULL
        ORDER BY ended_at LIMIT :limit""",
        {"bot_id": bot_id, "before": before, "limit": limit},
    )
    return len(rows), empty(db, [from_row(row) for row in rows], now=now)


def empty(db: Tables, jobs: Sequence[Job], *, now: float) -> list[str]:
    """Take their content from jobs: the paths of their clips, whose files are to go too."""
    paths = []
    for job in jobs:
        asked = job.request
        left = Request(
            prompt="",
            seed=0,
            model=asked.model,
            seconds=asked.seconds,
            aspect_ratio=asked.aspect_ratio,
            steps=asked.steps,
        )
        change(
            db,
            """UPDATE jobs SET request = :request, picture = NULL, last_picture = NULL,
                forgotten_at = :now, card_done = 1
            WHERE id = :job_id""",
            {"job_id": job.id, "request": request_json(left), "now": now},
        )
        sharing.leave(db, job_id=job.id)
        for picture in job.pictures:
            pictures.forget_if_unneeded(db, picture)
        paths += select(
            db,
            "SELECT path FROM clips WHERE job_id = :job_id AND deleted_at IS NULL",
            {"job_id": job.id},
        )
    return [row["path"] for row in paths]
