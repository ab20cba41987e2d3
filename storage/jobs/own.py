"""Jobs in the eyes of one person: their own everywhere, and everybody's in the same chat."""

from sqlite_utils import Database as Tables

from storage.jobs.values import Job, from_row
from storage.rows import select


def by_id(db: Tables, *, bot_id: int, user_id: int, chat_id: int, begins: str) -> Job | None:
    """The newest job that a person in that chat may see and whose token begins so.

    begins: hexadecimal digits. A job whose content is forgotten is found as well.
    """
    # Named, for SQLite would walk along all jobs of the chat; of one ID there are few.
    rows = select(
        db,
        """SELECT * FROM jobs INDEXED BY jobs_token
        WHERE token >= :begins AND token < :begins || 'g' AND bot_id = :bot_id
        AND (user_id = :user_id OR chat_id = :chat_id)""",
        {"begins": begins, "bot_id": bot_id, "user_id": user_id, "chat_id": chat_id},
    )
    return from_row(max(rows, key=lambda row: int(row["id"]))) if rows else None


def unfinished_of(
    db: Tables, *, bot_id: int, user_id: int, chat_id: int | None = None
) -> list[Job]:
    """A person's jobs that wait or run, oldest first; chat_id: None for those of every chat."""
    rows = select(
        db,
        """SELECT * FROM jobs INDEXED BY jobs_unfinished
        WHERE bot_id = :bot_id AND user_id = :user_id AND state IN ('queued', 'running')
        AND (:chat_id IS NULL OR chat_id = :chat_id) ORDER BY id""",
        {"bot_id": bot_id, "user_id": user_id, "chat_id": chat_id},
    )
    return [from_row(row) for row in rows]


def latest_clips_of(
    db: Tables, *, bot_id: int, user_id: int, chat_id: int | None = None, limit: int
) -> list[Job]:
    """A person's delivered jobs whose clip is kept, newest first; chat_id: None for any chat."""
    rows = select(
        db,
        """SELECT * FROM jobs INDEXED BY jobs_of_person
        WHERE bot_id = :bot_id AND user_id = :user_id
        AND (started_at IS NOT NULL OR ended_at IS NULL)
        AND state = 'delivered' AND forgotten_at IS NULL
        AND EXISTS (SELECT 1 FROM clips WHERE job_id = jobs.id AND deleted_at IS NULL)
        AND (:chat_id IS NULL OR chat_id = :chat_id) ORDER BY id DESC LIMIT :limit""",
        {"bot_id": bot_id, "user_id": user_id, "chat_id": chat_id, "limit": limit},
    )
    return [from_row(row) for row in rows]
