"""Who was let in, who waits for it, and the invitations that let in.

A code is shown once, to the admin who asked for it; only its hash is kept. It has 128 random bits,
so its hash needs no salt.
"""

import hashlib
from collections.abc import Iterable

from sqlite_utils import Database as Tables

from storage.rows import change, select, select_number


def is_admitted(db: Tables, *, bot_id: int, user_id: int) -> bool:
    """Whether somebody was let in, or had a prompt rendered when that was not needed."""
    return bool(
        select_number(
            db,
            """SELECT EXISTS (SELECT 1 FROM admissions
                WHERE bot_id = :bot_id AND user_id = :user_id AND admitted_at IS NOT NULL)
            OR EXISTS (SELECT 1 FROM jobs WHERE bot_id = :bot_id AND user_id = :user_id
                AND (started_at IS NOT NULL OR ended_at IS NULL))""",
            {"bot_id": bot_id, "user_id": user_id},
        )
    )


def admit(db: Tables, *, bot_id: int, user_id: int, now: float) -> bool:
    """Let somebody in; False when they were let in before."""
    changed = change(
        db,
        """INSERT INTO admissions (bot_id, user_id, admitted_at) VALUES (:bot_id, :user_id, :now)
        ON CONFLICT (bot_id, user_id) DO UPDATE SET admitted_at = excluded.admitted_at
            WHERE admitted_at IS NULL""",
        {"bot_id": bot_id, "user_id": user_id, "now": now},
    )
    return changed == 1


def ask(db: Tables, *, bot_id: int, user_id: int, now: float) -> None:
    """Stand on the waiting list, at its end; whoever stands there keeps their place."""
    change(
        db,
        """INSERT INTO admissions (bot_id, user_id, asked_at) VALUES (:bot_id, :user_id, :now)
        ON CONFLICT DO NOTHING""",
        {"bot_id": bot_id, "user_id": user_id, "now": now},
    )


def waiting(db: Tables, *, bot_id: int, limit: int) -> list[int]:
    """User ids of the first on the waiting list."""
    rows = select(
        db,
        """SELECT user_id FROM admissions WHERE bot_id = :bot_id AND admitted_at IS NULL
        ORDER BY asked_at, user_id LIMIT :limit""",
        {"bot_id": bot_id, "limit": limit},
    )
    return [row["user_id"] for row in rows]


def count_waiting(db: Tables, *, bot_id: int) -> int:
    """How many stand on the waiting list."""
    return select_number(
        db,
        "SELECT count(*) FROM admissions WHERE bot_id = :bot_id AND admitted_at IS NULL",
        {"bot_id": bot_id},
    )


def place(db: Tables, *, bot_id: int, user_id: int) -> int | None:
    """Somebody's place on the waiting list, 1 being next; None when they do not stand there."""
    number = select_number(
        db,
        """SELECT count(*) FROM admissions AS own
        JOIN admissions AS ahead ON ahead.bot_id = own.bot_id AND ahead.admitted_at IS NULL
            AND (ahead.asked_at, ahead.user_id) <= (own.asked_at, own.user_id)
        WHERE own.bot_id = :bot_id AND own.user_id = :user_id AND own.admitted_at IS NULL""",
        {"bot_id": bot_id, "user_id": user_id},
    )
    return number or None


def invite(db: Tables, *, bot_id: int, codes: Iterable[str], made_by: int, now: float) -> None:
    """Make each of those codes let one person in. made_by: the admin's user id."""
    for code in codes:
        change(
            db,
            """INSERT INTO invitations (bot_id, code_hash, made_by, made_at)
            VALUES (:bot_id, :code_hash, :made_by, :now)""",
            {"bot_id": bot_id, "code_hash": _hash(code), "made_by": made_by, "now": now},
        )


def redeem(db: Tables, *, bot_id: int, user_id: int, code: str, now: float) -> bool:
    """Let in who brings a code that nobody has used; False when it is none."""
    changed = change(
        db,
        """UPDATE invitations SET used_by = :user_id, used_at = :now
        WHERE bot_id = :bot_id AND code_hash = :code_hash AND used_at IS NULL""",
        {"bot_id": bot_id, "user_id": user_id, "code_hash": _hash(code), "now": now},
    )
    if changed:
        admit(db, bot_id=bot_id, user_id=user_id, now=now)
    return changed == 1


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()
