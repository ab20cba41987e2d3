"""Old jobs keep numbers and lose words, and only once they have ended."""

from sqlite_utils import Database as Tables

from storage import clips, jobs, quotas, retention, statistics

from .examples import ADA, BOT, CLIP, ask, found, render, start


def expire(db: Tables, before: float, limit: int = 200) -> tuple[int, list[str]]:
    return retention.expire(db, bot_id=BOT, before=before, now=1000.0, limit=limit)


def deliver(db: Tables, now: float) -> int:
    ask(db, prompt="a secret wish", image=b"\x89PNG", now=now)
    job = render(db, now=now)
    jobs.delivered(db, job_id=job.id, file_id="file", now=now)
    return job.id


def test_what_ended_long_ago_loses_prompt_picture_and_file_and_keeps_its_numbers(db: Tables):
    old, young = deliver(db, 10.0), deliver(db, 500.0)
    numbers = (
        statistics.since(db, bot_id=BOT, since=0),
        quotas.quota(db, bot_id=BOT, user_id=ADA, default_daily_tenths=100, now=600.0),
        clips.usual_seconds(db, bot_id=BOT, model="builtin", shape=""),
    )
    assert expire(db, before=100.0) == (1, [CLIP.path])
    assert "secret" not in str(next(row for row in db["jobs"].rows if row["id"] == old))
    job = found(db, old)
    assert (job.request.prompt, job.request.image, job.forgotten_at) == ("", None, 1000.0)
    assert found(db, young).request.prompt == "a secret wish"
    assert len(clips.paths(db)) == 1
    # Telegram still has it, and so the chat.
    kept = clips.of_job(db, old)
    assert kept is not None
    assert kept.file_id == "file"
    assert numbers == (
        statistics.since(db, bot_id=BOT, since=0),
        quotas.quota(db, bot_id=BOT, user_id=ADA, default_daily_tenths=100, now=600.0),
        clips.usual_seconds(db, bot_id=BOT, model="builtin", shape=""),
    )


def test_what_waits_runs_or_is_to_be_delivered_is_kept_however_old(db: Tables):
    ask(db, now=0.0)
    render(db)
    ask(db, now=0.0)
    start(db)
    ask(db, now=0.0)
    assert expire(db, before=10**9) == (0, [])


def test_a_job_is_emptied_once_and_many_are_emptied_bit_by_bit(db: Tables):
    for now in range(5):
        deliver(db, float(now))
    assert [expire(db, 100.0, limit=2)[0] for _ in range(4)] == [2, 2, 1, 0]


def test_a_clip_that_was_deleted_has_no_file_to_remove(db: Tables):
    clips.delete(db, job_id=deliver(db, 1.0), now=2.0)
    assert expire(db, before=100.0) == (1, [])


def test_another_bots_jobs_are_its_own(db: Tables):
    deliver(db, 1.0)
    assert retention.expire(db, bot_id=8, before=100.0, now=1000.0) == (0, [])


def test_an_emptied_request_is_still_one_and_its_picture_goes(db: Tables):
    ask(db, prompt="a cat", image=b"dark", steps=2)
    (job,) = jobs.unfinished_of(db, bot_id=BOT, user_id=ADA)
    retention.empty(db, [job], now=9)
    request = found(db, job.id).request
    assert (request.prompt, request.seed, request.steps, request.model) == ("", 0, 2, "builtin")
    assert list(db["pictures"].rows) == []
