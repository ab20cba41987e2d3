"""Pictures are kept for as long as a clip may be made of them."""

import pytest
from sqlite_utils import Database as Tables

from storage import clips, jobs, pictures
from storage.jobs import Job

from .examples import ask, found, render, start

PICTURE = b"a picture"


def picture_of(db: Tables, job: Job) -> bytes | None:
    assert job.picture is not None
    return pictures.get(db, job.picture)


def count(db: Tables) -> int:
    return int(db.execute("SELECT count(*) FROM pictures").fetchone()[0])


def test_the_same_picture_is_kept_once(db: Tables):
    first, second = ask(db, image=PICTURE), ask(db, image=PICTURE)
    assert first.picture == second.picture
    other = ask(db, image=b"another one")
    assert other.picture != first.picture
    assert count(db) == 2


def test_a_picture_stays_while_its_job_has_no_end(db: Tables):
    job = ask(db, image=PICTURE)
    for move in (
        lambda: None,
        lambda: start(db),
        lambda: jobs.requeue_running(db, bot_id=job.bot_id),
    ):
        move()
        assert pictures.forget_unneeded(db) == 0
        assert picture_of(db, job) == PICTURE


def test_a_picture_stays_while_its_clip_may_be_made_again_and_goes_with_it(db: Tables):
    ask(db, image=PICTURE)
    job = render(db)
    assert pictures.forget_unneeded(db) == 0
    assert jobs.delivered(db, job_id=job.id, file_id="video", now=1.0)
    assert pictures.forget_unneeded(db) == 0
    clips.delete(db, job_id=job.id, now=2.0)
    assert pictures.forget_unneeded(db) == 1
    assert picture_of(db, found(db, job.id)) is None


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_a_picture_of_no_clip_goes_with_its_job(db: Tables, end: str):
    job = ask(db, image=PICTURE)
    if end == "fail":
        jobs.fail(db, job_id=job.id, error="disk", now=1.0)
    else:
        jobs.request_cancel(db, job_id=job.id, now=1.0)
    assert pictures.forget_unneeded(db) == 1
    assert picture_of(db, job) is None


def test_of_all_pictures_one_can_be_forgotten(db: Tables):
    first, second = ask(db, image=PICTURE), ask(db, image=b"another one")
    assert first.picture
    assert second.picture
    assert not pictures.forget_if_unneeded(db, first.picture)
    for job in (first, second):
        jobs.request_cancel(db, job_id=job.id, now=1.0)
    assert pictures.forget_if_unneeded(db, first.picture)
    assert not pictures.forget_if_unneeded(db, first.picture)
    assert picture_of(db, second) == b"another one"


def test_a_picture_stays_for_the_one_job_of_two_that_needs_it(db: Tables):
    first, second = ask(db, image=PICTURE), ask(db, image=PICTURE)
    jobs.request_cancel(db, job_id=first.id, now=1.0)
    assert pictures.forget_unneeded(db) == 0
    assert picture_of(db, second) == PICTURE


def test_both_pictures_of_a_job_are_kept_and_go_with_it(db: Tables):
    job = ask(db, image=PICTURE, last_image=b"another one")
    assert job.pictures == (job.picture, job.last_picture)
    assert pictures.forget_unneeded(db) == 0
    assert [pictures.get(db, digest) for digest in job.pictures] == [PICTURE, b"another one"]
    assert found(db, job.id).request == job.request, "pictures are not read with every job"
    jobs.request_cancel(db, job_id=job.id, now=1.0)
    assert pictures.forget_unneeded(db) == 2


def test_a_last_picture_stays_while_another_job_starts_from_it(db: Tables):
    first, _ = ask(db, image=b"another one", last_image=PICTURE), ask(db, image=PICTURE)
    jobs.request_cancel(db, job_id=first.id, now=1.0)
    assert pictures.forget_unneeded(db) == 1
    assert first.last_picture is not None
    assert pictures.get(db, first.last_picture) == PICTURE
