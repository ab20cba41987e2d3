"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0024_lines_of_models(db: Tables) -> None:
    """Every model has a line of its own, with its own clock; people choose a model for good."""
    db.executescript("""
        ALTER TABLE jobs ADD COLUMN model TEXT
            GENERATED ALWAYS AS (json_extract(request, '$.model')) VIRTUAL;
        CREATE INDEX jobs_line_of_model ON jobs (bot_id, model, round, turn, id)
            WHERE state = 'queued';
        DROP INDEX jobs_turns_of_person;
        DROP INDEX jobs_turns_of_chat;
        CREATE INDEX jobs_turns_of_person ON jobs (bot_id, user_id, model, fair_until)
            WHERE started_at IS NOT NULL OR ended_at IS NULL;
        CREATE INDEX jobs_turns_of_chat ON jobs (bot_id, chat_id, model, round, turn)
            WHERE started_at IS NOT NULL OR ended_at IS NULL;
        CREATE INDEX jobs_of_person ON jobs (bot_id, user_id, id)
            WHERE started_at IS NOT NULL OR ended_at IS NULL;

        CREATE TABLE lines_of_models (
            bot_id INTEGER NOT NULL,
            model TEXT NOT NULL,
            now INTEGER NOT NULL CHECK (now >= 0),
            PRIMARY KEY (bot_id, model)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO lines_of_models (bot_id, model, now)
            SELECT bot_id, model, lines.now FROM lines
            JOIN (SELECT DISTINCT bot_id, model FROM jobs) USING (bot_id);
        DROP TABLE lines;
        ALTER TABLE lines_of_models RENAME TO lines;

        ALTER TABLE people ADD COLUMN model TEXT NOT NULL DEFAULT '';
    """)
