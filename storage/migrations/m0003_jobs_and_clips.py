"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0003_jobs_and_clips(db: Tables) -> None:
    """What people asked for, how far it is, and the clips that came of it."""
    db.executescript("""
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY,
            bot_id INTEGER NOT NULL,
            update_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            chat_id INTEGER NOT NULL,
            chat_type TEXT NOT NULL,
            thread_id INTEGER,
            message_id INTEGER NOT NULL,
            language TEXT NOT NULL,
            request TEXT NOT NULL CHECK (json_valid(request)),
            cost_tenths INTEGER NOT NULL CHECK (cost_tenths >= 0),
            state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN
                ('queued', 'running', 'rendered', 'delivered', 'failed', 'cancelled')),
            attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
            failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
            lease_until REAL,
            card_message_id INTEGER,
            card_shown TEXT NOT NULL DEFAULT '',
            card_done INTEGER NOT NULL DEFAULT 0 CHECK (card_done IN (0, 1)),
            cancel_requested_at REAL,
            error TEXT NOT NULL DEFAULT '',
            created_at REAL NOT NULL,
            started_at REAL,
            rendered_at REAL,
            ended_at REAL,
            UNIQUE (bot_id, update_id),
            CHECK ((state = 'running') = (lease_until IS NOT NULL)),
            CHECK ((state IN ('delivered', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
            CHECK (state <> 'queued' OR cancel_requested_at IS NULL),
            CHECK (state NOT IN ('rendered', 'delivered') OR rendered_at IS NOT NULL)
        ) STRICT;
        CREATE INDEX jobs_running ON jobs (bot_id, lease_until) WHERE state = 'running';
        CREATE INDEX jobs_unfinished ON jobs (bot_id, user_id, id)
            WHERE state IN ('queued', 'running');
        CREATE INDEX jobs_open_cards ON jobs (bot_id, id) WHERE card_done = 0;
        CREATE INDEX jobs_states ON jobs (bot_id, state);
        CREATE INDEX jobs_created ON jobs (bot_id, created_at, user_id);
        CREATE INDEX jobs_ended ON jobs (bot_id, ended_at) WHERE ended_at IS NOT NULL;

        CREATE TRIGGER jobs_keep_their_end BEFORE UPDATE OF state ON jobs
            WHEN OLD.state IN ('delivered', 'failed', 'cancelled') AND NEW.state <> OLD.state
            BEGIN SELECT RAISE(ABORT, 'a job has exactly one end'); END;
        CREATE TRIGGER jobs_are_kept BEFORE DELETE ON jobs
            BEGIN SELECT RAISE(ABORT, 'jobs are never deleted'); END;

        CREATE TABLE clips (
            job_id INTEGER PRIMARY KEY REFERENCES jobs (id),
            bot_id INTEGER NOT NULL,
            path TEXT NOT NULL,
            width INTEGER NOT NULL CHECK (width > 0),
            height INTEGER NOT NULL CHECK (height > 0),
            seconds REAL NOT NULL CHECK (seconds > 0),
            fps INTEGER NOT NULL CHECK (fps > 0),
            seed INTEGER NOT NULL,
            model TEXT NOT NULL,
            size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
            stage_seconds TEXT NOT NULL CHECK (json_valid(stage_seconds)),
            rendered_at REAL NOT NULL,
            file_id TEXT
        ) STRICT;
        CREATE INDEX clips_by_model ON clips (bot_id, model, job_id);
        CREATE INDEX clips_rendered ON clips (bot_id, rendered_at);
    """)
