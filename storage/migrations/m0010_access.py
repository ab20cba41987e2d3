"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0010_access(db: Tables) -> None:
    """Who may make clips where not everybody may: the waiting list, and one-time invitations."""
    db.executescript("""
        CREATE TABLE admissions (
            bot_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            asked_at REAL,
            admitted_at REAL,
            PRIMARY KEY (bot_id, user_id),
            CHECK (asked_at IS NOT NULL OR admitted_at IS NOT NULL)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX admissions_waiting ON admissions (bot_id, asked_at, user_id)
            WHERE admitted_at IS NULL;

        CREATE TABLE invitations (
            bot_id INTEGER NOT NULL,
            code_hash TEXT NOT NULL,
            made_by INTEGER NOT NULL,
            made_at REAL NOT NULL,
            used_by INTEGER,
            used_at REAL,
            PRIMARY KEY (bot_id, code_hash),
            CHECK ((used_by IS NULL) = (used_at IS NULL))
        ) STRICT, WITHOUT ROWID;
    """)
