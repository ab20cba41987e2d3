"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0017_preview_on_a_card(db: Tables) -> None:
    """A card that shows a picture is edited otherwise than one of text alone."""
    db.executescript("""
        ALTER TABLE jobs ADD COLUMN card_picture TEXT NOT NULL DEFAULT '';
    """)
