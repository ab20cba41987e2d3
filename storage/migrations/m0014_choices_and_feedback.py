"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0014_choices_and_feedback(db: Tables) -> None:
    """What people choose for their prompts and for being told, and whose feedback has a number."""
    db.executescript("""
        ALTER TABLE people ADD COLUMN aspect_ratio TEXT NOT NULL DEFAULT '';
        ALTER TABLE people ADD COLUMN seconds REAL CHECK (seconds > 0);
        ALTER TABLE people ADD COLUMN notify TEXT NOT NULL DEFAULT 'both'
            CHECK (notify IN ('both', 'reaction', 'reply', 'nothing'));

        CREATE TABLE feedback (
            id INTEGER PRIMARY KEY,
            bot_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            chat_id INTEGER NOT NULL,
            thread_id INTEGER,
            message_id INTEGER NOT NULL,
            at REAL NOT NULL
        ) STRICT;
        CREATE INDEX feedback_of_person ON feedback (bot_id, user_id, at);
    """)
