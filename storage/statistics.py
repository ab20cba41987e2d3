"""What happened since a moment, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sqlite_utils import Database as Tables

from storage import clips, jobs
from storage.jobs import JobState
from storage.rows import select, select_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts since a moment, except for waiting and running, which are now.

    by_model: clips delivered, by the names of their models. people: who asked for one.
    failed_by_cause: failed jobs by their error.
    median_seconds: what a clip took to render; None when none was rendered.
    """

    people: int
    captured_tenths: int
    waiting: int
    running: int
    failed_by_cause: dict[str, int]
    median_seconds: float | None
    by_model: dict[str, int] = field(default_factory=dict)

    @property
    def clips(self) -> int:
        """Delivered clips of all models."""
        return sum(self.by_model.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Clips delivered in a stretch of time, and the median of the seconds they took to render."""

    clips: int
    median_seconds: float | None


def stretches(db: Tables, *, bot_id: int, bounds: Sequence[float]) -> list[Stretch]:
    """Each stretch from one bound to the next (Unix seconds), the last bound not included."""
    found = []
    for start, end in pairwise(bounds):
        parameters = {"bot_id": bot_id, "start": start, "end": end}
        delivered = select_number(
            db,
            """SELECT count(*) FROM jobs WHERE bot_id = :bot_id AND state = 'delivered'
            AND ended_at >= :start AND ended_at < :end""",
            parameters,
        )
        rendered = select(
            db,
            """SELECT stage_seconds FROM clips
            WHERE bot_id = :bot_id AND rendered_at >= :start AND rendered_at < :end""",
            parameters,
        )
        median = clips.median_seconds([row["stage_seconds"] for row in rendered])
        found.append(Stretch(clips=delivered, median_seconds=median))
    return found


def since(db: Tables, *, bot_id: int, since: float) -> Statistics:
    """What happened since that time (Unix seconds)."""
    parameters = {"bot_id": bot_id, "since": since}
    failed = select(
        db,
        """SELECT error, count(*) AS jobs FROM jobs
        WHERE bot_id = :bot_id AND ended_at >= :since AND state = 'failed'
        GROUP BY error ORDER BY jobs DESC, error""",
        parameters,
    )
    rendered = select(
        db,
        "SELECT stage_seconds FROM clips WHERE bot_id = :bot_id AND rendered_at >= :since",
        parameters,
    )
    delivered = select(
        db,
        """SELECT model, count(*) AS jobs FROM jobs
        WHERE bot_id = :bot_id AND ended_at >= :since AND state = 'delivered'
        GROUP BY model ORDER BY jobs DESC, model""",
        parameters,
    )
    counts = jobs.counts(db, bot_id=bot_id)
    return Statistics(
        by_model={row["model"]: row["jobs"] for row in delivered},
        people=select_number(
            db,
            """SELECT count(DISTINCT user_id) FROM jobs
            WHERE bot_id = :bot_id AND created_at >= :since""",
            parameters,
        ),
        captured_tenths=select_number(
            db,
            """SELECT sum(amount_tenths) FROM ledger
            WHERE bot_id = :bot_id AND kind = 'capture' AND at >= :since""",
            parameters,
        ),
        waiting=counts[JobState.QUEUED],
        running=counts[JobState.RUNNING],
        failed_by_cause={row["error"]: row["jobs"] for row in failed},
        median_seconds=clips.median_seconds([row["stage_seconds"] for row in rendered]),
    )
