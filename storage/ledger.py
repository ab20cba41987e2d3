"""The ledger's rows: written, and summed up. What they mean is in quotas.py and pools.py."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlite_utils import Database as Tables

from storage.rows import change, select, select_number, select_one

WINDOW_SECONDS = 86_400.0


class Kind(StrEnum):
    """What a row of the ledger says about its credits."""

    RESERVE = "reserve"
    CAPTURE = "capture"
    RELEASE = "release"
    GRANT = "grant"


class Source(StrEnum):
    """Which credits a row is about, in the order in which they are spent."""

    POOL = "pool"
    POOL_GRANT = "pool grant"
    DAILY = "daily"
    GRANT = "grant"


def write(
    db: Tables,
    *,
    bot_id: int,
    user_id: int | None,
    kind: str,
    source: str,
    tenths: int,
    now: float,
    pool_id: int | None = None,
    job_id: int | None = None,
    actor_id: int | None = None,
) -> None:
    """Add a row, unless it is about nothing. pool_id: of rows about a pool, None for others."""
    if tenths == 0:
        return
    change(
        db,
        """INSERT INTO ledger
            (bot_id, user_id, pool_id, job_id, kind, source, amount_tenths, at, actor_id)
        VALUES (:bot_id, :user_id, :pool_id, :job_id, :kind, :source, :tenths, :at, :actor_id)""",
        {
            "bot_id": bot_id,
            "user_id": user_id,
            "pool_id": pool_id,
            "job_id": job_id,
            "kind": str(kind),
            "source": str(source),
            "tenths": tenths,
            "at": now,
            "actor_id": actor_id,
        },
    )


# Whose rows: a person's by index ledger_person, a pool's by index ledger_pool.
_OF_PERSON = "user_id = :whose"
_OF_POOL = "pool_id = :whose"


def person_use(
    db: Tables, bot_id: int, user_id: int, source: Source, now: float
) -> tuple[int, float | None]:
    """Tenths of a person's reservations that count, and when the oldest of them was made."""
    use = select_one(
        db,
        f"SELECT coalesce(sum(tenths), 0) AS tenths, min(at) AS at FROM ({_use(_OF_PERSON)})",  # noqa: S608
        _within(bot_id, user_id, source, now),
    )
    assert use is not None  # noqa: S101 - an aggregate has one row
    return use["tenths"], use["at"]


def person_returns_at(
    db: Tables, bot_id: int, user_id: int, source: Source, now: float, over: int
) -> float | None:
    """As returns_at(), of a person's reservations."""
    rows = select(db, f"{_use(_OF_PERSON)} ORDER BY at", _within(bot_id, user_id, source, now))
    return returns_at([(row["at"], row["tenths"]) for row in rows], over)


def returns_at(uses: Iterable[tuple[float, int]], over: int) -> float | None:
    """When more than `over` tenths are forgotten, in Unix seconds; None for never.

    uses: (reserved at, tenths) of reservations that count, oldest first.
    """
    for at, tenths in uses:
        over -= tenths
        if over < 0:
            return at + WINDOW_SECONDS
    return None


def pool_use(
    db: Tables, bot_id: int, pool_id: int, source: Source, now: float
) -> list[tuple[float, int, int]]:
    """(reserved at, tenths not released, by whom) of a pool's reservations that count.

    Oldest first.
    """
    rows = select(db, f"{_use(_OF_POOL)} ORDER BY at", _within(bot_id, pool_id, source, now))
    return [(row["at"], row["tenths"], row["user_id"]) for row in rows]


def person_granted_left(db: Tables, bot_id: int, user_id: int) -> int:
    """Tenths that a person was granted and has not spent."""
    return _granted_left(db, _OF_PERSON, bot_id, user_id, Source.GRANT)


def pool_granted_left(db: Tables, bot_id: int, pool_id: int) -> int:
    """Tenths that a pool was granted and that nobody has spent."""
    return _granted_left(db, _OF_POOL, bot_id, pool_id, Source.POOL_GRANT)


def _use(of_whom: str) -> str:
    """A query of the reservations that count, with what of each was not released."""
    return f"""SELECT reserved.at, reserved.user_id, reserved.amount_tenths - coalesce((
            SELECT released.amount_tenths FROM ledger AS released
            WHERE released.job_id = reserved.job_id
            AND released.kind = 'release' AND released.source = :source), 0) AS tenths
        FROM ledger AS reserved
        WHERE bot_id = :bot_id AND {of_whom}
        AND source = :source AND kind = 'reserve' AND at > :since AND tenths > 0"""  # noqa: S608


def _within(bot_id: int, whose: int, source: Source, now: float) -> dict[str, Any]:
    """The parameters of _use()."""
    since = now - WINDOW_SECONDS
    return {"bot_id": bot_id, "whose": whose, "source": str(source), "since": since}


def _granted_left(db: Tables, of_whom: str, bot_id: int, whose: int, source: Source) -> int:
    return select_number(
        db,
        f"""SELECT sum(CASE kind WHEN 'reserve' THEN -amount_tenths ELSE amount_tenths END)
        FROM ledger WHERE bot_id = :bot_id AND {of_whom}
        AND source = :source AND kind IN ('grant', 'reserve', 'release')""",  # noqa: S608
        {"bot_id": bot_id, "whose": whose, "source": str(source)},
    )
