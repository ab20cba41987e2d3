"""The tables. Append-only: a migration that has been released is never edited, only followed.

Times are Unix seconds (REAL), credits are integer tenths, and every table that holds Telegram's
ids carries the bot's id. Partial indexes hold only what the hot queries look for, so that these
cost the same whether a hundred or a million jobs have ended.
"""

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from storage.errors import StorageUnavailable

migrations = Migrations("kinogram")


def migrate(db: Tables) -> None:
    """Bring the tables to this version. Repeating it is harmless, but one process at a time.

    Raises: StorageUnavailable, when a newer version has been at work here.
    """
    ours = {migration.name for migration in migrations.pending(Tables(memory=True))}
    for applied in migrations.applied(db):
        if applied.name not in ours:
            raise StorageUnavailable(f"a newer version made this database ({applied.name})")
    migrations.apply(db)


@migrations()
def m0001_inbox_and_outbox(db: Tables) -> None:
    """What Telegram sent and what the bot has decided to say."""
    db.executescript("""
        CREATE TABLE inbox (
            arrival INTEGER PRIMARY KEY,
            bot_id INTEGER NOT NULL,
            update_id INTEGER NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            received_at REAL NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
            error TEXT NOT NULL DEFAULT '',
            done_at REAL,
            parked_at REAL,
            UNIQUE (bot_id, update_id),
            CHECK (done_at IS NULL OR parked_at IS NULL)
        ) STRICT;
        CREATE INDEX inbox_waiting ON inbox (bot_id, arrival)
            WHERE done_at IS NULL AND parked_at IS NULL;

        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            bot_id INTEGER NOT NULL,
            key TEXT NOT NULL,
            chat_id INTEGER NOT NULL,
            method TEXT NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            once INTEGER NOT NULL CHECK (once IN (0, 1)),
            tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
            not_before REAL NOT NULL DEFAULT 0,
            said_at REAL NOT NULL,
            sent_at REAL,
            dropped_at REAL,
            reason TEXT NOT NULL DEFAULT '',
            UNIQUE (bot_id, key),
            CHECK (sent_at IS NULL OR dropped_at IS NULL)
        ) STRICT;
        CREATE INDEX outbox_pending ON outbox (bot_id, id)
            WHERE sent_at IS NULL AND dropped_at IS NULL;
    """)


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


@migrations()
def m0004_ledger(db: Tables) -> None:
    """Credits: rows are only ever added, and a job is charged at most once."""
    db.executescript("""
        CREATE TABLE ledger (
            id INTEGER PRIMARY KEY,
            bot_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            job_id INTEGER REFERENCES jobs (id),
            kind TEXT NOT NULL CHECK (kind IN ('reserve', 'capture', 'release', 'grant')),
            source TEXT NOT NULL CHECK (source IN ('daily', 'grant')),
            amount_tenths INTEGER NOT NULL CHECK (amount_tenths > 0),
            at REAL NOT NULL,
            actor_id INTEGER,
            CHECK ((kind = 'grant') = (job_id IS NULL)),
            CHECK (kind <> 'grant' OR source = 'grant')
        ) STRICT;
        CREATE UNIQUE INDEX ledger_once_a_job ON ledger (job_id, kind, source)
            WHERE job_id IS NOT NULL;
        CREATE INDEX ledger_person
            ON ledger (bot_id, user_id, source, kind, at, job_id, amount_tenths);
        CREATE INDEX ledger_kind ON ledger (bot_id, kind, at, amount_tenths);

        CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER ledger_is_never_deleted BEFORE DELETE ON ledger
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER ledger_settles_what_was_reserved BEFORE INSERT ON ledger
            WHEN NEW.kind IN ('capture', 'release')
            AND NEW.amount_tenths > (
                SELECT coalesce(sum(iif(kind = 'reserve', amount_tenths, -amount_tenths)), 0)
                FROM ledger WHERE job_id = NEW.job_id AND source = NEW.source)
            BEGIN SELECT RAISE(ABORT, 'more would be settled than was reserved'); END;
    """)


@migrations()
def m0005_audit(db: Tables) -> None:
    """What admins did."""
    db.executescript("""
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            bot_id INTEGER NOT NULL,
            actor_id INTEGER NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            detail TEXT NOT NULL,
            at REAL NOT NULL
        ) STRICT;
        CREATE INDEX audit_latest ON audit (bot_id, id);
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
    """)


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


@migrations()
def m0007_unfinished_jobs_of_a_chat(db: Tables) -> None:
    """How many prompts a chat has waiting is asked with every prompt."""
    db.executescript("""
        CREATE INDEX jobs_unfinished_in ON jobs (bot_id, chat_id)
            WHERE state IN ('queued', 'running');
    """)


@migrations()
def m0008_remakes(db: Tables) -> None:
    """Clips are made again, gone on from, and deleted; buttons name a job by its token."""
    db.executescript("""
        ALTER TABLE jobs ADD COLUMN token TEXT NOT NULL DEFAULT '';
        ALTER TABLE jobs ADD COLUMN continues INTEGER REFERENCES jobs (id);
        ALTER TABLE clips ADD COLUMN deleted_at REAL;
        UPDATE jobs SET token = lower(hex(randomblob(8)));
        CREATE UNIQUE INDEX jobs_token ON jobs (token);
        CREATE INDEX jobs_cards ON jobs (bot_id, chat_id, card_message_id)
            WHERE card_message_id IS NOT NULL;
    """)
