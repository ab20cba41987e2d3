"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0008_remakes(db: Tables) -> None:
    """Clips are made again, gone on from, and deleted; buttons name a job by its token."""
    db.executescript("""
        ALTER TABLE jobs ADD COLUMN token TEXT NOT NULL DEFAULT '';
        ALTER TABLE jobs ADD COLUMN continues INTEGER REFERENCES jobs (id);
        ALTER TABLE clips ADD COLUMN deleted_at REAL;
        UPDATE jobs SET token = lower(hex(randomblob(8)));
        CREATE INDEX jobs_continuing ON jobs (continues) WHERE continues IS NOT NULL;
        CREATE UNIQUE INDEX jobs_token ON jobs (token);
        CREATE INDEX jobs_cards ON jobs (bot_id, chat_id, card_message_id)
            WHERE card_message_id IS NOT NULL;
    """)
