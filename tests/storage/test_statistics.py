"""The numbers of a day."""

from sqlite_utils import Database as Tables

from storage import jobs, statistics
from storage.statistics import Statistics, Stretch

from .examples import ADA, BO, BOT, CLEO, ask, render, start


def test_nothing_has_happened_at_first(db: Tables):
    assert statistics.since(db, bot_id=BOT, since=0) == Statistics(
        by_model={},
        people=0,
        captured_tenths=0,
        waiting=0,
        running=0,
        failed_by_cause={},
        median_seconds=None,
    )


def test_only_what_happened_since_counts_except_for_what_waits_and_runs(db: Tables):
    for now in (10, 110):
        for user_id in (ADA, BO):
            ask(db, user_id=user_id, now=now)
            jobs.delivered(db, job_id=render(db, now=now).id, file_id=None, now=now)
        jobs.fail(db, job_id=ask(db, now=now).id, error="rejected", now=now)
    for error in ("worker_lost", "worker_lost", "out_of_memory"):
        jobs.fail(db, job_id=ask(db, now=120).id, error=error, now=120)
    ask(db, user_id=CLEO, now=20)
    ask(db, user_id=CLEO, now=20)
    start(db, now=120)
    ask(db, user_id=CLEO, bot_id=8, now=120)
    assert statistics.since(db, bot_id=BOT, since=100) == Statistics(
        by_model={"builtin": 2},
        people=2,
        captured_tenths=20,
        waiting=1,
        running=1,
        failed_by_cause={"worker_lost": 2, "out_of_memory": 1, "rejected": 1},
        median_seconds=8.0,
    )


def test_stretches_share_no_clip_and_leave_none_out(db: Tables):
    for now in (9, 10, 19, 20, 30):
        ask(db, now=now)
        jobs.delivered(db, job_id=render(db, now=now).id, file_id=None, now=now)
    jobs.fail(db, job_id=ask(db, now=12).id, error="disk", now=12)
    empty, full = Stretch(clips=0, median_seconds=None), Stretch(clips=2, median_seconds=8.0)
    one = Stretch(clips=1, median_seconds=8.0)
    found = statistics.stretches(db, bot_id=BOT, bounds=[-10, 0, 10, 20, 30])
    assert found == [empty, one, full, one]
