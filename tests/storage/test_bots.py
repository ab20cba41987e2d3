"""Which bots there are, and what each was told to do."""

import pytest
from sqlite_utils import Database as Tables

from storage import bots, jobs
from storage.bots import Bot, Mode

from .examples import ADA, BOT, ask, found, start


def test_a_bot_works_until_it_is_told_otherwise(db: Tables):
    assert bots.mode(db, bot_id=BOT) is Mode.WORKING
    for mode in (Mode.PAUSED, Mode.DRAINING, Mode.WORKING):
        bots.set_mode(db, bot_id=BOT, mode=mode)
        assert bots.mode(db, bot_id=BOT) is mode
        assert bots.mode(db, bot_id=8) is Mode.WORKING


def test_each_renewal_that_is_asked_for_counts(db: Tables):
    assert bots.renewals(db, bot_id=BOT) == 0
    for number in (1, 2):
        bots.renew(db, bot_id=BOT)
        assert bots.renewals(db, bot_id=BOT) == number
    assert bots.mode(db, bot_id=BOT) is Mode.WORKING


def test_a_name_and_a_mode_do_not_disturb_each_other(db: Tables):
    bots.set_mode(db, bot_id=BOT, mode=Mode.PAUSED)
    assert bots.username(db, bot_id=BOT) is None
    for name in ("first_bot", "second_bot"):
        bots.see(db, bot_id=BOT, username=name)
    assert bots.username(db, bot_id=BOT) == "second_bot"
    assert bots.mode(db, bot_id=BOT) is Mode.PAUSED
    assert bots.known(db) == [Bot(bot_id=BOT, username="second_bot")]


@pytest.mark.parametrize(("mode", "claims"), [(Mode.PAUSED, False), (Mode.DRAINING, True)])
def test_only_a_pause_keeps_jobs_from_being_begun(db: Tables, mode: Mode, claims: bool):
    waiting = ask(db)
    bots.set_mode(db, bot_id=BOT, mode=mode)
    wanted = jobs.unfinished(db, bot_id=BOT, models=("builtin",))
    assert wanted == {"builtin": int(claims)}, "nor is a worker wanted for them"
    claimed = jobs.claim(db, bot_id=BOT, model="builtin", now=1, lease_seconds=60)
    assert (claimed is not None) is claims
    bots.set_mode(db, bot_id=BOT, mode=Mode.WORKING)
    if not claims:
        assert start(db).id == waiting.id


def test_a_pause_ends_a_cancelled_job_whose_worker_is_gone_all_the_same(db: Tables):
    job = ask(db)
    start(db, now=0, lease_seconds=10)
    jobs.request_cancel(db, job_id=job.id, now=5)
    bots.set_mode(db, bot_id=BOT, mode=Mode.PAUSED)
    assert jobs.claim(db, bot_id=BOT, model="builtin", now=20, lease_seconds=10) is None
    assert found(db, job.id).state is jobs.JobState.CANCELLED


def test_jobs_in_hand_are_those_begun_and_then_the_line(db: Tables):
    first, second, third = (ask(db, user_id=ADA + number).id for number in range(3))
    ask(db, bot_id=8)
    assert start(db, now=1).id == first
    assert [job.id for job in jobs.in_hand(db, bot_id=BOT, limit=9)] == [first, second, third]
    assert [job.id for job in jobs.in_hand(db, bot_id=BOT, limit=2)] == [first, second]
    assert [job.id for job in jobs.in_hand(db, bot_id=BOT, limit=1)] == [first]
