"""What the bot has decided to say: one row a Bot API call, sent after it is committed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database as Tables

from storage.rows import change, select, select_number, select_one

# Keys of calls that tidy up after somebody who wants to be forgotten: no row is left of one that
# was sent or dropped, and none goes before that because it names them.
TRACELESS = "forgotten:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A Bot API call to make.

    once: to be marked as sent before it is sent, so that it happens at most once.
    tries: how often it was tried in vain.
    """

    id: int
    chat_id: int
    method: str
    payload: dict[str, Any]
    once: bool
    tries: int


def say(
    db: Tables,
    *,
    bot_id: int,
    key: str,
    chat_id: int,
    method: str,
    payload: Mapping[str, Any],
    once: bool = False,
    keep: bool = False,
    now: float,
) -> bool:
    """Decide on a call; False, and nothing new, when one of that key was decided on already.

    keep: where the chat refuses it, it waits until its reader writes to the bot (see `release`).
    """
    changed = change(
        db,
        """INSERT INTO outbox (bot_id, key, chat_id, method, payload, once, keep, said_at)
        VALUES (:bot_id, :key, :chat_id, :method, :payload, :once, :keep, :now)
        ON CONFLICT DO NOTHING""",
        {
            "bot_id": bot_id,
            "key": key,
            "chat_id": chat_id,
            "method": method,
            "payload": json.dumps(dict(payload), ensure_ascii=False),
            "once": int(once),
            "keep": int(keep),
            "now": now,
        },
    )
    return changed == 1


def dated_key(about: str, at: float) -> str:
    """A key for a call that may be made again later; those about the same sort by time.

    at: Unix seconds.
    """
    return f"{about}:{at:014.3f}"


def was_said(db: Tables, *, bot_id: int, about: str, since: float, now: float) -> bool:
    """Whether a call with a dated key about that was decided on between the two times."""
    row = select_one(
        db,
        "SELECT 1 FROM outbox WHERE bot_id = :bot_id AND key > :after AND key <= :now LIMIT 1",
        {"bot_id": bot_id, "after": dated_key(about, since), "now": dated_key(about, now)},
    )
    return row is not None


def pending(db: Tables, *, bot_id: int, now: float, limit: int = 1000) -> list[Outgoing]:
    """Calls neither sent nor dropped nor held whose time has come, oldest first."""
    rows = select(
        db,
        """SELECT id, chat_id, method, payload, once, tries FROM outbox
        WHERE bot_id = :bot_id AND sent_at IS NULL AND dropped_at IS NULL AND held_at IS NULL
        AND not_before <= :now
        ORDER BY id LIMIT :limit""",
        {"bot_id": bot_id, "now": now, "limit": limit},
    )
    return [
        Outgoing(**(row | {"payload": json.loads(row["payload"]), "once": bool(row["once"])}))
        for row in rows
    ]


def count_pending_in(db: Tables, *, bot_id: int, chat_id: int) -> int:
    """How many calls in a chat are neither sent nor dropped nor held."""
    return select_number(
        db,
        """SELECT count(*) FROM outbox WHERE bot_id = :bot_id AND chat_id = :chat_id
        AND sent_at IS NULL AND dropped_at IS NULL AND held_at IS NULL""",
        {"bot_id": bot_id, "chat_id": chat_id},
    )


def mark_sent(db: Tables, *, outgoing_id: int, now: float) -> bool:
    """True only the first time; False when it was sent or dropped already.

    What it said is forgotten, unless it was marked before it was sent: it may be a secret, and
    nobody reads it here any more.
    """
    changed = change(
        db,
        """UPDATE outbox SET sent_at = :now, payload = iif(once, payload, '{}')
        WHERE id = :id AND sent_at IS NULL AND dropped_at IS NULL""",
        {"id": outgoing_id, "now": now},
    )
    _leave_no_trace(db, outgoing_id)
    return changed == 1


