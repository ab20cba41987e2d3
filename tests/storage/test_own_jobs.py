"""Which jobs one person may list and look up."""

from sqlite_utils import Database as Tables

from storage import clips, jobs
from storage.jobs import Job

from .examples import ADA, BO, BOT, GROUP, ask, render, start


def by_id(db: Tables, user_id: int, chat_id: int, begins: str) -> int | None:
    job = jobs.by_id(db, bot_id=BOT, user_id=user_id, chat_id=chat_id, begins=begins)
    return job.id if job else None


def test_an_id_finds_ones_own_everywhere_and_others_in_the_same_chat_only(db: Tables):
    secret = ask(db, user_id=BO)
    shared = ask(db, user_id=BO, chat_id=GROUP)
    for digits in (6, 16):
        assert by_id(db, BO, GROUP, secret.token[:digits]) == secret.id
        assert by_id(db, ADA, GROUP, secret.token[:digits]) is None
        assert by_id(db, ADA, GROUP, shared.token[:digits]) == shared.id
        assert by_id(db, ADA, ADA, shared.token[:digits]) is None


def test_of_two_that_begin_alike_the_newer_is_found_and_a_hidden_one_does_not_stand_before(
    db: Tables,
):
    tokens = {
        ask(db).id: "abcdef0000000001",
        ask(db).id: "abcdef0000000000",
        ask(db, user_id=BO).id: "abcdeffffffffffe",
    }
    for job_id, token in tokens.items():
        db.execute("UPDATE jobs SET token = ? WHERE id = ?", [token, job_id])
    assert by_id(db, ADA, ADA, "abcdef") == 2
    assert by_id(db, ADA, ADA, "abcdef0000000001") == 1


def test_latest_clips_are_delivered_ones_newest_first(db: Tables):
    made = []
    for number in range(5):
        ask(db, chat_id=(ADA, GROUP)[number % 2])
        made.append(render(db).id)
        jobs.delivered(db, job_id=made[-1], file_id=None, now=number)
    jobs.fail(db, job_id=ask(db).id, error="disk", now=9)
    ask(db)

    def latest(chat_id: int | None) -> list[int]:
        found = jobs.latest_clips_of(db, bot_id=BOT, user_id=ADA, chat_id=chat_id, limit=3)
        return [job.id for job in found]

    assert latest(None) == made[:1:-1]
    assert latest(GROUP) == [made[3], made[1]]


def test_a_deleted_clip_is_listed_no_more(db: Tables):
    ask(db)
    job = render(db)
    jobs.delivered(db, job_id=job.id, file_id="file", now=1.0)
    who = {"bot_id": BOT, "user_id": ADA, "limit": 3}
    assert [found.id for found in jobs.latest_clips_of(db, **who)] == [job.id]
    clips.delete(db, job_id=job.id, now=2.0)
    assert jobs.latest_clips_of(db, **who) == []


def test_a_second_cancel_is_for_another_job_than_the_one_that_is_being_stopped(db: Tables):
    first, second = ask(db), ask(db)
    for job in (start(db), start(db)):
        assert job.id in {first.id, second.id}
    in_chat = {"bot_id": BOT, "user_id": ADA, "chat_id": ADA}

    def cancel_newest() -> int:
        job = jobs.newest_unfinished_of(db, **in_chat)
        assert job is not None
        jobs.request_cancel(db, job_id=job.id, now=1.0)
        return job.id

    assert [cancel_newest() for _ in range(3)] == [second.id, first.id, second.id]


def test_the_same_words_on_another_picture_are_another_clip(db: Tables):
    with_one, with_other, without = ask(db, image=b"one"), ask(db, image=b"other"), ask(db)

    def is_under_way(job: Job) -> bool:
        return jobs.is_under_way(db, chat_id=ADA, like=job, request=job.request)

    for job in (with_one, without):
        jobs.request_cancel(db, job_id=job.id, now=1.0)
    assert [is_under_way(job) for job in (with_one, with_other, without)] == [False, True, False]
    render(db)
    assert is_under_way(with_other), "not in the chat yet"
    jobs.delivered(db, job_id=with_other.id, file_id=None, now=2.0)
    assert not is_under_way(with_other)


def test_a_clip_that_is_being_stopped_is_not_on_its_way(db: Tables):
    ask(db)
    job = start(db)
    jobs.request_cancel(db, job_id=job.id, now=1.0)
    assert not jobs.is_under_way(db, chat_id=ADA, like=job, request=job.request)
