"""Credits: a rolling day, grants that last, and a ledger that only grows."""

import asyncio
import math
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage import people, quotas
from storage.database import Database
from storage.quotas import Purse, Quota, QuotaExceeded

from .examples import ADA, BO, BOT, CLEO, DAY, ask, credits_of

DAILY = 30


def left(db: Tables, *, now: float = 0.0, user_id: int = ADA, daily_tenths: int = DAILY) -> Quota:
    return quotas.quota(db, bot_id=BOT, user_id=user_id, default_daily_tenths=daily_tenths, now=now)


def give(db: Tables, tenths: int, *, user_id: int = ADA) -> None:
    quotas.grant(db, bot_id=BOT, user_id=user_id, amount_tenths=tenths, actor_id=CLEO, now=0)


def spend(db: Tables, tenths: int, *, now: float = 0.0) -> int:
    return ask(db, cost_tenths=tenths, daily_tenths=DAILY, now=now).id


def test_who_has_spent_nothing_has_the_whole_day(db: Tables):
    assert left(db) == Quota(
        daily_tenths=DAILY, daily_left_tenths=DAILY, granted_left_tenths=0, next_return_at=None
    )


def test_a_reservation_counts_at_once(db: Tables):
    spend(db, 10, now=100)
    assert left(db, now=101) == Quota(
        daily_tenths=DAILY,
        daily_left_tenths=20,
        granted_left_tenths=0,
        next_return_at=100 + DAY,
    )


@pytest.mark.parametrize(
    ("now", "daily_left"), [(99 + DAY, 10), (100 + DAY, 20), (199 + DAY, 20), (200 + DAY, 30)]
)
def test_each_reservation_is_forgotten_a_day_after_it_was_made(
    db: Tables, now: float, daily_left: int
):
    for at in (100, 200):
        job_id = spend(db, 10, now=at)
        quotas.settle(db, job_id=job_id, captured_tenths=10, now=at + 50)
    assert left(db, now=now).daily_left_tenths == daily_left


def test_an_allowance_made_smaller_returns_when_some_of_it_is_left(db: Tables):
    for at in (100, 200, 300):
        spend(db, 10, now=at)
    limits = (30, 29, 20, 15, 10, 5, 0)
    lapses = [left(db, now=400, daily_tenths=limit).next_return_at for limit in limits]
    times = (100, 100, 200, 200, 300, 300)
    assert lapses == [*(time + DAY for time in times), None]


def test_the_next_return_is_that_of_the_oldest_reservation_that_counts(db: Tables):
    first, _second = spend(db, 10, now=100), spend(db, 10, now=200)
    assert left(db, now=300).next_return_at == 100 + DAY
    quotas.settle(db, job_id=first, captured_tenths=0, now=300)
    assert left(db, now=300).next_return_at == 200 + DAY


def test_what_is_released_is_there_again_and_no_longer_awaited(db: Tables):
    job_id = spend(db, 10, now=100)
    quotas.settle(db, job_id=job_id, captured_tenths=0, now=150)
    assert left(db, now=151) == left(db, user_id=BO)


def test_a_release_after_the_day_does_not_give_the_next_day_more(db: Tables):
    job_id = spend(db, 10, now=0)
    spend(db, 10, now=DAY)
    quotas.settle(db, job_id=job_id, captured_tenths=0, now=DAY + 5)
    assert left(db, now=DAY + 6).daily_left_tenths == 20


def test_grants_are_spent_after_the_daily_allowance_and_one_job_may_need_both(db: Tables):
    give(db, 20)
    spend(db, 25)
    assert (left(db).daily_left_tenths, left(db).granted_left_tenths) == (5, 20)
    spend(db, 15)
    assert (left(db).daily_left_tenths, left(db).granted_left_tenths) == (0, 10)


def test_grants_do_not_expire(db: Tables):
    give(db, 20)
    assert left(db, now=1000 * DAY).granted_left_tenths == 20


def test_a_release_gives_the_granted_part_back_first(db: Tables):
    give(db, 20)
    job_id = spend(db, 45)
    quotas.settle(db, job_id=job_id, captured_tenths=27, now=5)
    assert (left(db).daily_left_tenths, left(db).granted_left_tenths) == (3, 20)
    assert credits_of(db, job_id) == {"reserve": 45, "capture": 27, "release": 18}


def test_a_person_may_have_an_allowance_of_their_own(db: Tables):
    people.set_daily(db, bot_id=BOT, user_id=ADA, daily_tenths=50)
    assert left(db).daily_tenths == 50
    people.set_daily(db, bot_id=BOT, user_id=ADA, daily_tenths=None)
    assert left(db).daily_tenths == DAILY


def test_an_allowance_lowered_below_what_is_spent_leaves_nothing_and_no_debt(db: Tables):
    spend(db, 20)
    people.set_daily(db, bot_id=BOT, user_id=ADA, daily_tenths=10)
    give(db, 5)
    assert (left(db).daily_left_tenths, left(db).left_tenths) == (0, 5)


