"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0015_pictures(db: Tables) -> None:
    """Clips start from pictures. A job names its picture for ever, the picture itself may go."""
    db.executescript("""
        CREATE TABLE pictures (
            digest TEXT PRIMARY KEY,
            content BLOB NOT NULL,
            kept_at REAL NOT NULL
        ) STRICT;
        ALTER TABLE jobs ADD COLUMN picture TEXT;
        CREATE INDEX jobs_pictures ON jobs (picture) WHERE picture IS NOT NULL;
    """)
