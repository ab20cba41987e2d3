"""The SQLite driver that sqlite-utils works with: pysqlite3 where it is installed, or Python's own.

Their exceptions are different classes, so nothing else imports either by name.
"""

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

__all__ = ["sqlite3"]
