"""Updates from Telegram: written down before they are acknowledged, handled once.

An update is waiting until it is done or, after failing several times, parked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database as Tables

from storage.rows import change, select, select_number, select_one


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxUpdate:
    """An update that waits to be handled. received_at is in Unix seconds.

    arrival: its number in the order in which updates were written down.
    """

    arrival: int
    update_id: int
    payload: dict[str, Any]
    failures: int
    received_at: float


def record(db: Tables, *, bot_id: int, updates: Sequence[Mapping[str, Any]], now: float) -> int:
    """Keep updates as Telegram sent them: how many of them were new.

    Half of a surrogate pair, which JSON can name and no text can hold, becomes a question mark: one
    such update must not keep all others out.
    """
    return sum(
        change(
            db,
            """INSERT INTO inbox (bot_id, update_id, payload, received_at)
            VALUES (:bot_id, :update_id, :payload, :now) ON CONFLICT DO NOTHING""",
            {
                "bot_id": bot_id,
                "update_id": update["update_id"],
                "payload": _text(update),
                "now": now,
            },
        )
        for update in updates
    )


def _text(update: Mapping[str, Any]) -> str:
    return json.dumps(dict(update), ensure_ascii=False).encode(errors="replace").decode()


def waiting(db: Tables, *, bot_id: int, after: int = 0, limit: int = 1000) -> list[InboxUpdate]:
    """Updates to handle that arrived after that one, in the order of their arrival."""
    rows = select(
        db,
        """SELECT arrival, update_id, payload, failures, received_at FROM inbox
        WHERE bot_id = :bot_id AND done_at IS NULL AND parked_at IS NULL AND arrival > :after
        ORDER BY arrival LIMIT :limit""",
        {"bot_id": bot_id, "after": after, "limit": limit},
    )
    return [InboxUpdate(**(row | {"payload": json.loads(row["payload"])})) for row in rows]


def has_caption(db: Tables, *, bot_id: int, album: str) -> bool:
    """Whether one of the latest messages holds a picture of that album with a caption."""
    row = select_one(
        db,
        """SELECT 1 FROM
            (SELECT payload FROM inbox WHERE bot_id = :bot_id ORDER BY arrival DESC LIMIT 100)
        WHERE payload ->> '$.message.media_group_id' = :album
        AND payload ->> '$.message.caption' IS NOT NULL""",
        {"bot_id": bot_id, "album": album},
    )
    return row is not None


def mark_done(db: Tables, *, bot_id: int, update_id: int, now: float) -> bool:
    """True only the first time; False when it is done or parked already, or unknown."""
    changed = change(
        db,
        """UPDATE inbox SET done_at = :now
        WHERE bot_id = :bot_id AND update_id = :update_id
        AND done_at IS NULL AND parked_at IS NULL""",
        {"bot_id": bot_id, "update_id": update_id, "now": now},
    )
    return changed == 1


def mark_failed(
    db: Tables, *, bot_id: int, update_id: int, error: str, now: float, most: int = 3
) -> bool:
    """Count a failure to handle it: True when that was one too many, and it is parked now."""
    row = select_one(
        db,
        """UPDATE inbox SET failures = failures + 1, error = :error,
            parked_at = iif(failures + 1 >= :most, :now, NULL)
        WHERE bot_id = :bot_id AND update_id = :update_id
        AND done_at IS NULL AND parked_at IS NULL
        RETURNING parked_at""",
        {"bot_id": bot_id, "update_id": update_id, "error": error, "now": now, "most": most},
    )
    return row is not None and row["parked_at"] is not None


def count_waiting(db: Tables, *, bot_id: int) -> int:
    """How many updates are to be handled."""
    return select_number(
        db,
        """SELECT count(*) FROM inbox
        WHERE bot_id = :bot_id AND done_at IS NULL AND parked_at IS NULL""",
        {"bot_id": bot_id},
    )


def forget_before(db: Tables, *, bot_id: int, before: float) -> int:
    """Delete updates that were done or parked before that time: how many.

    Telegram keeps an unconfirmed update for a day; one forgotten sooner could be taken for new.
    """
    return change(
        db,
        """DELETE FROM inbox
        WHERE bot_id = :bot_id AND coalesce(done_at, parked_at) < :before""",
        {"bot_id": bot_id, "before": before},
    )
