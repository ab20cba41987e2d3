"""One bot, one person, one chat: jobs as short to write as the tests need them."""

import itertools

from sqlite_utils import Database as Tables

from inference.values import Request
from storage import chats, jobs, people, quotas
from storage.clips import ClipRecord
from storage.jobs import Job

BOT = 7_000_001
ADA = 1001
BO = 1002
CLEO = 1003
NEWCOMER = 5000
GROUP = -100
CLUB = -200
DAY = 86_400.0
CLIP = ClipRecord(
    path="clips/1.mp4",
    width=96,
    height=64,
    seconds=4.0,
    fps=8,
    seed=7,
    model="builtin",
    size_bytes=12_345,
    stage_seconds={"text": 0.5, "denoise": 6.0, "decode": 1.0, "encode": 0.5},
)

_update_ids = itertools.count(1)


def ask(
    db: Tables,
    *,
    user_id: int = ADA,
    chat_id: int | None = None,
    cost_tenths: int = 10,
    daily_tenths: int = 1000,
    now: float = 0.0,
    update_id: int | None = None,
    bot_id: int = BOT,
    prompt: str = "a cat moves left on blue",
    image: bytes | None = None,
    last_image: bytes | None = None,
    steps: int | None = None,
    aspect_ratio: str = "",
    model: str = "builtin",
) -> Job:
    """A job that waits, its credits reserved."""
    job = jobs.insert(
        db,
        bot_id=bot_id,
        update_id=next(_update_ids) if update_id is None else update_id,
        user_id=user_id,
        chat_id=user_id if chat_id is None else chat_id,
        chat_type="private",
        thread_id=None,
        message_id=55,
        language="en",
        request=Request(
            prompt=prompt,
            seed=2**32 - 1,
            model=model,
            image=image,
            last_image=last_image,
            steps=steps,
            aspect_ratio=aspect_ratio,
        ),
        cost_tenths=cost_tenths,
        now=now,
    )
    purse = quotas.purse(
        db,
        bot_id=bot_id,
        user_id=user_id,
        chat_id=job.chat_id,
        default_daily_tenths=daily_tenths,
        now=now,
    )
    quotas.reserve(
        db,
        bot_id=bot_id,
        user_id=user_id,
        purse=purse,
        job_id=job.id,
        cost_tenths=cost_tenths,
        now=now,
    )
    return job


def ask_many(db: Tables, user_id: int, count: int, chat_id: int | None = None) -> list[int]:
    """Ids of that many jobs."""
    many = {"daily_tenths": 10**6, "user_id": user_id, "chat_id": chat_id}
    return [ask(db, **many).id for _ in range(count)]


def weigh(db: Tables, weights: dict[int, float]) -> None:
    """Weights of people (positive ids) and of groups (negative ids)."""
    for who, weight in weights.items():
        if who > 0:
            people.set_weight(db, bot_id=BOT, user_id=who, weight=weight)
        else:
            chats.set_weight(db, bot_id=BOT, chat_id=who, weight=weight)


def start(db: Tables, *, now: float = 0.0, lease_seconds: float = 60.0) -> Job:
    """The job that is claimed next."""
    job = jobs.claim(db, bot_id=BOT, model="builtin", now=now, lease_seconds=lease_seconds)
    assert job is not None
    return job


def render(db: Tables, *, now: float = 0.0, clip: ClipRecord = CLIP) -> Job:
    """The job that is claimed next, rendered."""
    job = start(db, now=now)
    assert jobs.render_done(db, job_id=job.id, attempt=job.attempt, clip=clip, now=now)
    return found(db, job.id)


def found(db: Tables, job_id: int) -> Job:
    """The job as it is now."""
    job = jobs.get(db, job_id)
    assert job is not None
    return job


def credits_of(db: Tables, job_id: int) -> dict[str, int]:
    """Tenths in the ledger by kind, of one job."""
    rows = db.query(
        "SELECT kind, sum(amount_tenths) AS tenths FROM ledger WHERE job_id = ? GROUP BY kind",
        [job_id],
    )
    return {row["kind"]: row["tenths"] for row in rows}
