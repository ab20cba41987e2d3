"""Claims, leases and attempts: one job, one worker that counts."""

import asyncio
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage import jobs
from storage.database import Database
from storage.jobs import JobState

from .examples import ADA, BOT, CLIP, ask, credits_of, found, start


def claim(db: Tables, *, now: float = 0.0) -> int | None:
    job = jobs.claim(db, bot_id=BOT, model="builtin", now=now, lease_seconds=60)
    return job.id if job else None


def test_jobs_are_claimed_oldest_first(db: Tables):
    asked = [ask(db).id for _ in range(3)]
    assert [claim(db), claim(db), claim(db), claim(db)] == [*asked, None]


def test_a_claim_starts_an_attempt(db: Tables):
    ask(db)
    job = start(db, now=7)
    assert (job.state, job.attempt, job.started_at) == (JobState.RUNNING, 1, 7)
    assert found(db, job.id) == job


def test_each_bot_claims_its_own_jobs(db: Tables):
    ask(db, bot_id=8)
    assert claim(db) is None


def test_a_job_whose_lease_has_run_out_is_claimed_again_before_later_ones(db: Tables):
    first, second, third = ask(db).id, ask(db).id, ask(db).id
    assert claim(db, now=0) == first
    assert claim(db, now=59) == second
    assert claim(db, now=60) == first
    assert found(db, first).attempt == 2
    assert found(db, first).failures == 0
    assert claim(db, now=61) == third


def test_a_renewed_lease_keeps_the_job(db: Tables):
    ask(db)
    job = start(db, now=0)
    assert jobs.renew(db, job_id=job.id, attempt=1, now=50, lease_seconds=60)
    assert claim(db, now=109) is None
    assert claim(db, now=110) == job.id


def test_an_old_attempt_changes_nothing(db: Tables):
    ask(db)
    job = start(db, now=0)
    again = start(db, now=100)
    assert (again.id, again.attempt) == (job.id, 2)
    old = {"job_id": job.id, "attempt": 1, "now": 101.0}
    assert not jobs.renew(db, **old, lease_seconds=60)
    assert not jobs.render_done(db, **old, clip=CLIP)
    assert jobs.worker_failed(db, **old, error="late") is None
    assert not jobs.cancelled(db, **old, rendered_share=0.5)
    assert found(db, job.id) == again
    assert jobs.render_done(db, job_id=job.id, attempt=2, clip=CLIP, now=102)


@pytest.mark.parametrize("end", ["fail", "render"])
def test_a_job_that_runs_no_more_cannot_be_written_by_its_worker(db: Tables, end: str):
    ask(db)
    job = start(db)
    if end == "fail":
        jobs.fail(db, job_id=job.id, error="rejected", now=1)
    else:
        jobs.render_done(db, job_id=job.id, attempt=1, clip=CLIP, now=1)
    before = found(db, job.id)
    mine = {"job_id": job.id, "attempt": 1, "now": 2.0}
    assert not jobs.renew(db, **mine, lease_seconds=60)
    assert not jobs.render_done(db, **mine, clip=CLIP)
    assert jobs.worker_failed(db, **mine, error="late") is None
    assert not jobs.cancelled(db, **mine, rendered_share=0.5)
    assert found(db, job.id) == before


def test_a_failed_job_waits_again_in_its_old_place(db: Tables):
    first, _second = ask(db).id, ask(db).id
    start(db)
    state = jobs.worker_failed(db, job_id=first, attempt=1, error="worker_lost", now=1)
    assert state == JobState.QUEUED
    assert (found(db, first).failures, found(db, first).error) == (1, "")
    assert jobs.places(db, bot_id=BOT)[first] == 1
    assert claim(db) == first


