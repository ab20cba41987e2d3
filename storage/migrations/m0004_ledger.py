"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


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
