"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0013_forgetting(db: Tables) -> None:
    """Old jobs lose their content, and people can be forgotten (storage/forgetting.py).

    What is append-only stays so, but for one change: an id may be exchanged for its keyed hash,
    which is below -2**62 as no id of Telegram is, and back.
    """
    hashed = "< -4611686018427387904"
    db.executescript(f"""
        ALTER TABLE jobs ADD COLUMN forgotten_at REAL;
        CREATE INDEX jobs_remembered ON jobs (bot_id, ended_at)
            WHERE forgotten_at IS NULL AND ended_at IS NOT NULL;

        CREATE TABLE forgotten (
            bot_id INTEGER NOT NULL,
            hashed_id INTEGER NOT NULL CHECK (hashed_id {hashed}),
            at REAL NOT NULL,
            PRIMARY KEY (bot_id, hashed_id)
        ) STRICT, WITHOUT ROWID;

        DROP TRIGGER ledger_is_never_changed;
        CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
            WHEN NEW.id <> OLD.id OR NEW.bot_id <> OLD.bot_id OR NEW.job_id IS NOT OLD.job_id
            OR NEW.kind <> OLD.kind OR NEW.source <> OLD.source
            OR NEW.amount_tenths <> OLD.amount_tenths OR NEW.at <> OLD.at
            OR NEW.pool_id IS NOT OLD.pool_id
            OR (NEW.user_id IS NOT OLD.user_id
                AND coalesce((NEW.user_id {hashed}) + (OLD.user_id {hashed}), 0) <> 1)
            OR (NEW.actor_id IS NOT OLD.actor_id
                AND NOT coalesce(NEW.actor_id {hashed} AND OLD.actor_id > 0, 0))
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

        DROP TRIGGER audit_is_never_changed;
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
            WHEN NEW.id <> OLD.id OR NEW.bot_id <> OLD.bot_id OR NEW.action <> OLD.action
            OR NEW.detail <> OLD.detail OR NEW.at <> OLD.at
            OR (NEW.target <> OLD.target AND NEW.target NOT GLOB 'forgotten -[1-9]*')
            OR (NEW.actor_id <> OLD.actor_id
                AND NOT (NEW.actor_id {hashed} AND OLD.actor_id > 0))
            BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
    """)
