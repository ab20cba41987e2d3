"""Cards: what the chat shows beside what it should show."""

from sqlite_utils import Database as Tables

from storage import jobs

from .examples import ADA, BO, BOT, CLEO, NEWCOMER, ask, found, render


def test_a_card_is_open_until_it_shows_the_end(db: Tables):
    first, second = ask(db).id, ask(db).id
    assert [job.id for job in jobs.open_cards(db, bot_id=BOT, limit=10)] == [first, second]
    jobs.fail(db, job_id=first, error="rejected", now=1)
    assert [job.id for job in jobs.open_cards(db, bot_id=BOT, limit=10)] == [first, second]
    jobs.card_finished(db, job_id=first, shown="the end")
    assert [job.id for job in jobs.open_cards(db, bot_id=BOT, limit=10)] == [second]
    assert (found(db, first).card_done, found(db, first).card_shown) == (True, "the end")


def test_open_cards_are_the_oldest_up_to_the_limit(db: Tables):
    asked = [ask(db).id for _ in range(5)]
    ask(db, bot_id=8)
    assert [job.id for job in jobs.open_cards(db, bot_id=BOT, limit=2)] == asked[:2]


def test_a_card_remembers_its_message_and_what_it_shows(db: Tables):
    job_id = ask(db).id
    jobs.card_sent(db, job_id=job_id, message_id=77, shown="1st in line")
    jobs.card_shown(db, job_id=job_id, shown="step 3", picture="")
    job = found(db, job_id)
    assert (job.card_message_id, job.card_shown, job.card_done) == (77, "step 3", False)


def test_a_lost_card_is_none_until_another_is_sent(db: Tables):
    job_id = ask(db).id
    jobs.card_sent(db, job_id=job_id, message_id=77, shown="1st in line")
    jobs.card_shown(db, job_id=job_id, shown="step 3", picture="a cat")
    assert found(db, job_id).card_picture == "a cat"
    jobs.card_lost(db, job_id=job_id)
    job = found(db, job_id)
    assert (job.card_message_id, job.card_shown, job.card_picture) == (None, "", "")


def test_the_card_of_a_delivered_job_is_done(db: Tables):
    ask(db)
    jobs.delivered(db, job_id=render(db).id, file_id=None, now=1)
    assert jobs.open_cards(db, bot_id=BOT, limit=10) == []


def test_cards_that_press_are_those_never_sent_and_those_of_jobs_that_do_more_than_wait(db: Tables):
    waits, new, elsewhere, failed, runs = (
        ask(db, user_id=user).id for user in (ADA, BO, CLEO, NEWCOMER, 77)
    )
    for job_id in (waits, failed, runs):
        jobs.card_sent(db, job_id=job_id, message_id=job_id, shown="1st in line")
    jobs.fail(db, job_id=failed, error="rejected", now=1)
    db.execute(
        "UPDATE jobs SET state = 'running', lease_until = 9, started_at = 1 WHERE id = ?", [runs]
    )
    assert pressing(db) == [runs, new, elsewhere, failed]
    assert pressing(db, resting=[CLEO, 77]) == [runs, new, failed]
    assert pressing(db, limit=1) == [runs, new]
    jobs.card_finished(db, job_id=failed, shown="the end")
    assert pressing(db, resting=[BO]) == [runs, elsewhere]


def pressing(db: Tables, resting: list[int] | None = None, limit: int = 9) -> list[int]:
    found = jobs.pressing_cards(db, bot_id=BOT, resting=resting or [], limit=limit)
    return [job.id for job in found]
