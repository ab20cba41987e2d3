"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0027_renewals(db: Tables) -> None:
    """How many times a bot was told to replace its workers by fresh ones."""
    db.execute("ALTER TABLE bots ADD COLUMN renewals INTEGER NOT NULL DEFAULT 0")
