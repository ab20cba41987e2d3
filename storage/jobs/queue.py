"""Jobs come in, and are looked up."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlite_utils import Database as Tables

from inference.values import Request
from storage import bots, pictures
from storage.bots import Mode
from storage.errors import JobExists
from storage.jobs.own import unfinished_of
from storage.jobs.turns import take_turn
from storage.jobs.values import Job, JobState, from_row, request_json
from storage.rows import select, select_number, select_one


def insert(
    db: Tables,
    *,
    bot_id: int,
    update_id: int,
    user_id: int,
    chat_id: int,
    chat_type: str,
    thread_id: int | None,
    message_id: int,
    language: str,
    request: Request,
    cost_tenths: int,
    now: float,
    continues: int | None = None,
) -> Job:
    """A new job, in line where its person and its chat have their next turn; its images are kept.

    continues: the job whose clip it goes on from.
    Raises: JobExists, when the update has its job already.
    """
    picture, last_picture = (
        None if image is None else pictures.keep(db, image, now=now)
        for image in (request.image, request.last_image)
    )
    turn = take_turn(
        db,
        bot_id=bot_id,
        model=request.model,
        user_id=user_id,
        chat_id=chat_id,
        cost_tenths=cost_tenths,
    )
    row = select_one(
        db,
        """INSERT INTO jobs (bot_id, update_id, user_id, chat_id, chat_type, thread_id,
            message_id, language, request, cost_tenths, created_at, round, turn, fair_until,
            continues, picture, last_picture, token)
        VALUES (:bot_id, :update_id, :user_id, :chat_id, :chat_type, :thread_id,
            :message_id, :language, :request, :cost_tenths, :now, :round, :turn, :fair_until,
            :continues, :picture, :last_picture, lower(hex(randomblob(8))))
        ON CONFLICT (bot_id, update_id) DO NOTHING RETURNING *""",
        {
            "bot_id": bot_id,
            "update_id": update_id,
            "user_id": user_id,
            "chat_id": chat_id,
            "chat_type": chat_type,
            "thread_id": thread_id,
            "message_id": message_id,
            "language": language,
            "request": request_json(request),
            "cost_tenths": cost_tenths,
            "now": now,
            "continues": continues,
            "picture": picture,
            "last_picture": last_picture,
            "round": turn.round,
            "turn": turn.turn,
            "fair_until": turn.fair_until,
        },
    )
    if row is None:
        raise JobExists(bot_id, update_id)
    return from_row(row)


def get(db: Tables, job_id: int) -> Job | None:
    """The job of that id."""
    return _first(db, "SELECT * FROM jobs WHERE id = :job_id", {"job_id": job_id})


def by_token(
    db: Tables, *, bot_id: int, chat_id: int, token: str, user_id: int | None = None
) -> Job | None:
    """The job whose buttons carry that token in that chat, or in any when it is this person's."""
    return _first(
        db,
        """SELECT * FROM jobs
        WHERE token = :token AND bot_id = :bot_id
        AND (chat_id = :chat_id OR user_id = :user_id)""",
        {"token": token, "bot_id": bot_id, "chat_id": chat_id, "user_id": user_id},
    )


def by_card(db: Tables, *, bot_id: int, chat_id: int, message_id: int) -> Job | None:
    """The job whose card is that message."""
    return _first(
        db,
        """SELECT * FROM jobs
        WHERE bot_id = :bot_id AND chat_id = :chat_id AND card_message_id = :message_id""",
        {"bot_id": bot_id, "chat_id": chat_id, "message_id": message_id},
    )


def by_update(db: Tables, *, bot_id: int, update_id: int) -> Job | None:
    """The job that an update became."""
    return _first(
        db,
        "SELECT * FROM jobs WHERE bot_id = :bot_id AND update_id = :update_id",
        {"bot_id": bot_id, "update_id": update_id},
    )


def count_unfinished(db: Tables, *, bot_id: int, user_id: int, chat_id: int) -> tuple[int, int]:
    """How many jobs of a person wait or run, and how many of a chat."""
    # The indexes are named, for SQLite would walk along everybody's jobs in those states.
    row = select_one(
        db,
        """SELECT
            (SELECT count(*) FROM jobs INDEXED BY jobs_unfinished WHERE bot_id = :bot_id
                AND user_id = :user_id AND state IN ('queued', 'running')) AS of_person,
            (SELECT count(*) FROM jobs INDEXED BY jobs_unfinished_in WHERE bot_id = :bot_id
                AND chat_id = :chat_id AND state IN ('queued', 'running')) AS in_chat""",
        {"bot_id": bot_id, "user_id": user_id, "chat_id": chat_id},
    )
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return row["of_person"], row["in_chat"]


