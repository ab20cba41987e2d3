"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0011_groups(db: Tables) -> None:
    """Groups have a pool of credits and rules of their own, and may get another id.

    A pool keeps its id when its chat gets another one, for the ledger is never changed: a chat
    without a pool_id of its own has its chat_id for one. The ledger is copied into a table that
    knows pools; credits that a group was given belong to no person.
    """
    db.executescript("""
        ALTER TABLE chats ADD COLUMN pool_id INTEGER;
        ALTER TABLE chats ADD COLUMN daily_tenths INTEGER NOT NULL DEFAULT 0
            CHECK (daily_tenths >= 0);
        ALTER TABLE chats ADD COLUMN cap_tenths INTEGER CHECK (cap_tenths >= 0);
        ALTER TABLE chats ADD COLUMN admins_only INTEGER NOT NULL DEFAULT 0
            CHECK (admins_only IN (0, 1));
        ALTER TABLE chats ADD COLUMN own_credits INTEGER NOT NULL DEFAULT 1
            CHECK (own_credits IN (0, 1));
        ALTER TABLE chats ADD COLUMN spoiler INTEGER NOT NULL DEFAULT 0
            CHECK (spoiler IN (0, 1));
        ALTER TABLE chats ADD COLUMN blocked_at REAL;
        CREATE TABLE chats_moved (
            bot_id INTEGER NOT NULL,
            old_chat_id INTEGER NOT NULL,
            chat_id INTEGER NOT NULL,
            PRIMARY KEY (bot_id, old_chat_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX jobs_of_chat ON jobs (bot_id, chat_id);
        CREATE INDEX jobs_open_cards_in ON jobs (bot_id, chat_id) WHERE card_done = 0;
        CREATE INDEX outbox_pending_in ON outbox (bot_id, chat_id)
            WHERE sent_at IS NULL AND dropped_at IS NULL;

        CREATE TABLE ledger_with_pools (
            id INTEGER PRIMARY KEY,
            bot_id INTEGER NOT NULL,
            user_id INTEGER,
            pool_id INTEGER,
            job_id INTEGER REFERENCES jobs (id),
            kind TEXT NOT NULL CHECK (kind IN ('reserve', 'capture', 'release', 'grant')),
            source TEXT NOT NULL CHECK (source IN ('pool', 'pool grant', 'daily', 'grant')),
            amount_tenths INTEGER NOT NULL CHECK (amount_tenths > 0),
            at REAL NOT NULL,
            actor_id INTEGER,
            CHECK ((kind = 'grant') = (job_id IS NULL)),
            CHECK (kind <> 'grant' OR source IN ('grant', 'pool grant')),
            CHECK ((source IN ('pool', 'pool grant')) = (pool_id IS NOT NULL)),
            CHECK ((kind = 'grant' AND source = 'pool grant') = (user_id IS NULL))
        ) STRICT;
        INSERT INTO ledger_with_pools (id, bot_id, user_id, job_id, kind, source, amount_tenths,
                at, actor_id)
            SELECT id, bot_id, user_id, job_id, kind, source, amount_tenths, at, actor_id
            FROM ledger;
        DROP TABLE ledger;
        ALTER TABLE ledger_with_pools RENAME TO ledger;

        CREATE UNIQUE INDEX ledger_once_a_job ON ledger (job_id, kind, source)
            WHERE job_id IS NOT NULL;
        CREATE INDEX ledger_person
            ON ledger (bot_id, user_id, source, kind, at, job_id, amount_tenths);
        CREATE INDEX ledger_pool
            ON ledger (bot_id, pool_id, source, kind, at, job_id, amount_tenths, user_id)
            WHERE pool_id IS NOT NULL;
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
