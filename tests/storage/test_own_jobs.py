"""Which jobs one person may list and look up."""

from sqlite_utils import Database as Tables

from storage import jobs

from .examples import ADA, BO, BOT, GROUP, ask, render


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
