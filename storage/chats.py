"""Chats: what the bot's admins and a group's own administrators have decided for them."""

from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.people import check_weight
from storage.rows import change, select_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat in the eyes of one bot; one about which nobody decided anything has these defaults.

    weight: how many turns in line it has where others have one.
    daily_tenths: what its pool of credits has in any 24 hours.
    cap_tenths: how much of the pool a member may use in any 24 hours, None for all of it.
    admins_only: only the group's administrators may ask.
    own_credits: what the pool cannot pay, the person may.
    spoiler: clips are sent covered.
    pool_id: under which the ledger knows its pool; it stays when the chat gets another id.
    """

    chat_id: int
    pool_id: int
    weight: float = 1.0
    daily_tenths: int = 0
    cap_tenths: int | None = None
    admins_only: bool = False
    own_credits: bool = True
    spoiler: bool = False
    blocked_at: float | None = None


def get(db: Tables, *, bot_id: int, chat_id: int) -> Chat:
    """The chat of that id, known or not."""
    row = select_one(
        db,
        """SELECT chat_id, coalesce(pool_id, chat_id) AS pool_id, weight, daily_tenths, cap_tenths,
            admins_only, own_credits, spoiler, blocked_at FROM chats
        WHERE bot_id = :bot_id AND chat_id = :chat_id""",
        {"bot_id": bot_id, "chat_id": chat_id},
    )
    if row is None:
        return Chat(chat_id=chat_id, pool_id=chat_id)
    flags = {name: bool(row[name]) for name in ("admins_only", "own_credits", "spoiler")}
    return Chat(**(row | flags))


def know(db: Tables, *, bot_id: int, chat_id: int) -> Chat:
    """The chat of that id, written down if it was not known."""
    change(
        db,
        "INSERT INTO chats (bot_id, chat_id) VALUES (:bot_id, :chat_id) ON CONFLICT DO NOTHING",
        {"bot_id": bot_id, "chat_id": chat_id},
    )
    return get(db, bot_id=bot_id, chat_id=chat_id)


def set_weight(db: Tables, *, bot_id: int, chat_id: int, weight: float) -> None:
    """Give the prompts of a chat that many turns where others have one, from the next one on.

    Raises: ValueError, when it is not from 0.1 to 10.
    """
    check_weight(weight)
    _set(db, bot_id, chat_id, "weight", weight)


def set_daily(db: Tables, *, bot_id: int, chat_id: int, daily_tenths: int) -> None:
    """Give a chat's pool that much in any 24 hours. Raises: ValueError, when it is negative."""
    _set(db, bot_id, chat_id, "daily_tenths", _whole(daily_tenths))


def set_cap(db: Tables, *, bot_id: int, chat_id: int, cap_tenths: int | None) -> None:
    """Let a member use that much of the pool in any 24 hours, None for all of it.

    Raises: ValueError, when it is negative.
    """
    _set(db, bot_id, chat_id, "cap_tenths", None if cap_tenths is None else _whole(cap_tenths))


def set_admins_only(db: Tables, *, bot_id: int, chat_id: int, admins_only: bool) -> None:
    """Let only the group's administrators ask, or everybody."""
    _set(db, bot_id, chat_id, "admins_only", int(admins_only))


def set_own_credits(db: Tables, *, bot_id: int, chat_id: int, own_credits: bool) -> None:
    """Let people pay what the pool cannot, or let the pool alone pay."""
    _set(db, bot_id, chat_id, "own_credits", int(own_credits))


def set_spoiler(db: Tables, *, bot_id: int, chat_id: int, spoiler: bool) -> None:
    """Send clips covered, or open."""
    _set(db, bot_id, chat_id, "spoiler", int(spoiler))


def set_blocked(db: Tables, *, bot_id: int, chat_id: int, blocked: bool, now: float) -> None:
    """Answer no prompt of a chat, since now unless it is blocked already; or answer them again."""
    since = get(db, bot_id=bot_id, chat_id=chat_id).blocked_at
    _set(db, bot_id, chat_id, "blocked_at", (since or now) if blocked else None)


def current_id(db: Tables, *, bot_id: int, chat_id: int) -> int:
    """The id that a chat has now: another than it had, if it became a supergroup."""
    if chat_id >= 0:
        return chat_id  # A person's.
    row = select_one(
        db,
        "SELECT chat_id FROM chats_moved WHERE bot_id = :bot_id AND old_chat_id = :chat_id",
        {"bot_id": bot_id, "chat_id": chat_id},
    )
    return int(row["chat_id"]) if row else chat_id


def was_moved_to(db: Tables, *, bot_id: int, chat_id: int) -> bool:
    """Whether a chat had another id before."""
    row = select_one(
        db,
        "SELECT 1 FROM chats_moved WHERE bot_id = :bot_id AND chat_id = :chat_id LIMIT 1",
        {"bot_id": bot_id, "chat_id": chat_id},
    )
    return row is not None


def move(db: Tables, *, bot_id: int, chat_id: int, new_chat_id: int) -> None:
    """A group became a supergroup: all that carries its id carries the new one.

    Its messages stay behind, so cards that are open are sent anew and answers answer no message.
    Repeating it is harmless.
    """
    if chat_id == new_chat_id:
        return
    moved = {"bot_id": bot_id, "old": chat_id, "new": new_chat_id}
    if change(
        db,
        """INSERT INTO chats_moved (bot_id, old_chat_id, chat_id) VALUES (:bot_id, :old, :new)
        ON CONFLICT DO NOTHING""",
        moved,
    ):
        _move_decisions(db, moved)
    change(
        db,
        """UPDATE jobs SET chat_id = :new, chat_type = 'supergroup', thread_id = NULL,
            message_id = 0, card_message_id = NULL, card_shown = '', card_picture = ''
        WHERE bot_id = :bot_id AND chat_id = :old""",
        moved,
    )
    change(
        db,
        """UPDATE outbox SET chat_id = :new,
            payload = json_remove(payload, '$.reply_to', '$.message_thread_id')
        WHERE bot_id = :bot_id AND chat_id = :old AND method = 'send_message'
        AND sent_at IS NULL AND dropped_at IS NULL""",
        moved,
    )
    change(
        db,
        """UPDATE outbox SET dropped_at = said_at, reason = 'the message is in the old chat'
        WHERE bot_id = :bot_id AND chat_id = :old AND sent_at IS NULL AND dropped_at IS NULL""",
        moved,
    )


def _move_decisions(db: Tables, moved: dict[str, int]) -> None:
    if not select_one(db, "SELECT 1 FROM chats WHERE bot_id = :bot_id AND chat_id = :old", moved):
        return
    # What the new id has by now was decided in the moment between: the group's own goes first.
    change(db, "DELETE FROM chats WHERE bot_id = :bot_id AND chat_id = :new", moved)
    change(
        db,
        """UPDATE chats SET chat_id = :new, pool_id = coalesce(pool_id, :old)
        WHERE bot_id = :bot_id AND chat_id = :old""",
        moved,
    )


def _whole(tenths: int) -> int:
    if tenths < 0:
        raise ValueError(f"a pool cannot have {tenths} tenths")
    return tenths


def _set(db: Tables, bot_id: int, chat_id: int, column: str, value: float | None) -> None:
    change(
        db,
        f"""INSERT INTO chats (bot_id, chat_id, {column}) VALUES (:bot_id, :chat_id, :value)
        ON CONFLICT (bot_id, chat_id) DO UPDATE SET {column} = excluded.{column}""",  # noqa: S608
        {"bot_id": bot_id, "chat_id": chat_id, "value": value},
    )
