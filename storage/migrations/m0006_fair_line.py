"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0006_fair_line(db: Tables) -> None:
    """Turns that people and chats take (storage/jobs/turns.py), and which clips are alike.

    Jobs that wait already are all in round 0, in the order in which they came.
    """
    db.executescript("""
        ALTER TABLE people ADD COLUMN weight REAL NOT NULL DEFAULT 1
            CHECK (weight BETWEEN 0.1 AND 10);
        CREATE TABLE chats (
            bot_id INTEGER NOT NULL,
            chat_id INTEGER NOT NULL,
            weight REAL NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0.1 AND 10),
            PRIMARY KEY (bot_id, chat_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE lines (
            bot_id INTEGER PRIMARY KEY,
            now INTEGER NOT NULL CHECK (now >= 0)
        ) STRICT;

        ALTER TABLE jobs ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jobs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jobs ADD COLUMN fair_until INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX jobs_in_line ON jobs (bot_id, round, turn, id) WHERE state = 'queued';
        CREATE INDEX jobs_turns_of_person ON jobs (bot_id, user_id, fair_until)
            WHERE started_at IS NOT NULL OR ended_at IS NULL;
        CREATE INDEX jobs_turns_of_chat ON jobs (bot_id, chat_id, round, turn)
            WHERE started_at IS NOT NULL OR ended_at IS NULL;

        ALTER TABLE clips ADD COLUMN shape TEXT NOT NULL DEFAULT '';
        CREATE INDEX clips_by_shape ON clips (bot_id, model, shape, job_id);
    """)
