"""The audit: what admins did, and nobody can change it."""

import pytest
from sqlite_utils import Database as Tables

from storage import audit
from storage.audit import AuditEntry

from .examples import BOT, CLEO


def note(db: Tables, action: str, bot_id: int = BOT) -> None:
    audit.record(
        db, bot_id=bot_id, actor_id=CLEO, action=action, target="@ada", detail="20 tenths", now=5
    )


def test_the_latest_entries_come_first(db: Tables):
    for action in ("grant", "block", "unblock"):
        note(db, action)
    note(db, "stats", bot_id=8)
    entries = audit.latest(db, bot_id=BOT, limit=2)
    assert [entry.action for entry in entries] == ["unblock", "block"]
    assert entries[0] == AuditEntry(
        id=3, actor_id=CLEO, action="unblock", target="@ada", detail="20 tenths", at=5
    )


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor_id = 0", "DELETE FROM audit"])
def test_entries_can_be_neither_changed_nor_deleted(db: Tables, statement: str):
    note(db, "grant")
    with pytest.raises(Exception, match="append-only"):
        db.execute(statement)
    assert len(audit.latest(db, bot_id=BOT, limit=10)) == 1
