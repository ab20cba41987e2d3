"""What an older version wrote is there after the tables have changed."""

from sqlite_utils import Database as Tables

from storage import quotas
from storage.driver import sqlite3
from storage.migrations import migrate
from storage.migrations.registry import migrations

from .examples import ADA, BOT


def test_the_ledger_is_kept_when_it_learns_of_pools():
    db = Tables(sqlite3.connect(":memory:", isolation_level=None))
    db.execute("PRAGMA foreign_keys = ON")
    migrations.apply(db, stop_before="m0011_groups")
    db.execute(
        """INSERT INTO jobs (id, bot_id, update_id, user_id, chat_id, chat_type, message_id,
            language, request, cost_tenths, created_at, token)
        VALUES (1, ?, 1, ?, ?, 'private', 1, 'en', '{}', 10, 0, 'x')""",
        [BOT, ADA, ADA],
    )
    for kind, source, job_id, tenths in (("grant", "grant", None, 7), ("reserve", "daily", 1, 10)):
        db.execute(
            """INSERT INTO ledger (bot_id, user_id, job_id, kind, source, amount_tenths, at)
            VALUES (?, ?, ?, ?, ?, ?, 5)""",
            [BOT, ADA, job_id, kind, source, tenths],
        )
    migrate(db)
    migrate(db)
    left = quotas.quota(db, bot_id=BOT, user_id=ADA, default_daily_tenths=30, now=6)
    assert (left.daily_left_tenths, left.granted_left_tenths) == (20, 7)
    assert [(row["id"], row["pool_id"]) for row in db["ledger"].rows] == [(1, None), (2, None)]
    assert quotas.settle(db, job_id=1, captured_tenths=10, now=7)
