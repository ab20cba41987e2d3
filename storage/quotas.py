"""Credits: an append-only ledger in tenths. A balance is a sum of its rows, never a stored number.

A job's credits are reserved when it is accepted; at its end they are captured, released, or split
between the two. The daily allowance covers any 24 hours: a reservation counts from when it was
made, less what was released of it. Credits granted by an admin do not expire and are spent last.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlite_utils import Database as Tables

from storage import people
from storage.errors import StorageError
from storage.rows import change, select, select_number

WINDOW_SECONDS = 86_400.0


class Kind(StrEnum):
    """What a row of the ledger says about its credits."""

    RESERVE = "reserve"
    CAPTURE = "capture"
    RELEASE = "release"
    GRANT = "grant"


class Source(StrEnum):
    """Which credits a row is about, in the order in which they are spent."""

    DAILY = "daily"
    GRANT = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a person may spend now, in tenths of a credit.

    next_return_at: Unix seconds when the oldest daily spending that counts is forgotten; None when
    the whole allowance is there.
    """

    daily_tenths: int
    daily_left_tenths: int
    granted_left_tenths: int
    next_return_at: float | None

    @property
    def left_tenths(self) -> int:
        """All of it together."""
        return self.daily_left_tenths + self.granted_left_tenths


class QuotaExceeded(StorageError):
    """A job costs more than the person has left."""

    def __init__(self, quota: Quota, cost_tenths: int) -> None:
        super().__init__(quota, cost_tenths)
        self.quota = quota
        self.cost_tenths = cost_tenths


def quota(db: Tables, *, bot_id: int, user_id: int, default_daily_tenths: int, now: float) -> Quota:
    """What a person may spend now; their own daily allowance goes before the default."""
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    own = person.daily_tenths if person else None
    daily_tenths = default_daily_tenths if own is None else own
    used = _daily_use(db, bot_id, user_id, now)
    return Quota(
        daily_tenths=daily_tenths,
        daily_left_tenths=max(0, daily_tenths - sum(tenths for _, tenths in used)),
        granted_left_tenths=_granted_left(db, bot_id, user_id),
        next_return_at=used[0][0] + WINDOW_SECONDS if used else None,
    )


def reserve(
    db: Tables,
    *,
    bot_id: int,
    user_id: int,
    job_id: int,
    cost_tenths: int,
    default_daily_tenths: int,
    now: float,
) -> None:
    """Set a job's credits aside: of the daily allowance first, then of the grants.

    Raises: QuotaExceeded, when the person has less; nothing is set aside then.
    """
    if cost_tenths < 0:
        raise ValueError(f"a job cannot cost {cost_tenths} tenths")
    left = quota(
        db, bot_id=bot_id, user_id=user_id, default_daily_tenths=default_daily_tenths, now=now
    )
    if left.left_tenths < cost_tenths:
        raise QuotaExceeded(left, cost_tenths)
    daily_tenths = min(cost_tenths, left.daily_left_tenths)
    for source, tenths in (
        (Source.DAILY, daily_tenths),
        (Source.GRANT, cost_tenths - daily_tenths),
    ):
        _write(db, bot_id, user_id, job_id, Kind.RESERVE, source, tenths, now)


def settle(db: Tables, *, job_id: int, captured_tenths: int, now: float) -> bool:
    """Capture that much of a job's reservation and release the rest, grants first. Once.

    False when it is settled already, or nothing was reserved.
    Raises: ValueError, when less than nothing or more than was reserved would be captured.
    """
    reserved = select(
        db,
        """SELECT bot_id, user_id, source, amount_tenths FROM ledger
        WHERE job_id = :job_id AND kind = 'reserve'
        AND NOT EXISTS (SELECT 1 FROM ledger AS settled
            WHERE settled.job_id = :job_id AND settled.kind IN ('capture', 'release'))""",
        {"job_id": job_id},
    )
    if not reserved:
        return False
    total = sum(row["amount_tenths"] for row in reserved)
    if not 0 <= captured_tenths <= total:
        raise ValueError(f"{captured_tenths} of {total} reserved tenths cannot be captured")
    released = total - captured_tenths
    for row in sorted(reserved, key=lambda row: row["source"] != Source.GRANT):
        back = min(released, row["amount_tenths"])
        released -= back
        for kind, tenths in ((Kind.RELEASE, back), (Kind.CAPTURE, row["amount_tenths"] - back)):
            _write(db, row["bot_id"], row["user_id"], job_id, kind, row["source"], tenths, now)
    return True


def grant(
    db: Tables, *, bot_id: int, user_id: int, amount_tenths: int, actor_id: int, now: float
) -> None:
    """Give a person credits that do not expire. actor_id: the admin who gave them.

    Raises: ValueError, when they are none or negative.
    """
    if amount_tenths <= 0:
        raise ValueError(f"{amount_tenths} tenths cannot be granted")
    _write(db, bot_id, user_id, None, Kind.GRANT, Source.GRANT, amount_tenths, now, actor_id)


def totals(db: Tables, *, bot_id: int) -> dict[str, int]:
    """Tenths of a credit ever written, by kind."""
    rows = select(
        db,
        """SELECT kind, sum(amount_tenths) AS tenths FROM ledger
        WHERE bot_id = :bot_id GROUP BY kind""",
        {"bot_id": bot_id},
    )
    return {kind.value: 0 for kind in Kind} | {row["kind"]: row["tenths"] for row in rows}


def _daily_use(db: Tables, bot_id: int, user_id: int, now: float) -> list[tuple[float, int]]:
    """(reserved at, tenths not released) of each daily reservation that counts, oldest first."""
    rows = select(
        db,
        """SELECT reserved.at, reserved.amount_tenths - coalesce((
            SELECT released.amount_tenths FROM ledger AS released
            WHERE released.job_id = reserved.job_id
            AND released.kind = 'release' AND released.source = 'daily'), 0) AS tenths
        FROM ledger AS reserved
        WHERE bot_id = :bot_id AND user_id = :user_id
        AND source = 'daily' AND kind = 'reserve' AND at > :since
        ORDER BY at""",
        {"bot_id": bot_id, "user_id": user_id, "since": now - WINDOW_SECONDS},
    )
    return [(row["at"], row["tenths"]) for row in rows if row["tenths"] > 0]


def _granted_left(db: Tables, bot_id: int, user_id: int) -> int:
    return select_number(
        db,
        """SELECT sum(CASE kind WHEN 'reserve' THEN -amount_tenths ELSE amount_tenths END)
        FROM ledger WHERE bot_id = :bot_id AND user_id = :user_id
        AND source = 'grant' AND kind IN ('grant', 'reserve', 'release')""",
        {"bot_id": bot_id, "user_id": user_id},
    )


def _write(
    db: Tables,
    bot_id: int,
    user_id: int,
    job_id: int | None,
    kind: str,
    source: str,
    tenths: int,
    now: float,
    actor_id: int | None = None,
) -> None:
    if tenths == 0:
        return
    change(
        db,
        """INSERT INTO ledger
            (bot_id, user_id, job_id, kind, source, amount_tenths, at, actor_id)
        VALUES (:bot_id, :user_id, :job_id, :kind, :source, :tenths, :at, :actor_id)""",
        {
            "bot_id": bot_id,
            "user_id": user_id,
            "job_id": job_id,
            "kind": str(kind),
            "source": str(source),
            "tenths": tenths,
            "at": now,
            "actor_id": actor_id,
        },
    )
