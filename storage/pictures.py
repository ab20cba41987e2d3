"""Pictures that jobs start from or end on: kept once each, while a clip may be made of them."""

import hashlib

from sqlite_utils import Database as Tables

from storage.rows import change, select_one

# Needed while a job of it has no end, and while a clip of it is there to be made again.
_UNNEEDED = """NOT EXISTS (
    SELECT 1 FROM jobs LEFT JOIN clips ON clips.job_id = jobs.id
    WHERE (jobs.picture = pictures.digest OR jobs.last_picture = pictures.digest) AND (
        jobs.state IN ('queued', 'running')
        OR (clips.job_id IS NOT NULL AND clips.deleted_at IS NULL)))"""


def keep(db: Tables, content: bytes, *, now: float) -> str:
    """The digest that names the picture from now on; the same bytes have the same one."""
    digest = hashlib.sha256(content).hexdigest()
    change(
        db,
        """INSERT INTO pictures (digest, content, kept_at) VALUES (:digest, :content, :now)
        ON CONFLICT (digest) DO NOTHING""",
        {"digest": digest, "content": content, "now": now},
    )
    return digest


def get(db: Tables, digest: str) -> bytes | None:
    """The picture of that digest, None when it is not kept any more."""
    row = select_one(db, "SELECT content FROM pictures WHERE digest = :digest", {"digest": digest})
    return bytes(row["content"]) if row else None


def forget_unneeded(db: Tables) -> int:
    """Delete every picture of which no clip will be made: how many."""
    return change(db, f"DELETE FROM pictures WHERE {_UNNEEDED}")  # noqa: S608


def forget_if_unneeded(db: Tables, digest: str) -> bool:
    """Delete that picture, unless a clip may be made of it: whether it was there and is gone."""
    statement = f"DELETE FROM pictures WHERE digest = :digest AND {_UNNEEDED}"  # noqa: S608
    return change(db, statement, {"digest": digest}) == 1
