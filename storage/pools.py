"""A group's pool of credits: what it has, and what one member may use of it.

Like a person's credits it has an allowance for any 24 hours and grants that last; both are sums of
the ledger's rows. A cap bounds what one member uses of either in any 24 hours.
"""

from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage import chats, ledger
from storage.ledger import Kind, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What a group's pool has now, in tenths of a credit.

    next_return_at: Unix seconds when so much daily spending is forgotten that more is left; None
    when the whole allowance is there, or there is none. member_left_tenths: what the cap leaves to
    a member, None without one. own_credits: what the pool cannot pay, the person may.
    """

    pool_id: int
    daily_tenths: int
    daily_left_tenths: int
    granted_left_tenths: int
    next_return_at: float | None
    member_left_tenths: int | None
    own_credits: bool

    @property
    def has_credits(self) -> bool:
        """Whether anybody has given it credits that could be spent some day."""
        return bool(self.daily_tenths or self.granted_left_tenths)

    @property
    def left_tenths(self) -> int:
        """What the member may use of it all."""
        there = self.daily_left_tenths + self.granted_left_tenths
        return there if self.member_left_tenths is None else min(there, self.member_left_tenths)


def pool(db: Tables, *, bot_id: int, chat_id: int, user_id: int, now: float) -> Pool:
    """What the pool of a chat has now, and may be used of by that member."""
    chat = chats.get(db, bot_id=bot_id, chat_id=chat_id)
    daily = ledger.pool_use(db, bot_id, chat.pool_id, Source.POOL, now)
    used_today = sum(tenths for _, tenths, _ in daily)
    uses = [(at, tenths) for at, tenths, _ in daily]
    returns_at = ledger.returns_at(uses, max(0, used_today - chat.daily_tenths))
    member_left = None
    if chat.cap_tenths is not None:
        granted = ledger.pool_use(db, bot_id, chat.pool_id, Source.POOL_GRANT, now)
        used = sum(tenths for _, tenths, member in (*daily, *granted) if member == user_id)
        member_left = max(0, chat.cap_tenths - used)
    return Pool(
        pool_id=chat.pool_id,
        daily_tenths=chat.daily_tenths,
        daily_left_tenths=max(0, chat.daily_tenths - used_today),
        granted_left_tenths=ledger.pool_granted_left(db, bot_id, chat.pool_id),
        next_return_at=returns_at if chat.daily_tenths else None,
        member_left_tenths=member_left,
        own_credits=chat.own_credits,
    )


def grant(
    db: Tables, *, bot_id: int, chat_id: int, amount_tenths: int, actor_id: int, now: float
) -> None:
    """Give a chat's pool credits that do not expire. actor_id: the admin who gave them.

    Raises: ValueError, when they are none or negative.
    """
    if amount_tenths <= 0:
        raise ValueError(f"{amount_tenths} tenths cannot be granted")
    ledger.write(
        db,
        bot_id=bot_id,
        user_id=None,
        pool_id=chats.know(db, bot_id=bot_id, chat_id=chat_id).pool_id,
        kind=Kind.GRANT,
        source=Source.POOL_GRANT,
        tenths=amount_tenths,
        now=now,
        actor_id=actor_id,
    )
