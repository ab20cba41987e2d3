"""Rows of a query as dicts from column name to value."""

from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database as Tables

Row = dict[str, Any]


def select(db: Tables, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
    """Every row that a SELECT or a RETURNING clause gives, in its order."""
    cursor = db.execute(sql, dict(parameters or {}))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def select_one(db: Tables, sql: str, parameters: Mapping[str, Any] | None = None) -> Row | None:
    """The first row, or None when there is none."""
    return next(iter(select(db, sql, parameters)), None)


def select_number(db: Tables, sql: str, parameters: Mapping[str, Any] | None = None) -> int:
    """The whole number that a query of one row and one column gives; 0 for NULL."""
    return int(db.execute(sql, dict(parameters or {})).fetchone()[0] or 0)


def change(db: Tables, sql: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Run an INSERT, UPDATE or DELETE: how many rows it changed."""
    return int(db.execute(sql, dict(parameters or {})).rowcount)
