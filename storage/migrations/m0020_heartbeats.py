"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0020_heartbeats(db: Tables) -> None:
    """A bot that serves says so, and what its workers do, for the shell beside it to read."""
    db.executescript("""
        CREATE TABLE heartbeats (
            bot_id INTEGER PRIMARY KEY,
            at REAL NOT NULL,
            workers TEXT NOT NULL CHECK (json_valid(workers))
        ) STRICT;
    """)
