"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0019_kept_for_their_readers(db: Tables) -> None:
    """What an admin must read waits for one who cannot be written to yet."""
    db.executescript("""
        ALTER TABLE outbox ADD COLUMN keep INTEGER NOT NULL DEFAULT 0 CHECK (keep IN (0, 1));
        ALTER TABLE outbox ADD COLUMN held_at REAL;
        CREATE INDEX outbox_held ON outbox (bot_id, chat_id) WHERE held_at IS NOT NULL;
    """)
