"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0009_bots(db: Tables) -> None:
    """The bots whose data this is, and what each was told to do: work, pause or drain."""
    db.executescript("""
        CREATE TABLE bots (
            bot_id INTEGER PRIMARY KEY,
            username TEXT COLLATE NOCASE,
            mode TEXT NOT NULL DEFAULT 'working'
                CHECK (mode IN ('working', 'paused', 'draining'))
        ) STRICT;
        INSERT INTO bots (bot_id) SELECT bot_id FROM people UNION SELECT bot_id FROM jobs;
    """)
