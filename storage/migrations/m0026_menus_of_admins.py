"""One of the migrations that __init__.py explains."""

from sqlite_utils import Database as Tables

from storage.migrations.registry import migrations


@migrations()
def m0026_menus_of_admins(db: Tables) -> None:
    """Whoever was shown the admins' menu is known, so that it can be taken away again."""
    db.executescript("""
        CREATE TABLE menus_of_admins (
            bot_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            PRIMARY KEY (bot_id, user_id)
        ) WITHOUT ROWID;
    """)
