"""What storage raises, all of which survives pickling.

StorageError                 something about what is stored went wrong
├── StorageUnavailable       the database cannot be read or written now; nothing was changed
├── JobExists                the update has its job already
└── QuotaExceeded            (quotas.py) a job costs more than the person has left
"""

import contextlib
from collections.abc import Iterator

from storage.driver import sqlite3


class StorageError(Exception):
    """Something about what is stored went wrong."""


class StorageUnavailable(StorageError):
    """The database cannot be read or written now; nothing was changed.

    reason: SQLite's own words, such as "database or disk is full".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JobExists(StorageError):
    """The update has its job already."""

    def __init__(self, bot_id: int, update_id: int) -> None:
        super().__init__(bot_id, update_id)
        self.bot_id = bot_id
        self.update_id = update_id


# Trouble of the machine, not of the statement (https://www.sqlite.org/rescode.html).
_TROUBLE = frozenset(
    {
        5,  # SQLITE_BUSY
        6,  # SQLITE_LOCKED
        7,  # SQLITE_NOMEM
        8,  # SQLITE_READONLY
        9,  # SQLITE_INTERRUPT
        10,  # SQLITE_IOERR
        11,  # SQLITE_CORRUPT
        13,  # SQLITE_FULL
        14,  # SQLITE_CANTOPEN
        15,  # SQLITE_PROTOCOL
        26,  # SQLITE_NOTADB
    }
)


def as_raised(error: BaseException) -> BaseException:
    """StorageUnavailable for trouble of the machine; any other error as it is."""
    if not isinstance(error, sqlite3.Error):
        return error
    primary_code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if primary_code not in _TROUBLE:
        return error
    unavailable = StorageUnavailable(str(error))
    unavailable.__cause__ = error
    return unavailable


@contextlib.contextmanager
def trouble_translated() -> Iterator[None]:
    """Within it, trouble of the machine is raised as StorageUnavailable."""
    try:
        yield
    except sqlite3.Error as error:
        raised = as_raised(error)
        if raised is error:
            raise
        raise raised from error
