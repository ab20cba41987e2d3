"""The line of jobs that wait, in the order of their turns (turns.py): its front, and places."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.jobs.values import Job, from_row
from storage.rows import select, select_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a job stands in line. place: 1 is next. passed: one goes before it that came later."""

    place: int
    passed: bool


def front(db: Tables, *, bot_id: int, limit: int) -> list[Job]:
    """The first jobs in line."""
    rows = select(
        db,
        """SELECT * FROM jobs WHERE bot_id = :bot_id AND state = 'queued'
        ORDER BY round, turn, id LIMIT :limit""",
        {"bot_id": bot_id, "limit": limit},
    )
    return [from_row(row) for row in rows]


def standings(db: Tables, *, bot_id: int, job_ids: Collection[int]) -> dict[int, Standing]:
    """Where those of the jobs stand that wait, in the order of their turns.

    However many are asked for, the line is counted once, up to the last of them.
    """
    wanted = select(
        db,
        """SELECT round, turn, id FROM jobs
        WHERE bot_id = :bot_id AND state = 'queued'
        AND id IN (SELECT value FROM json_each(:job_ids))""",
        {"bot_id": bot_id, "job_ids": json.dumps(list(job_ids))},
    )
    found: dict[int, Standing] = {}
    place, latest, after = 0, 0, (-1, -1, -1)
    for row in sorted((row["round"], row["turn"], row["id"]) for row in wanted):
        between = select_one(
            db,
            """SELECT count(*) AS jobs, coalesce(max(id), 0) AS latest FROM jobs
            WHERE bot_id = :bot_id AND state = 'queued'
            AND (round, turn, id) > (:round, :turn, :id)
            AND (round, turn, id) <= (:to_round, :to_turn, :to_id)""",
            {
                "bot_id": bot_id,
                **dict(zip(("round", "turn", "id"), after, strict=True)),
                **dict(zip(("to_round", "to_turn", "to_id"), row, strict=True)),
            },
        )
        assert between is not None  # noqa: S101 - an aggregate has one row
        place += between["jobs"]
        latest = max(latest, between["latest"])
        found[row[2]] = Standing(place=place, passed=latest > row[2])
        after = row
    return found
