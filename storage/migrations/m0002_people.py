"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0002_people(db: Tables) -> None:
    """Who has written to the bot, or was named by an admin before that (first_seen_at is NULL)."""
    db.executescript("""
        CREATE TABLE people (
            bot_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            username TEXT COLLATE NOCASE,
            first_name TEXT NOT NULL DEFAULT '',
            language TEXT NOT NULL DEFAULT '',
            language_code TEXT NOT NULL DEFAULT '',
            daily_tenths INTEGER CHECK (daily_tenths >= 0),
            blocked_at REAL,
            first_seen_at REAL,
            last_seen_at REAL,
            PRIMARY KEY (bot_id, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX people_username ON people (bot_id, username)
            WHERE username IS NOT NULL;
    """)
