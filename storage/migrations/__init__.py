"""The tables, a file for each change of them.

Append-only: a migration that has been released is never edited, only followed.

Times are Unix seconds (REAL), credits are integer tenths, and every table that holds Telegram's
ids carries the bot's id. Partial indexes hold only what the hot queries look for, so that these
cost the same whether a hundred or a million jobs have ended.
"""

import importlib
import pkgutil

from sqlite_utils import Database as Tables

from storage.errors import StorageUnavailable
from storage.migrations.registry import migrations

# A migration's number leads its name: the order of names is the order in which they are applied.
for _module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")


def migrate(db: Tables) -> None:
    """Bring the tables to this version. Repeating it is harmless, but one process at a time.

    Raises: StorageUnavailable, when a newer version has been at work here.
    """
    ours = {migration.name for migration in migrations.pending(Tables(memory=True))}
    for applied in migrations.applied(db):
        if applied.name not in ours:
            raise StorageUnavailable(f"a newer version made this database ({applied.name})")
    migrations.apply(db)
