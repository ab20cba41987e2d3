"""Who may appeal, and who may allow, as effects on the database."""

from dataclasses import replace

import pytest
from sqlite_utils import Database as Tables

from bot.telegram.appeals import allow, appeal
from storage import audit, clips, jobs, outbox, retention
from storage.database import open_in_memory
from storage.jobs import Job, JobState
from tests.bot.test_intake import INCOMING, RULES
from tests.storage.examples import ADA, BO, BOT, CLEO, CLIP, ask, credits_of, found, start

ADMINS = replace(RULES, admins=frozenset({CLEO, BO}))
FROM_ADA = replace(INCOMING, bot_id=BOT, user_id=ADA)
FROM_CLEO = replace(FROM_ADA, user_id=CLEO, chat_id=CLEO, update_id=9001)


@pytest.fixture
def db() -> Tables:
    return open_in_memory()


@pytest.fixture
def job(db: Tables) -> Job:
    """A job of Ada's whose clip was held back."""
    ask(db)
    running = start(db)
    held = {"job_id": running.id, "attempt": running.attempt, "clip": CLIP, "now": 5.0}
    assert not jobs.render_blocked(db, **(held | {"attempt": 0}))
    assert jobs.render_blocked(db, **held)
    assert not jobs.render_blocked(db, **held)
    return found(db, running.id)


def test_a_clip_that_is_held_back_ends_its_job_with_all_credits_back(db: Tables, job: Job):
    assert (job.state, job.error) == (JobState.FAILED, jobs.SCREENED)
    assert credits_of(db, job.id) == {"reserve": 10, "release": 10}
    assert jobs.rendered_jobs(db, bot_id=BOT) == []
    assert clips.of_job(db, job.id) == CLIP


def test_every_admin_is_told_once_however_often_its_maker_taps(db: Tables, job: Job):
    assert "no admins" in appeal(db, FROM_ADA, RULES, job)
    assert "Only the person" in appeal(db, FROM_CLEO, ADMINS, job)
    for _ in range(2):
        assert "have been asked" in appeal(db, FROM_ADA, ADMINS, job)
    said = outbox.pending(db, bot_id=BOT, now=2000.0)
    assert [call.chat_id for call in said] == sorted({CLEO, BO})
    assert said[0].payload["buttons"] == [[["Allow the clip", f"allow:{job.token}"]]]
    assert job.request.prompt in said[0].payload["text"]


def test_only_an_admin_allows_and_once(db: Tables, job: Job):
    assert "Only an admin" in allow(db, FROM_ADA, ADMINS, job.token)
    assert "Allowed" in allow(db, FROM_CLEO, ADMINS, job.token)
    for rival in (replace(FROM_CLEO, update_id=9002), replace(FROM_CLEO, user_id=BO, update_id=9)):
        assert "already" in allow(db, rival, ADMINS, job.token)
    (again,) = jobs.rendered_jobs(db, bot_id=BOT)
    assert (again.user_id, again.chat_id, again.request) == (ADA, job.chat_id, job.request)
    assert clips.of_job(db, again.id) == CLIP
    assert found(db, job.id).state is JobState.FAILED, "a job has one end"
    assert jobs.delivered(db, job_id=again.id, file_id="file", now=9.0)
    assert credits_of(db, again.id) == {}
    assert [entry.action for entry in audit.latest(db, bot_id=BOT, limit=9)] == ["allow"]


def test_a_clip_that_was_not_held_back_or_is_gone_cannot_be_allowed(db: Tables, job: Job):
    ask(db)
    failed = start(db)
    jobs.fail(db, job_id=failed.id, error="worker", now=6.0)
    for token in (failed.token, "", "0" * 16):
        assert "already" in allow(db, FROM_CLEO, ADMINS, token)
    clips.delete(db, job_id=job.id, now=7.0)
    assert "already" in allow(db, FROM_CLEO, ADMINS, job.token)
    assert "already" in appeal(db, FROM_ADA, ADMINS, job)
    assert jobs.rendered_jobs(db, bot_id=BOT) == []


def test_what_is_not_kept_any_more_is_neither_appealed_nor_allowed(db: Tables, job: Job):
    retention.expire(db, bot_id=BOT, before=100.0, now=200.0)
    assert "not kept any more" in appeal(db, FROM_ADA, ADMINS, found(db, job.id))
    assert "not kept any more" in allow(db, FROM_CLEO, ADMINS, job.token)
    assert outbox.pending(db, bot_id=BOT, now=2000.0) == []
    assert jobs.rendered_jobs(db, bot_id=BOT) == []


def test_an_allowed_clip_is_among_its_makers_latest(db: Tables, job: Job):
    allow(db, FROM_CLEO, ADMINS, job.token)
    (again,) = jobs.rendered_jobs(db, bot_id=BOT)
    jobs.delivered(db, job_id=again.id, file_id="file", now=9.0)
    (listed,) = jobs.latest_clips_of(db, bot_id=BOT, user_id=ADA, limit=3)
    assert listed.id == again.id