def test_one_tenth_too_much_is_refused_with_what_is_left_and_writes_nothing(db: Tables):
    give(db, 5)
    job = ask(db, cost_tenths=0)
    with pytest.raises(QuotaExceeded) as caught:
        quotas.reserve(
            db,
            bot_id=BOT,
            user_id=ADA,
            purse=Purse(quota=left(db)),
            job_id=job.id,
            cost_tenths=36,
            now=0,
        )
    assert (caught.value.purse.left_tenths, caught.value.cost_tenths) == (35, 36)
    assert credits_of(db, job.id) == {}
    assert left(db).left_tenths == 35


def test_a_job_is_settled_once(db: Tables):
    job_id = spend(db, 10)
    assert quotas.settle(db, job_id=job_id, captured_tenths=4, now=1)
    assert not quotas.settle(db, job_id=job_id, captured_tenths=10, now=2)
    assert credits_of(db, job_id) == {"reserve": 10, "capture": 4, "release": 6}


@pytest.mark.parametrize("captured_tenths", [-1, 11])
def test_more_than_was_reserved_is_never_captured(db: Tables, captured_tenths: int):
    job_id = spend(db, 10)
    with pytest.raises(ValueError, match="cannot be captured"):
        quotas.settle(db, job_id=job_id, captured_tenths=captured_tenths, now=1)
    assert credits_of(db, job_id) == {"reserve": 10}


def test_a_job_without_cost_has_nothing_to_settle(db: Tables):
    job_id = spend(db, 0)
    assert not quotas.settle(db, job_id=job_id, captured_tenths=0, now=1)


@pytest.mark.parametrize("tenths", [0, -10])
def test_only_credits_can_be_granted(db: Tables, tenths: int):
    with pytest.raises(ValueError, match="cannot be granted"):
        give(db, tenths)


def test_a_negative_cost_is_refused(db: Tables):
    job_id = spend(db, 0)
    with pytest.raises(ValueError, match="cannot cost"):
        quotas.reserve(
            db,
            bot_id=BOT,
            user_id=ADA,
            purse=Purse(quota=left(db)),
            job_id=job_id,
            cost_tenths=-10,
            now=0,
        )


def test_totals_are_by_kind_and_each_bot_has_its_own(db: Tables):
    give(db, 20)
    quotas.settle(db, job_id=spend(db, 10), captured_tenths=7, now=1)
    assert quotas.totals(db, bot_id=BOT) == {
        "reserve": 10,
        "capture": 7,
        "release": 3,
        "grant": 20,
    }
    assert set(quotas.totals(db, bot_id=8).values()) == {0}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET amount_tenths = 1",
        "DELETE FROM ledger",
        "INSERT OR REPLACE INTO ledger SELECT * FROM ledger",
        # A second reservation, more back than was reserved, and credits of no job.
        """INSERT INTO ledger
        SELECT 0, bot_id, user_id, NULL, job_id, kind, source, 1, 0, 1 FROM ledger""",
        """INSERT INTO ledger
        SELECT 0, bot_id, user_id, NULL, job_id, 'release', source, 11, 0, 1 FROM ledger""",
        """INSERT INTO ledger
        SELECT 0, bot_id, user_id, NULL, job_id + 1, kind, source, 1, 0, 1 FROM ledger""",
    ],
)
def test_the_ledger_refuses_to_be_rewritten_by_anybody(db: Tables, statement: str):
    job_id = spend(db, 10)
    before = list(db["ledger"].rows)
    with pytest.raises(Exception, match=r"append-only|UNIQUE|than was reserved|FOREIGN KEY"):
        db.execute(statement)
    assert list(db["ledger"].rows) == before
    assert credits_of(db, job_id) == {"reserve": 10}


@pytest.mark.parametrize("connections", [1, 2])
async def test_of_two_prompts_racing_for_the_last_credit_one_wins(tmp_path: Path, connections: int):
    opened = [await Database.open(tmp_path / "kinogram.db") for _ in range(connections)]
    for lap in range(10):
        results = await asyncio.gather(
            *(
                opened[racer % connections].run(
                    ask, user_id=lap, cost_tenths=10, daily_tenths=10, update_id=lap * 10 + racer
                )
                for racer in range(4)
            ),
            return_exceptions=True,
        )
        assert sum(isinstance(result, QuotaExceeded) for result in results) == 3
        rows = await opened[0].read(
            lambda db, lap=lap: db.execute(
                "SELECT count(*) FROM jobs WHERE user_id = ?", [lap]
            ).fetchone()
        )
        assert rows == (1,)
    for database in opened:
        await database.close()


def test_a_clock_that_goes_back_gives_no_credits(db: Tables):
    spend(db, 20, now=1000)
    assert left(db, now=0).daily_left_tenths == 10
    assert math.isclose(left(db, now=0).next_return_at or 0, 1000 + DAY)
