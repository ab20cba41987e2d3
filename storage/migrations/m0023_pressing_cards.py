"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0023_pressing_cards(db: Tables) -> None:
    """Cards that are to be sent, or to show an end, are found without walking past the others."""
    db.executescript("""
        CREATE INDEX jobs_pressing_cards ON jobs (bot_id, id, chat_id)
            WHERE card_done = 0 AND (state <> 'queued' OR card_message_id IS NULL);
    """)
