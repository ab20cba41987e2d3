"""What stands for forgotten people, and where people can stand at all."""

from sqlite_utils import Database as Tables

from storage.forgetting import hash_id

# Whoever adds a column that can tell who somebody is teaches storage/forgetting.py of it, and
# then this list.
KNOWN = {
    "audit": {"actor_id", "target", "detail"},
    "chats": {"chat_id"},
    "feedback": {"user_id", "chat_id", "message_id"},
    "inbox": {"payload", "error"},
    "jobs": {"user_id", "chat_id", "message_id", "card_message_id", "request"},
    "ledger": {"user_id", "actor_id"},
    "outbox": {"chat_id", "key", "payload"},
    "people": {"user_id", "username", "first_name"},
}
TELLING = ("user_id", "chat_id", "actor_id", "owner_id", "message_id", "name", "payload", "request")


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