def test_three_failures_end_a_job_with_its_credits_back(db: Tables):
    job_id = ask(db).id
    states = []
    for attempt in (1, 2, 3):
        start(db)
        states.append(
            jobs.worker_failed(db, job_id=job_id, attempt=attempt, error="worker_lost", now=attempt)
        )
    assert states == [JobState.QUEUED, JobState.QUEUED, JobState.FAILED]
    job = found(db, job_id)
    assert (job.error, job.failures, job.ended_at) == ("worker_lost", 3, 3)
    assert credits_of(db, job_id) == {"reserve": 10, "release": 10}
    assert claim(db) is None


def test_a_worker_lost_while_it_was_to_stop_ends_the_job_as_cancelled(db: Tables):
    job_id = ask(db).id
    start(db)
    jobs.request_cancel(db, job_id=job_id, now=1)
    state = jobs.worker_failed(db, job_id=job_id, attempt=1, error="worker_lost", now=2)
    assert state == JobState.CANCELLED
    assert credits_of(db, job_id) == {"reserve": 10, "release": 10}


def test_a_job_to_be_cancelled_is_not_claimed_again_but_ends(db: Tables):
    job_id = ask(db).id
    start(db, now=0)
    jobs.request_cancel(db, job_id=job_id, now=1)
    assert claim(db, now=59) is None
    assert found(db, job_id).state == JobState.RUNNING
    assert claim(db, now=60) is None
    assert found(db, job_id).state == JobState.CANCELLED
    assert credits_of(db, job_id) == {"reserve": 10, "release": 10}


def test_a_restart_requeues_what_ran_and_costs_no_failure(db: Tables):
    running, cancelled, queued = ask(db).id, ask(db).id, ask(db).id
    of_another_bot = ask(db, bot_id=8).id
    start(db)
    start(db)
    jobs.claim(db, bot_id=8, model="builtin", now=0, lease_seconds=60)
    jobs.request_cancel(db, job_id=cancelled, now=5)
    assert jobs.requeue_running(db, bot_id=BOT) == 2
    assert jobs.places(db, bot_id=BOT) == {running: 1, queued: 2}
    job = found(db, running)
    assert (job.attempt, job.failures) == (1, 0)
    assert (found(db, cancelled).state, found(db, cancelled).ended_at) == (JobState.CANCELLED, 5)
    assert credits_of(db, cancelled) == {"reserve": 10, "release": 10}
    assert found(db, of_another_bot).state == JobState.RUNNING
    assert jobs.requeue_running(db, bot_id=BOT) == 0


def test_a_worker_from_before_the_restart_cannot_write(db: Tables):
    job_id = ask(db).id
    start(db)
    jobs.requeue_running(db, bot_id=BOT)
    assert not jobs.render_done(db, job_id=job_id, attempt=1, clip=CLIP, now=1)
    assert start(db).attempt == 2
    assert not jobs.render_done(db, job_id=job_id, attempt=1, clip=CLIP, now=1)


async def test_claim_never_hands_one_job_to_two_workers(tmp_path: Path):
    opened = [await Database.open(tmp_path / "kinogram.db") for _ in range(3)]
    asked = [(await opened[0].run(ask, user_id=number)).id for number in range(60)]

    async def work(database: Database) -> list[int]:
        claimed = []
        while job_id := await database.run(claim):
            claimed.append(job_id)
        return claimed

    claimed = await asyncio.gather(*(work(database) for database in opened for _ in range(4)))
    assert sorted(job_id for ids in claimed for job_id in ids) == asked
    for database in opened:
        await database.close()


def test_whose_cancel_was_asked_for_keeps_its_lease_and_learns_of_it(db: Tables):
    ask(db)
    job = start(db, now=0)
    mine = {"job_id": job.id, "attempt": job.attempt, "lease_seconds": 60}
    assert jobs.to_be_stopped(db, bot_id=BOT) == []
    jobs.cancel_all(db, bot_id=BOT, user_id=ADA, now=10)
    assert jobs.to_be_stopped(db, bot_id=BOT) == [job.id]
    assert not jobs.renew(db, **mine, now=50)
    assert jobs.claim(db, bot_id=BOT, model="builtin", now=100, lease_seconds=60) is None
    assert found(db, job.id).state is JobState.RUNNING, "its worker has until then to stop"
