"""The lines of jobs that wait, one a model, in the order of turns (turns.py): fronts and places."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.jobs.values import Job, from_row
from storage.rows import select, select_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a job stands in line. place: 1 is next. passed: one goes before it that came later.

    begun_again: the first in its line was begun already, and waits again: since its worker was
    lost, say. All behind it, whose places are worse for that, and itself.
    """

    place: int
    passed: bool
    begun_again: bool = False


def front(db: Tables, *, bot_id: int, model: str, limit: int) -> list[Job]:
    """The first jobs in a model's line."""
    rows = select(
        db,
        """SELECT * FROM jobs WHERE bot_id = :bot_id AND model = :model AND state = 'queued'
        ORDER BY round, turn, id LIMIT :limit""",
        {"bot_id": bot_id, "model": model, "limit": limit},
    )
    return [from_row(row) for row in rows]


def standings(db: Tables, *, bot_id: int, job_ids: Collection[int]) -> dict[int, Standing]:
    """Where those of the jobs stand that wait, each in its model's line, in the order of turns.

    However many are asked for, each line is counted once, up to the last of them.
    """
    wanted = select(
        db,
        """SELECT model, round, turn, id FROM jobs
        WHERE bot_id = :bot_id AND state = 'queued'
        AND id IN (SELECT value FROM json_each(:job_ids))""",
        {"bot_id": bot_id, "job_ids": json.dumps(list(job_ids))},
    )
    turns = defaultdict(list)
    for row in wanted:
        turns[row["model"]].append((row["round"], row["turn"], row["id"]))
    found: dict[int, Standing] = {}
    for model, of_model in turns.items():
        found |= _standings(db, bot_id, model, sorted(of_model))
    return found


def _standings(
    db: Tables, bot_id: int, model: str, turns: list[tuple[int, int, int]]
) -> dict[int, Standing]:
    """Those of one line. turns: (round, turn, id) of each, in order."""
    first = select_one(
        db,
        """SELECT attempt FROM jobs WHERE bot_id = :bot_id AND model = :model AND state = 'queued'
        ORDER BY round, turn, id LIMIT 1""",
        {"bot_id": bot_id, "model": model},
    )
    begun_again = first is not None and first["attempt"] > 0
    found: dict[int, Standing] = {}
    place, latest, after = 0, 0, (-1, -1, -1)
    for turn in turns:
        between = select_one(
            db,
            """SELECT count(*) AS jobs, coalesce(max(id), 0) AS latest FROM jobs
            WHERE bot_id = :bot_id AND model = :model AND state = 'queued'
            AND (round, turn, id) > (:round, :turn, :id)
            AND (round, turn, id) <= (:to_round, :to_turn, :to_id)""",
            {
                "bot_id": bot_id,
                "model": model,
                **dict(zip(("round", "turn", "id"), after, strict=True)),
                **dict(zip(("to_round", "to_turn", "to_id"), turn, strict=True)),
            },
        )
        assert between is not None  # noqa: S101 - an aggregate has one row
        place += between["jobs"]
        latest = max(latest, between["latest"])
        passed = latest > turn[2]
        found[turn[2]] = Standing(place=place, passed=passed, begun_again=begun_again)
        after = turn
    return found