def mark_refused(db: Tables, *, outgoing_id: int) -> None:
    """It was marked as sent before it was sent, and did not get through: it is to be sent."""
    change(
        db,
        "UPDATE outbox SET sent_at = NULL WHERE id = :id AND once AND dropped_at IS NULL",
        {"id": outgoing_id},
    )


def mark_tried(db: Tables, *, outgoing_id: int, not_before: float) -> None:
    """It was tried in vain; try again at that time (Unix seconds)."""
    change(
        db,
        "UPDATE outbox SET tries = tries + 1, not_before = :not_before WHERE id = :id",
        {"id": outgoing_id, "not_before": not_before},
    )


def drop(db: Tables, *, outgoing_id: int, reason: str, now: float) -> bool:
    """Give it up for good, or hold it if it is to be kept; False when it was sent or dropped."""
    outgoing = {"id": outgoing_id, "reason": reason, "now": now}
    held = change(db, f"{_HOLD} AND id = :id", outgoing)
    dropped = change(db, f"{_DROP} AND id = :id", outgoing)
    _leave_no_trace(db, outgoing_id)
    return held + dropped == 1


def drop_in(db: Tables, *, bot_id: int, chat_id: int, reason: str, now: float) -> int:
    """Give up, or hold, all that was to be said in a chat: how many calls."""
    closed = {"bot_id": bot_id, "chat_id": chat_id, "reason": reason, "now": now}
    held = change(db, f"{_HOLD} AND bot_id = :bot_id AND chat_id = :chat_id", closed)
    forgotten = change(
        db,
        f"""DELETE FROM outbox WHERE bot_id = :bot_id AND chat_id = :chat_id
        AND sent_at IS NULL AND dropped_at IS NULL AND {_IS_TRACELESS}""",  # noqa: S608
        closed,
    )
    dropped = change(db, f"{_DROP} AND bot_id = :bot_id AND chat_id = :chat_id", closed)
    return held + forgotten + dropped


def _leave_no_trace(db: Tables, outgoing_id: int) -> None:
    change(
        db,
        f"""DELETE FROM outbox WHERE id = :id AND {_IS_TRACELESS}
        AND coalesce(sent_at, dropped_at) IS NOT NULL""",  # noqa: S608
        {"id": outgoing_id},
    )


_IS_TRACELESS = f"substr(key, 1, {len(TRACELESS)}) = '{TRACELESS}'"

# What is sent or dropped stays so.
_HOLD = """UPDATE outbox SET held_at = :now, reason = :reason
    WHERE sent_at IS NULL AND dropped_at IS NULL AND keep"""
_DROP = """UPDATE outbox SET dropped_at = :now, reason = :reason, payload = '{}'
    WHERE sent_at IS NULL AND dropped_at IS NULL AND NOT keep"""


def release(db: Tables, *, bot_id: int, chat_id: int) -> int:
    """Say now what was held for a chat that can be written to again: how many calls."""
    return change(
        db,
        """UPDATE outbox SET held_at = NULL
        WHERE bot_id = :bot_id AND chat_id = :chat_id AND held_at IS NOT NULL""",
        {"bot_id": bot_id, "chat_id": chat_id},
    )


def forget_held_before(db: Tables, *, bot_id: int, before: float) -> int:
    """Delete what was decided on before that time and still waits for its reader: how many."""
    return change(
        db,
        """DELETE FROM outbox
        WHERE bot_id = :bot_id AND held_at IS NOT NULL AND said_at < :before""",
        {"bot_id": bot_id, "before": before},
    )


def forget_before(db: Tables, *, bot_id: int, before: float) -> int:
    """Delete calls that were sent or dropped before that time (and their keys): how many."""
    return change(
        db,
        "DELETE FROM outbox WHERE bot_id = :bot_id AND coalesce(sent_at, dropped_at) < :before",
        {"bot_id": bot_id, "before": before},
    )
