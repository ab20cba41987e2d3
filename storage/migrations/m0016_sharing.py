"""One of the migrations that __init__.py explains."""

import json

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations
from storage.rows import select
from storage.search_words import spaced


@migrations()
def m0016_sharing(db: Tables) -> None:
    """Clips are public when their makers say so, and are found by the words of their prompts."""
    db.executescript("""
        ALTER TABLE clips ADD COLUMN public_at REAL;
        CREATE VIRTUAL TABLE clip_words USING fts5 (prompt, readers, prefix = '1 2');
        -- What is deleted is gone from the index, too, and not only marked as gone.
        INSERT INTO clip_words (clip_words, rank) VALUES ('secure-delete', 1);
    """)
    sent = select(
        db,
        """SELECT id, jobs.bot_id, user_id, request FROM jobs JOIN clips ON job_id = id
        WHERE file_id IS NOT NULL AND deleted_at IS NULL""",
    )
    for row in sent:
        db.execute(
            "INSERT INTO clip_words (rowid, prompt, readers) VALUES (?, ?, ?)",
            [
                row["id"],
                spaced(json.loads(row["request"])["prompt"]),
                f"{row['bot_id']}u{row['user_id']}",
            ],
        )
