"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0018_last_pictures(db: Tables) -> None:
    """Clips end on pictures, too."""
    db.executescript("""
        ALTER TABLE jobs ADD COLUMN last_picture TEXT;
        CREATE INDEX jobs_last_pictures ON jobs (last_picture) WHERE last_picture IS NOT NULL;
    """)
