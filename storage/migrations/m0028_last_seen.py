"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0028_last_seen(db: Tables) -> None:
    """When somebody wrote last was kept for nothing, at the price of a write for each message."""
    db.execute("ALTER TABLE people DROP COLUMN last_seen_at")
