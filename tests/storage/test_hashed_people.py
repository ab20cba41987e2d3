"""What stands for forgotten people, and where people can stand at all."""

import pytest
from sqlite_utils import Database as Tables

from storage import audit, quotas
from storage.forgetting import hash_id

from .examples import ADA, BO, BOT, CLEO

HASHED = hash_id(b"key", bot_id=BOT, user_id=ADA)

# Whoever adds a column that can tell who somebody is teaches storage/forgetting.py of it, and
# then this list.
KNOWN = {
    "admissions": {"user_id"},
    "audit": {"actor_id", "target", "detail"},
    "bots": {"username"},  # the bot's own
    "chats": {"chat_id"},
    "chats_moved": {"old_chat_id", "chat_id"},  # groups
    "feedback": {"user_id", "chat_id", "message_id"},
    "inbox": {"payload", "error"},
    "invitations": {"made_by", "used_by"},
    "jobs": {"user_id", "chat_id", "message_id", "card_message_id", "request"},
    "ledger": {"user_id", "actor_id"},
    "menus_of_admins": {"user_id"},
    "outbox": {"chat_id", "key", "payload"},
    "people": {"user_id", "username", "first_name"},
}
TELLING = (
    "user_id",
    "chat_id",
    "actor_id",
    "owner_id",
    "message_id",
    "name",
    "payload",
    "request",
    "_by",
)


def test_every_column_that_can_tell_who_somebody_is_is_known_to_forgetting(db: Tables):
    telling = {
        (table, column.name)
        for table in db.table_names()
        if not table.startswith(("_", "sqlite_"))
        for column in db[table].columns
        if column.name.endswith(TELLING)
    }
    assert telling <= {(table, column) for table, columns in KNOWN.items() for column in columns}


def test_hashes_depend_on_key_bot_and_person_and_are_no_ids_of_telegram():
    hashes = {
        hash_id(key, bot_id=bot, user_id=user)
        for key in (b"a", b"b")
        for bot in (1, 2)
        for user in range(1, 200)
    }
    assert len(hashes) == 4 * 199
    assert all(-(2**63) <= one < -(2**62) for one in hashes)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("ledger", f"user_id = {BO}"),
        ("ledger", f"user_id = {HASHED}, amount_tenths = 1"),
        ("ledger", f"actor_id = {BO}"),
        ("ledger", "at = 0"),
        ("audit", "target = 'nobody'"),
        ("audit", f"target = 'forgotten {HASHED}', action = 'nothing'"),
        ("audit", f"actor_id = {BO}"),
        ("audit", f"detail = 'forgotten {HASHED}'"),
    ],
)
def test_ledger_and_audit_allow_nothing_but_a_hash_for_an_id(db: Tables, table: str, change: str):
    audit.record(db, bot_id=BOT, actor_id=CLEO, action="block", target=str(ADA), now=8.0)
    quotas.grant(db, bot_id=BOT, user_id=ADA, amount_tenths=7, actor_id=CLEO, now=8.0)
    with pytest.raises(Exception, match="append-only"):
        db.execute(f"UPDATE {table} SET {change}")  # noqa: S608
