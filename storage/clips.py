"""Clips that were rendered: where their files lie, and how long they took."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.rows import change, select, select_one


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord:
    """A clip's file and what is in it.

    path: relative to the data folder. seconds: length of the clip.
    stage_seconds: wall seconds that the worker took, by stage.
    file_id: Telegram's, once the clip was sent.
    """

    path: str
    width: int
    height: int
    seconds: float
    fps: int
    seed: int
    model: str
    size_bytes: int
    stage_seconds: Mapping[str, float]
    file_id: str | None = None


def insert(db: Tables, *, job_id: int, bot_id: int, clip: ClipRecord, now: float) -> None:
    """Write down the clip of a job, rendered now."""
    change(
        db,
        """INSERT INTO clips (job_id, bot_id, path, width, height, seconds, fps, seed, model,
            size_bytes, stage_seconds, rendered_at, file_id)
        VALUES (:job_id, :bot_id, :path, :width, :height, :seconds, :fps, :seed, :model,
            :size_bytes, :stage_seconds, :now, :file_id)""",
        {
            "job_id": job_id,
            "bot_id": bot_id,
            "path": clip.path,
            "width": clip.width,
            "height": clip.height,
            "seconds": clip.seconds,
            "fps": clip.fps,
            "seed": clip.seed,
            "model": clip.model,
            "size_bytes": clip.size_bytes,
            "stage_seconds": json.dumps(dict(clip.stage_seconds)),
            "now": now,
            "file_id": clip.file_id,
        },
    )


def of_job(db: Tables, job_id: int) -> ClipRecord | None:
    """The clip of a job, if it was rendered and is not deleted."""
    row = select_one(
        db,
        """SELECT path, width, height, seconds, fps, seed, model, size_bytes, stage_seconds, file_id
        FROM clips WHERE job_id = :job_id AND deleted_at IS NULL""",
        {"job_id": job_id},
    )
    return (
        ClipRecord(**(row | {"stage_seconds": json.loads(row["stage_seconds"])})) if row else None
    )


def set_file_id(db: Tables, *, job_id: int, file_id: str) -> bool:
    """Remember Telegram's id of a clip that was sent: whether there is such a clip."""
    changed = change(
        db,
        "UPDATE clips SET file_id = :file_id WHERE job_id = :job_id",
        {"job_id": job_id, "file_id": file_id},
    )
    return changed == 1


def delete(db: Tables, *, job_id: int, now: float) -> str | None:
    """Forget a job's clip: the path of its file, which is to go too; None when there is none."""
    row = select_one(
        db,
        """UPDATE clips SET deleted_at = :now, file_id = NULL
        WHERE job_id = :job_id AND deleted_at IS NULL RETURNING path""",
        {"job_id": job_id, "now": now},
    )
    return row["path"] if row else None


def typical_seconds(db: Tables, *, bot_id: int, model: str, last: int = 20) -> float | None:
    """Median wall seconds that the model's latest clips took; None before its first."""
    rows = select(
        db,
        """SELECT stage_seconds FROM clips WHERE bot_id = :bot_id AND model = :model
        ORDER BY job_id DESC LIMIT :last""",
        {"bot_id": bot_id, "model": model, "last": last},
    )
    return median_seconds([row["stage_seconds"] for row in rows])


def median_seconds(stage_seconds: list[str]) -> float | None:
    """Median of the sums of stage_seconds as they are stored (JSON); None for no clips."""
    totals = [sum(json.loads(stages).values()) for stages in stage_seconds]
    return statistics.median(totals) if totals else None


def paths(db: Tables) -> list[str]:
    """The paths of all clips that are kept, of every bot."""
    rows = select(db, "SELECT path FROM clips WHERE deleted_at IS NULL")
    return [row["path"] for row in rows]
