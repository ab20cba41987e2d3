"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0007_unfinished_jobs_of_a_chat(db: Tables) -> None:
    """How many prompts a chat has waiting is asked with every prompt."""
    db.executescript("""
        CREATE INDEX jobs_unfinished_in ON jobs (bot_id, chat_id)
            WHERE state IN ('queued', 'running');
    """)