def is_under_way(db: Tables, *, chat_id: int, like: Job, request: Request) -> bool:
    """Whether a job of the chat is on its way to a clip that asks for exactly this.

    like: what it starts from and ends on is the same.
    """
    row = select_one(
        db,
        """SELECT 1 FROM jobs INDEXED BY jobs_open_cards_in
        WHERE bot_id = :bot_id AND chat_id = :chat_id AND card_done = 0
        AND state IN ('queued', 'running', 'rendered') AND cancel_requested_at IS NULL
        AND request = :request AND continues IS :continues
        AND picture IS :picture AND last_picture IS :last_picture LIMIT 1""",
        {
            "bot_id": like.bot_id,
            "chat_id": chat_id,
            "request": request_json(request),
            "continues": like.continues,
            "picture": like.picture,
            "last_picture": like.last_picture,
        },
    )
    return row is not None


def newest_unfinished_of(db: Tables, *, bot_id: int, user_id: int, chat_id: int) -> Job | None:
    """A person's latest job in a chat that waits or runs; one that is being stopped comes last."""
    unfinished = unfinished_of(db, bot_id=bot_id, user_id=user_id, chat_id=chat_id)
    return max(unfinished, key=lambda job: (job.cancel_requested_at is None, job.id), default=None)


def rendered_jobs(db: Tables, *, bot_id: int) -> list[Job]:
    """Jobs whose clip waits to be delivered, oldest first."""
    rows = select(
        db,
        "SELECT * FROM jobs WHERE bot_id = :bot_id AND state = 'rendered' ORDER BY id",
        {"bot_id": bot_id},
    )
    return [from_row(row) for row in rows]


def places(db: Tables, *, bot_id: int) -> dict[int, int]:
    """Place in its model's line by job id, from 1, of every job that waits, in their order."""
    rows = select(
        db,
        """SELECT id, row_number() OVER (PARTITION BY model ORDER BY round, turn, id) AS place
        FROM jobs WHERE bot_id = :bot_id AND state = 'queued' ORDER BY round, turn, id""",
        {"bot_id": bot_id},
    )
    return {row["id"]: row["place"] for row in rows}


def in_hand(db: Tables, *, bot_id: int, limit: int) -> list[Job]:
    """Jobs that are not finished: first those that were begun, then the line in its order."""
    begun = select(
        db,
        """SELECT * FROM jobs WHERE bot_id = :bot_id AND state IN ('running', 'rendered')
        ORDER BY started_at, id LIMIT :limit""",
        {"bot_id": bot_id, "limit": limit},
    )
    queued = select(
        db,
        """SELECT * FROM jobs WHERE bot_id = :bot_id AND state = 'queued'
        ORDER BY round, turn, id LIMIT :limit""",
        {"bot_id": bot_id, "limit": limit - len(begun)},
    )
    return [from_row(row) for row in begun + queued]


def passed(places: Mapping[int, int]) -> set[int]:
    """Those of the jobs that wait before whom one goes that came later.

    places: as `places` gives them where there is one model.
    """
    behind = set()
    latest = 0
    for job_id in places:
        if job_id < latest:
            behind.add(job_id)
        latest = max(latest, job_id)
    return behind


def counts(db: Tables, *, bot_id: int) -> dict[JobState, int]:
    """How many jobs there are in each state."""
    rows = select(
        db,
        "SELECT state, count(*) AS jobs FROM jobs WHERE bot_id = :bot_id GROUP BY state",
        {"bot_id": bot_id},
    )
    return dict.fromkeys(JobState, 0) | {JobState(row["state"]): row["jobs"] for row in rows}


def waiting(db: Tables, *, bot_id: int) -> dict[str, int]:
    """How many jobs wait, by model, for those models that any waits for."""
    rows = select(
        db,
        """SELECT model, count(*) AS jobs FROM jobs INDEXED BY jobs_line_of_model
        WHERE bot_id = :bot_id AND state = 'queued' GROUP BY model""",
        {"bot_id": bot_id},
    )
    return {row["model"]: row["jobs"] for row in rows}


def unfinished(
    db: Tables, *, bot_id: int, models: Collection[str], most: int = 2000
) -> dict[str, int]:
    """How many jobs of each of the models wait or run; `most` stands for that many and more.

    While the bot is paused those that wait are left out, for no worker will have them.
    """
    waiting = 0 if bots.mode(db, bot_id=bot_id) is Mode.PAUSED else most
    return {
        model: min(
            most,
            select_number(
                db,
                """SELECT (SELECT count(*) FROM (SELECT 1 FROM jobs
                    WHERE bot_id = :bot_id AND model = :model AND state = 'queued' LIMIT :waiting))
                + (SELECT count(*) FROM jobs
                    WHERE bot_id = :bot_id AND model = :model AND state = 'running')""",
                {"bot_id": bot_id, "model": model, "waiting": waiting},
            ),
        )
        for model in models
    }


def _first(db: Tables, sql: str, parameters: dict[str, Any]) -> Job | None:
    row = select_one(db, sql, parameters)
    return from_row(row) if row else None
