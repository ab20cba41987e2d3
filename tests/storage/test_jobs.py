"""A job from the queue to exactly one end, its credits settled with it."""

import dataclasses

import pytest
from sqlite_utils import Database as Tables

from storage import clips, jobs, pictures
from storage.errors import JobExists
from storage.jobs import JobState

from .examples import ADA, BO, BOT, CLEO, CLIP, ask, credits_of, found, render, start


def test_a_job_comes_back_as_it_was_asked_for(db: Tables):
    job = ask(db, prompt='一只猫 says "hi" \N{CAT FACE}', now=12.5)
    assert jobs.get(db, job.id) == job
    assert jobs.by_update(db, bot_id=BOT, update_id=job.update_id) == job
    assert (job.state, job.attempt, job.failures, job.error) == (JobState.QUEUED, 0, 0, "")
    assert (job.request.prompt, job.request.seed) == ('一只猫 says "hi" \N{CAT FACE}', 2**32 - 1)
    assert job.created_at == 12.5


def test_a_job_names_the_picture_that_its_clip_starts_with(db: Tables):
    picture = bytes(range(256))
    job = ask(db, image=picture)
    assert found(db, job.id) == job
    assert job.picture is not None
    assert pictures.get(db, job.picture) == picture
    assert job.request.image is None, "it is read when the job is rendered"
    assert ask(db).picture is None


def test_a_request_stored_by_another_version_is_read_as_far_as_it_is_known(db: Tables):
    job = ask(db)
    db.execute("""UPDATE jobs SET request = json_remove(
        json_set(request, '$.of_the_future', 1), '$.aspect_ratio', '$.steps')""")
    assert found(db, job.id) == job


def test_unknown_jobs_are_none(db: Tables):
    assert jobs.get(db, 1) is None
    assert jobs.by_update(db, bot_id=BOT, update_id=1) is None
    assert jobs.request_cancel(db, job_id=1, now=0) is None


def test_an_update_has_one_job(db: Tables):
    ask(db, update_id=5)
    with pytest.raises(JobExists) as caught:
        ask(db, update_id=5)
    assert caught.value.update_id == 5
    ask(db, update_id=5, bot_id=8)


def test_unfinished_jobs_are_those_that_wait_or_run(db: Tables):
    for _ in range(3):
        ask(db)
    ask(db, user_id=BO)
    render(db)
    start(db)
    assert jobs.count_unfinished(db, bot_id=BOT, user_id=ADA, chat_id=-100) == (2, 0)
    assert jobs.count_unfinished(db, bot_id=BOT, user_id=BO, chat_id=-100) == (1, 0)


def test_the_unfinished_jobs_of_a_chat_are_everybodys_in_it(db: Tables):
    for user_id in (ADA, BO, ADA):
        ask(db, user_id=user_id, chat_id=-100)
    ask(db)
    ask(db, user_id=BO, chat_id=-100, bot_id=8)
    render(db)
    start(db)
    in_chat = {
        chat_id: jobs.count_unfinished(db, bot_id=BOT, user_id=CLEO, chat_id=chat_id)
        for chat_id in (-100, ADA, BO)
    }
    assert in_chat == {-100: (0, 2), ADA: (0, 1), BO: (0, 0)}


def test_the_newest_unfinished_job_is_of_that_person_and_chat(db: Tables):
    first, second, elsewhere, of_bo = ask(db), ask(db), ask(db, chat_id=-100), ask(db, user_id=BO)
    where = {"bot_id": BOT, "user_id": ADA, "chat_id": ADA}
    assert jobs.newest_unfinished_of(db, **where) == second
    jobs.request_cancel(db, job_id=second.id, now=1)
    assert jobs.newest_unfinished_of(db, **where) == first
    jobs.request_cancel(db, job_id=first.id, now=1)
    assert jobs.newest_unfinished_of(db, **where) is None
    assert jobs.newest_unfinished_of(db, bot_id=BOT, user_id=ADA, chat_id=-100) == elsewhere
    assert jobs.newest_unfinished_of(db, bot_id=BOT, user_id=BO, chat_id=BO) == of_bo


def test_places_count_from_one_in_the_order_of_the_claims(db: Tables):
    asked = [ask(db).id for _ in range(4)]
    ask(db, bot_id=8)
    start(db)
    jobs.request_cancel(db, job_id=asked[2], now=1)
    assert jobs.places(db, bot_id=BOT) == {asked[1]: 1, asked[3]: 2}


def test_counts_name_every_state(db: Tables):
    ask(db)
    ask(db)
    render(db)
    assert jobs.counts(db, bot_id=BOT) == {
        JobState.QUEUED: 1,
        JobState.RUNNING: 0,
        JobState.RENDERED: 1,
        JobState.DELIVERED: 0,
        JobState.FAILED: 0,
        JobState.CANCELLED: 0,
    }


def test_a_rendered_job_has_its_clip_and_waits_to_be_delivered(db: Tables):
    ask(db)
    job = render(db, now=9)
    assert (job.state, job.rendered_at, job.ended_at) == (JobState.RENDERED, 9, None)
    assert clips.of_job(db, job.id) == CLIP
    assert jobs.rendered_jobs(db, bot_id=BOT) == [job]


