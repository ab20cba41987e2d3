"""Credits: an append-only ledger in tenths. A balance is a sum of its rows, never a stored number.

A job's credits are reserved when it is accepted; at its end they are captured, released, or split
between the two. The daily allowance covers any 24 hours: a reservation counts from when it was
made, less what was released of it. Credits granted by an admin do not expire and are spent last.
In a group its pool (pools.py) pays first, and the person what is left, if the group allows it.
"""

from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage import ledger, people, pools
from storage.errors import StorageError
from storage.ledger import WINDOW_SECONDS, Kind, Source
from storage.pools import Pool
from storage.rows import select


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a person may spend now, in tenths of a credit.

    next_return_at: Unix seconds when so much daily spending is forgotten that more is left; None
    when the whole allowance is there, or there is none.
    """

    daily_tenths: int
    daily_left_tenths: int
    granted_left_tenths: int
    next_return_at: float | None

    @property
    def left_tenths(self) -> int:
        """All of it together."""
        return self.daily_left_tenths + self.granted_left_tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """All that may pay for a prompt: in a group its pool, and the person's own credits.

    pool: None in a private chat.
    """

    quota: Quota
    pool: Pool | None = None

    @property
    def left_tenths(self) -> int:
        """All of it together."""
        return sum(tenths for _, tenths in self._sources())

    def shares(self, cost_tenths: int) -> list[tuple[Source, int]]:
        """How much each source pays of a cost that is not more than all of it."""
        shares = []
        for source, there in self._sources():
            share = min(cost_tenths, there)
            shares.append((source, share))
            cost_tenths -= share
        return shares

    def _sources(self) -> list[tuple[Source, int]]:
        """What each source has to give, in the order in which they are spent."""
        sources = []
        if self.pool is not None:
            daily = min(self.pool.left_tenths, self.pool.daily_left_tenths)
            sources = [(Source.POOL, daily), (Source.POOL_GRANT, self.pool.left_tenths - daily)]
        if self.pool is None or self.pool.own_credits:
            sources.append((Source.DAILY, self.quota.daily_left_tenths))
            sources.append((Source.GRANT, self.quota.granted_left_tenths))
        return sources


class QuotaExceeded(StorageError):
    """A job costs more than is left to pay for it."""

    def __init__(self, purse: Purse, cost_tenths: int) -> None:
        super().__init__(purse, cost_tenths)
        self.purse = purse
        self.cost_tenths = cost_tenths


def quota(db: Tables, *, bot_id: int, user_id: int, default_daily_tenths: int, now: float) -> Quota:
    """What a person may spend now; their own daily allowance goes before the default."""
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    own = person.daily_tenths if person else None
    daily_tenths = default_daily_tenths if own is None else own
    used, oldest_at = ledger.person_use(db, bot_id, user_id, Source.DAILY, now)
    returns_at = None if oldest_at is None else oldest_at + WINDOW_SECONDS
    over = used - daily_tenths
    if over > 0:  # The allowance was made smaller.
        returns_at = ledger.person_returns_at(db, bot_id, user_id, Source.DAILY, now, over)
    return Quota(
        daily_tenths=daily_tenths,
        daily_left_tenths=max(0, daily_tenths - used),
        granted_left_tenths=ledger.person_granted_left(db, bot_id, user_id),
        next_return_at=returns_at if daily_tenths else None,
    )


def purse(
    db: Tables, *, bot_id: int, user_id: int, chat_id: int, default_daily_tenths: int, now: float
) -> Purse:
    """All that may pay for a person's prompt in a chat."""
    own = quota(
        db, bot_id=bot_id, user_id=user_id, default_daily_tenths=default_daily_tenths, now=now
    )
    if chat_id >= 0:  # Groups have negative ids.
        return Purse(quota=own)
    shared = pools.pool(db, bot_id=bot_id, chat_id=chat_id, user_id=user_id, now=now)
    return Purse(quota=own, pool=shared)


def reserve(
    db: Tables,
    *,
    bot_id: int,
    user_id: int,
    purse: Purse,
    job_id: int,
    cost_tenths: int,
    now: float,
) -> None:
    """Set a job's credits aside: a group's pool first, then the daily allowance, then the grants.

    purse: the person's, as it is in this transaction.
    Raises: QuotaExceeded, when there is less; nothing is set aside then.
    """
    if cost_tenths < 0:
        raise ValueError(f"a job cannot cost {cost_tenths} tenths")
    if purse.left_tenths < cost_tenths:
        raise QuotaExceeded(purse, cost_tenths)
    for source, tenths in purse.shares(cost_tenths):
        pooled = purse.pool if source in {Source.POOL, Source.POOL_GRANT} else None
        ledger.write(
            db,
            bot_id=bot_id,
            user_id=user_id,
            pool_id=pooled.pool_id if pooled else None,
            job_id=job_id,
            kind=Kind.RESERVE,
            source=source,
            tenths=tenths,
            now=now,
        )


def settle(db: Tables, *, job_id: int, captured_tenths: int, now: float) -> bool:
    """Capture that much of a job's reservation and release the rest, once.

    What was spent last comes back first. False when it is settled already, or nothing was
    reserved.
    Raises: ValueError, when less than nothing or more than was reserved would be captured.
    """
    reserved = select(
        db,
        """SELECT bot_id, user_id, pool_id, source, amount_tenths FROM ledger
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
    spent_in_order = list(Source)
    for row in sorted(reserved, key=lambda row: -spent_in_order.index(row["source"])):
        back = min(released, row["amount_tenths"])
        released -= back
        for kind, tenths in ((Kind.RELEASE, back), (Kind.CAPTURE, row["amount_tenths"] - back)):
            ledger.write(
                db,
                bot_id=row["bot_id"],
                user_id=row["user_id"],
                pool_id=row["pool_id"],
                job_id=job_id,
                kind=kind,
                source=row["source"],
                tenths=tenths,
                now=now,
            )
    return True


def grant(
    db: Tables, *, bot_id: int, user_id: int, amount_tenths: int, actor_id: int, now: float
) -> None:
    """Give a person credits that do not expire. actor_id: the admin who gave them.

    Raises: ValueError, when they are none or negative.
    """
    if amount_tenths <= 0:
        raise ValueError(f"{amount_tenths} tenths cannot be granted")
    ledger.write(
        db,
        bot_id=bot_id,
        user_id=user_id,
        kind=Kind.GRANT,
        source=Source.GRANT,
        tenths=amount_tenths,
        now=now,
        actor_id=actor_id,
    )


def totals(db: Tables, *, bot_id: int) -> dict[str, int]:
    """Tenths of a credit ever written, by kind."""
    rows = select(
        db,
        """SELECT kind, sum(amount_tenths) AS tenths FROM ledger
        WHERE bot_id = :bot_id GROUP BY kind""",
        {"bot_id": bot_id},
    )
    return {kind.value: 0 for kind in Kind} | {row["kind"]: row["tenths"] for row in rows}
