"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


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
