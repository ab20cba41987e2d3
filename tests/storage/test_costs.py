"""What the hot queries cost does not grow with the queue or with what has ended.

Cost is counted in steps of SQLite's virtual machine, which no other load on the machine disturbs.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlite_utils import Database as Tables

from storage import (
    access,
    audit,
    bots,
    chats,
    clips,
    forgetting,
    inbox,
    jobs,
    outbox,
    people,
    pools,
    quotas,
    retention,
    sharing,
    statistics,
)
from storage.database import open_in_memory

from .examples import ADA, BO, BOT, CLIP, DAY, GROUP, ask

SMALL, LARGE = 100, 20_000
Query = Callable[[Tables], object]


def newest_clip(db: Tables) -> int:
    return int(db.execute("SELECT max(job_id) FROM clips").fetchone()[0])


HOT: dict[str, Query] = {
    "claim": partial(jobs.claim, bot_id=BOT, model="builtin", now=5, lease_seconds=60),
    "claim_of_an_idle_model": partial(
        jobs.claim, bot_id=BOT, model="idle", now=5, lease_seconds=60
    ),
    "ask_an_idle_model": partial(ask, model="idle", user_id=BO, now=5),
    "is_due": partial(jobs.is_due, bot_id=BOT, model="builtin", now=5),
    "unfinished": partial(jobs.unfinished, bot_id=BOT, models=("builtin", "idle"), most=50),
    "renew": partial(jobs.renew, job_id=1, attempt=1, now=5, lease_seconds=60),
    "render_done": partial(jobs.render_done, job_id=1, attempt=1, clip=CLIP, now=5),
    "worker_failed": partial(jobs.worker_failed, job_id=1, attempt=1, error="lost", now=5),
    "request_cancel": partial(jobs.request_cancel, job_id=2, now=5),
    "fail": partial(jobs.fail, job_id=2, error="rejected", now=5),
    "by_update": partial(jobs.by_update, bot_id=BOT, update_id=-7),
    "count_unfinished": partial(jobs.count_unfinished, bot_id=BOT, user_id=ADA, chat_id=ADA),
    "newest_unfinished_of": partial(
        jobs.newest_unfinished_of, bot_id=BOT, user_id=ADA, chat_id=ADA
    ),
    "unfinished_of": partial(jobs.unfinished_of, bot_id=BOT, user_id=ADA),
    "latest_clips_of": partial(jobs.latest_clips_of, bot_id=BOT, user_id=ADA, limit=3),
    "by_id": partial(jobs.by_id, bot_id=BOT, user_id=ADA, chat_id=5, begins="ffffff"),
    "expire": partial(retention.expire, bot_id=BOT, before=5, now=9, limit=20),
    "recognise": partial(forgetting.recognise, bot_id=BOT, user_id=ADA, hashed_id=-(2**62) - 5),
    "rendered_jobs": partial(jobs.rendered_jobs, bot_id=BOT),
    "requeue_running": partial(jobs.requeue_running, bot_id=BOT),
    "open_cards": partial(jobs.open_cards, bot_id=BOT, limit=20),
    "pressing_cards": partial(jobs.pressing_cards, bot_id=BOT, resting=[5001], limit=20),
    "front": partial(jobs.front, bot_id=BOT, model="builtin", limit=20),
    "ask": partial(ask, user_id=BO, now=5),
    "quota": partial(quotas.quota, bot_id=BOT, user_id=ADA, default_daily_tenths=30, now=DAY),
    "see": partial(
        people.see,
        bot_id=BOT,
        user_id=BO,
        username="bo",
        first_name="Bo",
        language_code="en",
        now=5,
    ),
    "usual_seconds": partial(clips.usual_seconds, bot_id=BOT, model="builtin", shape="wide"),
    "ask_in_a_busy_group": partial(ask, user_id=BO, chat_id=5, now=5),
    "ask_in_a_group_with_a_pool": partial(ask, user_id=BO, chat_id=GROUP, now=DAY),
    "pool": partial(pools.pool, bot_id=BOT, chat_id=GROUP, user_id=BO, now=DAY),
    "current_id": partial(chats.current_id, bot_id=BOT, chat_id=GROUP),
    "give_up_in": partial(jobs.give_up_in, bot_id=BOT, chat_id=GROUP, now=5),
    "drop_in": partial(outbox.drop_in, bot_id=BOT, chat_id=GROUP, reason="closed", now=5),
    "record": partial(inbox.record, bot_id=BOT, updates=[{"update_id": -5}], now=5),
    "waiting": partial(inbox.waiting, bot_id=BOT),
    "mark_done": partial(inbox.mark_done, bot_id=BOT, update_id=1, now=5),
    "say": partial(
        outbox.say, bot_id=BOT, key="new", chat_id=ADA, method="send_message", payload={}, now=5
    ),
    "was_said": partial(outbox.was_said, bot_id=BOT, about="refusal", since=5, now=65),
    "count_pending_in": partial(outbox.count_pending_in, bot_id=BOT, chat_id=GROUP),
    "pending": partial(outbox.pending, bot_id=BOT, now=5),
    "is_admitted": partial(access.is_admitted, bot_id=BOT, user_id=5007),
    "mode": partial(bots.mode, bot_id=BOT),
    "search": partial(
        sharing.search, bot_id=BOT, user_id=5001, words="cat", after=sharing.Place(), limit=50
    ),
    "by_token": partial(sharing.by_token, bot_id=BOT, token="delivered7"),
    "set_public": lambda db: sharing.set_public(db, job_id=newest_clip(db), public=True, now=5),
    "latest": partial(audit.latest, bot_id=BOT, limit=10),
    "statistics": partial(statistics.since, bot_id=BOT, since=100),
}
# These count everything that was ever asked for, along one index.
COUNTING = {"statistics"}


def history(rows: int) -> Tables:
    """A database with that many jobs that wait, jobs that have ended, updates, calls and people."""
    db = open_in_memory()
    db.execute("CREATE TEMP TABLE numbers (i INTEGER PRIMARY KEY)")
    db.execute(
        """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT INTO numbers SELECT i FROM n""",
        [rows],
    )
    ask(db, update_id=-7)
    jobs.claim(db, bot_id=BOT, model="builtin", now=0, lease_seconds=600)
    for state in ("queued", "delivered"):
        db.execute(
            """INSERT INTO jobs (bot_id, update_id, user_id, chat_id, chat_type, message_id,
                language, request, cost_tenths, state, card_done, created_at, round, turn,
                token, fair_until, started_at, rendered_at, ended_at)
            SELECT ?, 1000000 + i * 2 + ?, 5000 + i % 1000, 5, 'private', 1, 'en',
                '{"prompt": "a cat", "seed": 1, "model": "builtin"}', 10, ?, ?, 0,
                i / 10, i % 10 * 1000000, ? || i, i / 10 * 1000000,
                iif(? = 'delivered', 1, NULL), iif(? = 'delivered', 1, NULL),
                iif(? = 'delivered', 1, NULL) FROM numbers""",
            [BOT, state == "queued", state, state == "delivered", state, *[state] * 3],
        )
    db.execute(
        """INSERT INTO ledger (bot_id, user_id, job_id, kind, source, amount_tenths, at)
        SELECT bot_id, user_id, id, 'reserve', 'daily', 10, 0 FROM jobs WHERE id > 1"""
    )
    chats.set_daily(db, bot_id=BOT, chat_id=GROUP, daily_tenths=1000)
    chats.set_cap(db, bot_id=BOT, chat_id=GROUP, cap_tenths=100)
    db.execute(
        """INSERT INTO ledger (bot_id, user_id, pool_id, job_id, kind, source, amount_tenths, at)
        SELECT bot_id, user_id, ?, id, 'reserve', 'pool', 10, 0 FROM jobs WHERE id > 1""",
        [GROUP],
    )
    db.execute("INSERT INTO chats_moved SELECT ?, -1000000 - i, -2000000 - i FROM numbers", [BOT])
    db.execute(
        """INSERT INTO clips SELECT id, bot_id, 'x', 2, 2, 1, 8, 1, 'builtin', 1, '{"denoise": 1}',
            1, 'file', 'wide', NULL, 1 FROM jobs WHERE state = 'delivered'"""
    )
    db.execute(
        """INSERT INTO clip_words (rowid, prompt, readers)
        SELECT id, 'a cat', bot_id || 'u' || user_id || ' ' || bot_id || 'all' FROM jobs
        WHERE state = 'delivered'"""
    )
    db.execute(
        """INSERT INTO inbox (bot_id, update_id, payload, received_at, done_at)
        SELECT ?, i, '{}', 0, iif(i <= 20, NULL, 1) FROM numbers""",
        [BOT],
    )
    db.execute(
        """INSERT INTO outbox (bot_id, key, chat_id, method, payload, once, said_at, sent_at)
        SELECT ?, i, 5, 'send_message', '{}', 0, 0, iif(i <= 20, NULL, 1) FROM numbers""",
        [BOT],
    )
    db.execute(
        "INSERT INTO people (bot_id, user_id, username) SELECT ?, 5000 + i, 'u' || i FROM numbers",
        [BOT],
    )
    db.execute(
        "INSERT INTO audit (bot_id, actor_id, action, target, detail, at)"
        " SELECT ?, 1, 'grant', '', '', 0 FROM numbers",
        [BOT],
    )
    return db


@pytest.fixture(scope="module")
def small() -> Tables:
    return history(SMALL)


@pytest.fixture(scope="module")
def large() -> Tables:
    return history(LARGE)


@contextmanager
def rolled_back(db: Tables) -> Iterator[None]:
    """What is changed within it is undone."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def steps(db: Tables, query: Query) -> int:
    """Steps of the virtual machine that a query takes; what it changes is rolled back."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with rolled_back(db):
        db.conn.set_progress_handler(step, 1)
        try:
            query(db)
        finally:
            db.conn.set_progress_handler(None, 1)
    return taken


@pytest.mark.parametrize("name", sorted(HOT.keys() - COUNTING))
def test_a_hot_query_costs_the_same_for_a_long_history(small: Tables, large: Tables, name: str):
    few, many = steps(small, HOT[name]), steps(large, HOT[name])
    assert 0 < few < 7000
    assert many <= few * 1.1 + 20


@pytest.mark.parametrize("name", sorted(HOT))
def test_a_hot_query_walks_along_an_index_without_sorting(large: Tables, name: str):
    statements: dict[str, object] = {}
    with rolled_back(large), large.tracer(statements.setdefault):
        HOT[name](large)
    assert statements
    plans = [
        (sql, row[3])
        for sql, parameters in statements.items()
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)", sql)
        for row in large.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
    ]
    # The full-text index is a virtual table, which SQLite says it scans although it is sought in.
    # Nor is a list that was handed over a table.
    walk = r"SCAN (?!\(|CONSTANT|json_each VIRTUAL|clip_words VIRTUAL TABLE INDEX \d+:[M=])"
    walks = [(sql, plan) for sql, plan in plans if re.match(walk, plan)]
    assert walks == []
    if name not in COUNTING:
        assert [(sql, plan) for sql, plan in plans if "TEMP B-TREE" in plan] == []


def test_statistics_cost_what_happened_since_beside_counting_the_jobs(small: Tables, large: Tables):
    def cost(db: Tables) -> int:
        return steps(db, HOT["statistics"]) - steps(db, partial(jobs.counts, bot_id=BOT))

    assert 0 < cost(large) <= cost(small) * 1.1 + 20