def test_a_delivered_job_is_paid_for_and_its_card_is_done(db: Tables):
    ask(db)
    job = render(db)
    assert jobs.delivered(db, job_id=job.id, file_id="file", now=20)
    job = found(db, job.id)
    assert (job.state, job.ended_at, job.card_done) == (JobState.DELIVERED, 20, True)
    assert credits_of(db, job.id) == {"reserve": 10, "capture": 10}
    assert clips.of_job(db, job.id) == dataclasses.replace(CLIP, file_id="file")
    assert jobs.rendered_jobs(db, bot_id=BOT) == []


def test_a_clip_is_delivered_once(db: Tables):
    ask(db)
    job = render(db)
    assert jobs.delivered(db, job_id=job.id, file_id=None, now=20)
    assert not jobs.delivered(db, job_id=job.id, file_id="second", now=21)
    assert clips.of_job(db, job.id) == CLIP


def test_only_a_rendered_job_can_be_delivered(db: Tables):
    queued = ask(db)
    assert not jobs.delivered(db, job_id=queued.id, file_id=None, now=1)
    start(db)
    assert not jobs.delivered(db, job_id=queued.id, file_id=None, now=1)
    assert credits_of(db, queued.id) == {"reserve": 10}


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_job_without_an_end_can_fail_wherever_it_is_and_costs_nothing(db: Tables, steps: int):
    job = ask(db)
    if steps == 1:
        start(db)
    if steps == 2:
        render(db)
    assert jobs.fail(db, job_id=job.id, error="rejected", now=7)
    failed = found(db, job.id)
    assert (failed.state, failed.error, failed.ended_at) == (JobState.FAILED, "rejected", 7)
    assert credits_of(db, job.id) == {"reserve": 10, "release": 10}
    assert not jobs.fail(db, job_id=job.id, error="again", now=8)
    assert found(db, job.id) == failed


def test_a_waiting_job_is_cancelled_at_once_and_costs_nothing(db: Tables):
    job = ask(db)
    assert jobs.request_cancel(db, job_id=job.id, now=3) == JobState.CANCELLED
    cancelled = found(db, job.id)
    assert (cancelled.cancel_requested_at, cancelled.ended_at) == (3, 3)
    assert credits_of(db, job.id) == {"reserve": 10, "release": 10}
    assert jobs.request_cancel(db, job_id=job.id, now=4) == JobState.CANCELLED
    assert found(db, job.id) == cancelled


def test_a_running_job_runs_on_until_its_worker_has_stopped(db: Tables):
    ask(db)
    job = start(db)
    assert jobs.request_cancel(db, job_id=job.id, now=3) == JobState.RUNNING
    assert jobs.request_cancel(db, job_id=job.id, now=4) == JobState.RUNNING
    assert found(db, job.id).cancel_requested_at == 3
    assert credits_of(db, job.id) == {"reserve": 10}
    assert jobs.cancelled(db, job_id=job.id, attempt=1, rendered_share=0.4, now=5)
    assert found(db, job.id).state == JobState.CANCELLED
    assert credits_of(db, job.id) == {"reserve": 10, "capture": 4, "release": 6}


def test_a_cancel_that_comes_too_late_changes_nothing(db: Tables):
    ask(db)
    job = render(db)
    assert jobs.request_cancel(db, job_id=job.id, now=3) == JobState.RENDERED
    assert found(db, job.id) == job


def test_a_clip_finished_before_the_cancel_took_effect_is_delivered(db: Tables):
    ask(db)
    job = start(db)
    jobs.request_cancel(db, job_id=job.id, now=3)
    assert jobs.render_done(db, job_id=job.id, attempt=1, clip=CLIP, now=4)
    assert jobs.delivered(db, job_id=job.id, file_id=None, now=5)
    assert credits_of(db, job.id) == {"reserve": 10, "capture": 10}


@pytest.mark.parametrize(
    ("cost_tenths", "share", "captured"),
    [(10, 0.0, 0), (10, 0.04, 0), (10, 0.05, 1), (10, 0.99, 10), (10, 1.0, 10), (50, 0.29, 15)],
)
def test_the_share_rendered_is_captured_rounded_half_up(
    db: Tables, cost_tenths: int, share: float, captured: int
):
    ask(db, cost_tenths=cost_tenths)
    job = start(db)
    jobs.cancelled(db, job_id=job.id, attempt=1, rendered_share=share, now=5)
    assert credits_of(db, job.id).get("capture", 0) == captured


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_between_nothing_and_all(db: Tables, share: float):
    ask(db)
    job = start(db)
    with pytest.raises(ValueError, match="share"):
        jobs.cancelled(db, job_id=job.id, attempt=1, rendered_share=share, now=5)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE jobs SET state = 'queued', ended_at = NULL",
        "UPDATE jobs SET state = 'lost'",
        "DELETE FROM jobs",
    ],
)
def test_an_end_cannot_be_taken_back_by_anybody(db: Tables, statement: str):
    job = ask(db)
    jobs.fail(db, job_id=job.id, error="rejected", now=7)
    with pytest.raises(Exception, match=r"exactly one end|CHECK|never deleted"):
        db.execute(statement)
    assert found(db, job.id).state == JobState.FAILED
