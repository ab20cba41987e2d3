"""A group's pool: spent first, capped for each member, and never overdrawn."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule
from sqlite_utils import Database as Tables

from storage import chats, jobs, pools, quotas
from storage.database import Database, open_in_memory
from storage.pools import Pool
from storage.quotas import QuotaExceeded

from .examples import ADA, BO, BOT, CLEO, CLUB, DAY, GROUP, ask, credits_of

OWN = 20


def pool_of(db: Tables, *, user_id: int = ADA, now: float = 0.0, chat_id: int = GROUP) -> Pool:
    return pools.pool(db, bot_id=BOT, chat_id=chat_id, user_id=user_id, now=now)


def give(db: Tables, tenths: int, *, chat_id: int = GROUP) -> None:
    pools.grant(db, bot_id=BOT, chat_id=chat_id, amount_tenths=tenths, actor_id=CLEO, now=0)


def fill(db: Tables, tenths: int, *, cap: int | None = None, own: bool = True) -> None:
    chats.set_daily(db, bot_id=BOT, chat_id=GROUP, daily_tenths=tenths)
    chats.set_cap(db, bot_id=BOT, chat_id=GROUP, cap_tenths=cap)
    chats.set_own_credits(db, bot_id=BOT, chat_id=GROUP, own_credits=own)


def spend(db: Tables, tenths: int, *, user_id: int = ADA, now: float = 0.0) -> int:
    return ask(db, user_id=user_id, chat_id=GROUP, cost_tenths=tenths, daily_tenths=OWN, now=now).id


def sources(db: Tables, job_id: int, kind: str = "reserve") -> dict[str, int]:
    rows = db.query(
        "SELECT source, amount_tenths FROM ledger WHERE job_id = ? AND kind = ?", [job_id, kind]
    )
    return {row["source"]: row["amount_tenths"] for row in rows}


def own_left(db: Tables, *, user_id: int = ADA, now: float = 0.0) -> int:
    return quotas.quota(
        db, bot_id=BOT, user_id=user_id, default_daily_tenths=OWN, now=now
    ).left_tenths


def test_a_group_without_a_pool_leaves_everything_to_its_people(db: Tables):
    assert sources(db, spend(db, 15)) == {"daily": 15}
    assert (pool_of(db).left_tenths, own_left(db)) == (0, 5)


def test_the_pool_pays_first_then_its_grants_then_the_person(db: Tables):
    fill(db, 10)
    give(db, 7)
    quotas.grant(db, bot_id=BOT, user_id=ADA, amount_tenths=30, actor_id=CLEO, now=0)
    assert sources(db, spend(db, 50)) == {"pool": 10, "pool grant": 7, "daily": 20, "grant": 13}
    assert pool_of(db).left_tenths == 0


def test_what_was_spent_last_comes_back_first(db: Tables):
    fill(db, 10)
    give(db, 7)
    quotas.grant(db, bot_id=BOT, user_id=ADA, amount_tenths=30, actor_id=CLEO, now=0)
    job_id = spend(db, 50)
    quotas.settle(db, job_id=job_id, captured_tenths=15, now=1)
    assert sources(db, job_id, "capture") == {"pool": 10, "pool grant": 5}
    assert sources(db, job_id, "release") == {"pool grant": 2, "daily": 20, "grant": 13}
    assert (pool_of(db).granted_left_tenths, own_left(db)) == (2, 50)


def test_a_private_prompt_never_draws_on_a_pool(db: Tables):
    fill(db, 100)
    job = ask(db, user_id=ADA, cost_tenths=10, daily_tenths=OWN)
    assert sources(db, job.id) == {"daily": 10}


def test_a_pool_pays_in_its_own_group_and_for_its_own_bot_alone(db: Tables):
    fill(db, 100)
    elsewhere = ask(db, user_id=ADA, chat_id=CLUB, cost_tenths=10, daily_tenths=OWN)
    other_bot = ask(db, bot_id=8, user_id=ADA, chat_id=GROUP, cost_tenths=10, daily_tenths=OWN)
    assert sources(db, elsewhere.id) == sources(db, other_bot.id) == {"daily": 10}


@pytest.mark.parametrize("granted", [0, 100])
def test_a_member_uses_no_more_of_the_pool_than_the_cap_in_a_day(db: Tables, granted: int):
    fill(db, 100 - granted, cap=15)
    if granted:
        give(db, granted)
    source = "pool grant" if granted else "pool"
    assert sources(db, spend(db, 10)) == {source: 10}
    assert sources(db, spend(db, 10, now=1)) == {source: 5, "daily": 5}
    assert sources(db, spend(db, 10, now=2)) == {"daily": 10}
    assert sources(db, spend(db, 10, user_id=BO)) == {source: 10}
    assert sources(db, spend(db, 10, now=DAY)) == {source: 10}


def test_what_comes_back_is_no_longer_counted_against_the_member(db: Tables):
    fill(db, 100, cap=10)
    quotas.settle(db, job_id=spend(db, 10), captured_tenths=4, now=1)
    assert (pool_of(db, now=2).member_left_tenths, pool_of(db, now=2).daily_left_tenths) == (6, 96)


def test_where_own_credits_are_not_used_the_pool_alone_pays_or_nobody(db: Tables):
    fill(db, 15, own=False)
    spend(db, 10)
    with pytest.raises(QuotaExceeded) as caught:
        spend(db, 6)
    assert caught.value.purse.left_tenths == 5
    assert (pool_of(db).left_tenths, own_left(db)) == (5, OWN)


def test_the_pool_returns_a_day_after_it_was_used(db: Tables):
    fill(db, 20)
    spend(db, 15, now=100)
    assert pool_of(db, now=101).next_return_at == 100 + DAY
    assert (pool_of(db, now=99 + DAY).left_tenths, pool_of(db, now=100 + DAY).left_tenths) == (
        5,
        20,
    )


def test_a_lowered_pool_returns_when_some_of_it_is_left(db: Tables):
    fill(db, 20)
    spend(db, 10, now=100)
    spend(db, 10, now=200)
    fill(db, 10)
    assert pool_of(db, now=300).next_return_at == 200 + DAY
    fill(db, 0)
    assert pool_of(db, now=300).next_return_at is None


def test_a_lowered_pool_or_cap_leaves_nothing_and_no_debt(db: Tables):
    fill(db, 20, cap=20)
    spend(db, 20)
    fill(db, 5, cap=5)
    assert (pool_of(db).left_tenths, pool_of(db, user_id=BO).left_tenths) == (0, 0)
    give(db, 3)
    assert (pool_of(db).left_tenths, pool_of(db, user_id=BO).left_tenths) == (0, 3)


@pytest.mark.parametrize("tenths", [0, -1])
def test_only_credits_can_be_granted_to_a_pool(db: Tables, tenths: int):
    with pytest.raises(ValueError, match="cannot be granted"):
        give(db, tenths)


@pytest.mark.parametrize("connections", [1, 2])
async def test_of_members_racing_for_the_last_of_the_pool_one_wins(
    tmp_path: Path, connections: int
):
    opened = [await Database.open(tmp_path / "kinogram.db") for _ in range(connections)]
    for lap in range(1, 8):
        await opened[0].run(chats.set_daily, bot_id=BOT, chat_id=-lap, daily_tenths=15)
        await opened[0].run(chats.set_own_credits, bot_id=BOT, chat_id=-lap, own_credits=False)
        results = await asyncio.gather(
            *(
                opened[racer % connections].run(
                    ask, user_id=racer, chat_id=-lap, cost_tenths=10, update_id=lap * 10 + racer
                )
                for racer in range(1, 5)
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(result, QuotaExceeded) for result in results) == 3
        left = await opened[0].read(pool_of, chat_id=-lap)
        assert left.left_tenths == 5
    for database in opened:
        await database.close()


@dataclass
class Paid:
    """Who paid what for a job, as somebody with paper and pencil would note it."""

    at: float
    user_id: int
    pool: int
    pool_grant: int
    own: int


class SharedPool(RuleBasedStateMachine):
    """Two members, one pool, jobs that end with any part of their cost captured."""

    asked = Bundle("asked")

    def __init__(self) -> None:
        super().__init__()
        self.db = open_in_memory()
        self.now = 0.0
        self.daily, self.granted = 0, 0
        self.cap: int | None = None
        self.own = True
        self.paid: dict[int, Paid] = {}
        self.settled: set[int] = set()

    def teardown(self) -> None:
        self.db.close()

    def recent(self) -> list[Paid]:
        return [note for note in self.paid.values() if note.at > self.now - DAY]

    def expected(self, user_id: int) -> tuple[int, int, int]:
        """What a member may use: of the day's pool, of its grants, of their own."""
        day = max(0, self.daily - sum(note.pool for note in self.recent()))
        granted = self.granted - sum(note.pool_grant for note in self.paid.values())
        mine = [note for note in self.recent() if note.user_id == user_id]
        member = day + granted
        if self.cap is not None:
            member = max(0, self.cap - sum(note.pool + note.pool_grant for note in mine))
        from_day = min(day, member)
        own = max(0, OWN - sum(note.own for note in mine)) if self.own else 0
        return from_day, min(granted, member - from_day), own

    @rule(seconds=st.sampled_from([1.0, DAY / 2, DAY]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(tenths=st.integers(0, 40), cap=st.none() | st.integers(0, 30), own=st.booleans())
    def decide(self, tenths: int, cap: int | None, own: bool) -> None:
        fill(self.db, tenths, cap=cap, own=own)
        self.daily, self.cap, self.own = tenths, cap, own

    @rule(tenths=st.integers(1, 20))
    def grant(self, tenths: int) -> None:
        give(self.db, tenths)
        self.granted += tenths

    @rule(target=asked, user_id=st.sampled_from([ADA, BO]), cost=st.integers(1, 50))
    def ask(self, user_id: int, cost: int) -> object:
        day, granted, own = self.expected(user_id)
        try:
            with self.db.atomic():
                job_id = spend(self.db, cost, user_id=user_id, now=self.now)
        except QuotaExceeded:
            assert cost > day + granted + own
            return multiple()
        from_day = min(cost, day)
        from_grant = min(cost - from_day, granted)
        rest = cost - from_day - from_grant
        assert rest <= own
        self.paid[job_id] = Paid(self.now, user_id, from_day, from_grant, rest)
        return job_id

    @rule(job_id=asked, percent=st.integers(0, 100))
    def end(self, job_id: int, percent: int) -> None:
        cost = credits_of(self.db, job_id)["reserve"]
        captured = cost * percent // 100
        done = quotas.settle(self.db, job_id=job_id, captured_tenths=captured, now=self.now)
        assert done == (job_id not in self.settled)
        if not done:
            return
        self.settled.add(job_id)
        note, back = self.paid[job_id], cost - captured
        for purse in ("own", "pool_grant", "pool"):
            part = min(back, getattr(note, purse))
            setattr(note, purse, getattr(note, purse) - part)
            back -= part

    @rule()
    def become_a_supergroup_and_back(self) -> None:
        """A pool is the same under another id, as often as the group gets one."""
        give(self.db, 1)
        self.granted += 1
        chats.move(self.db, bot_id=BOT, chat_id=GROUP, new_chat_id=CLUB)
        with_new_id = [
            pool_of(self.db, user_id=who, now=self.now, chat_id=CLUB) for who in (ADA, BO)
        ]
        self.db.execute("DELETE FROM chats_moved")
        chats.move(self.db, bot_id=BOT, chat_id=CLUB, new_chat_id=GROUP)
        self.db.execute("DELETE FROM chats_moved")
        assert with_new_id == [pool_of(self.db, user_id=who, now=self.now) for who in (ADA, BO)]

    @invariant()
    def the_pool_is_what_was_noted_and_never_overdrawn(self) -> None:
        for user_id in (ADA, BO):
            day, granted, _ = self.expected(user_id)
            assert pool_of(self.db, user_id=user_id, now=self.now).left_tenths == day + granted >= 0

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        for job_id in self.paid:
            rows = credits_of(self.db, job_id)
            settled = rows.get("capture", 0) + rows.get("release", 0)
            assert settled == (rows["reserve"] if job_id in self.settled else 0)
            assert sum(sources(self.db, job_id).values()) == jobs.get(self.db, job_id).cost_tenths  # type: ignore[union-attr]


SharedPool.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestSharedPool = SharedPool.TestCase
