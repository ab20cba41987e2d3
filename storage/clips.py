"""Clips that were rendered: where their files lie, and how long they took."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from inference.values import Request
from storage import sharing
from storage.rows import change, select, select_one

# Of a model's clips, when none of a shape is known: a forecast must not cost the more the longer a
# bot has been running.
LOOKED_THROUGH = 200


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From about how many to about how many seconds something takes; low <= high."""

    low: float
    high: float


def shape_of(request: Request) -> str:
    """What requests of one model have in common whose clips take equally long.

    It ends with a space and the steps, which `usual_seconds` looks for.
    """
    return f"{request.aspect_ratio} {request.seconds:g} {request.steps or ''}"


def insert(
    db: Tables, *, job_id: int, bot_id: int, clip: ClipRecord, shape: str, now: float
) -> None:
    """Write down the clip of a job, rendered now. shape: of its request, from `shape_of`."""
    change(
        db,
        """INSERT INTO clips (job_id, bot_id, path, width, height, seconds, fps, seed, model,
            size_bytes, stage_seconds, rendered_at, file_id, shape)
        VALUES (:job_id, :bot_id, :path, :width, :height, :seconds, :fps, :seed, :model,
            :size_bytes, :stage_seconds, :now, :file_id, :shape)""",
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
            "shape": shape,
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
    sharing.enter(db, job_id=job_id)
    return changed == 1


def delete(db: Tables, *, job_id: int, now: float) -> str | None:
    """Forget a job's clip: the path of its file, which is to go too; None when there is none."""
    row = select_one(
        db,
        """UPDATE clips SET deleted_at = :now, file_id = NULL
        WHERE job_id = :job_id AND deleted_at IS NULL RETURNING path""",
        {"job_id": job_id, "now": now},
    )
    sharing.leave(db, job_id=job_id)
    return row["path"] if row else None


def usual_seconds(
    db: Tables, *, bot_id: int, model: str, shape: str, last: int = 20
) -> Span | None:
    """The wall seconds that the middle half of the latest clips of that model and shape took.

    Before the first of that shape, those of the model with as many steps; None before its first: a
    draft says nothing of how long a whole clip takes.
    """
    like = {
        "bot_id": bot_id,
        "model": model,
        "shape": shape,
        "last": last,
        "steps": shape.rpartition(" ")[2],
        "newest": LOOKED_THROUGH,
    }
    rows = select(
        db,
        """SELECT stage_seconds FROM clips
        WHERE bot_id = :bot_id AND model = :model AND shape = :shape
        ORDER BY job_id DESC LIMIT :last""",
        like,
    ) or select(
        db,
        """SELECT stage_seconds FROM (
            SELECT stage_seconds, shape FROM clips WHERE bot_id = :bot_id AND model = :model
            ORDER BY job_id DESC LIMIT :newest)
        WHERE shape LIKE '% ' || :steps LIMIT :last""",
        like,
    )
    totals = _totals([row["stage_seconds"] for row in rows])
    if len(totals) < 2:
        return Span(low=totals[0], high=totals[0]) if totals else None
    low, _, high = statistics.quantiles(totals, n=4, method="inclusive")
    return Span(low=low, high=high)


def median_seconds(stage_seconds: list[str]) -> float | None:
    """Median of the sums of stage_seconds as they are stored (JSON); None for no clips."""
    totals = _totals(stage_seconds)
    return statistics.median(totals) if totals else None


def _totals(stage_seconds: list[str]) -> list[float]:
    return [sum(json.loads(stages).values()) for stages in stage_seconds]


def paths(db: Tables) -> list[str]:
    """The paths of all clips that are kept, of every bot."""
    rows = select(
        db,
        """SELECT path FROM clips JOIN jobs ON jobs.id = job_id
        WHERE deleted_at IS NULL AND forgotten_at IS NULL""",
    )
    return [row["path"] for row in rows]
