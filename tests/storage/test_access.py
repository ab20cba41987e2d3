"""Who is let in: by an admin, by an invitation, or because they were there before."""

import pytest
from sqlite_utils import Database as Tables

from storage import access, jobs

from .examples import ADA, BO, BOT, CLEO, ask, start


def admitted(db: Tables, user_id: int, bot_id: int = BOT) -> bool:
    return access.is_admitted(db, bot_id=bot_id, user_id=user_id)


def redeem(db: Tables, user_id: int, code: str, bot_id: int = BOT) -> bool:
    return access.redeem(db, bot_id=bot_id, user_id=user_id, code=code, now=5)


def test_whoever_is_admitted_is_in_once_and_for_one_bot(db: Tables):
    assert not admitted(db, ADA)
    assert access.admit(db, bot_id=BOT, user_id=ADA, now=1)
    assert not access.admit(db, bot_id=BOT, user_id=ADA, now=2)
    assert admitted(db, ADA)
    assert not admitted(db, ADA, bot_id=8)
    assert not admitted(db, BO)


def test_a_prompt_accepted_before_counts_and_one_withdrawn_does_not(db: Tables):
    waiting = ask(db, user_id=ADA)
    assert admitted(db, ADA)
    jobs.request_cancel(db, job_id=waiting.id, now=1)
    assert not admitted(db, ADA)
    rendered = ask(db, user_id=BO)
    start(db)
    jobs.fail(db, job_id=rendered.id, error="worker", now=2)
    assert admitted(db, BO)


def test_the_waiting_list_keeps_its_order_however_often_people_ask(db: Tables):
    for now, user_id in enumerate((CLEO, ADA, BO, CLEO, ADA)):
        access.ask(db, bot_id=BOT, user_id=user_id, now=now)
    assert access.waiting(db, bot_id=BOT, limit=9) == [CLEO, ADA, BO]
    assert access.waiting(db, bot_id=BOT, limit=2) == [CLEO, ADA]
    assert access.place(db, bot_id=BOT, user_id=BO) == 3
    access.admit(db, bot_id=BOT, user_id=CLEO, now=9)
    assert access.place(db, bot_id=BOT, user_id=BO) == 2
    assert access.place(db, bot_id=BOT, user_id=CLEO) is None
    assert access.place(db, bot_id=BOT, user_id=77) is None
    assert access.count_waiting(db, bot_id=BOT) == 2
    access.ask(db, bot_id=BOT, user_id=CLEO, now=10)
    assert admitted(db, CLEO)


def test_a_code_lets_in_one_person_once(db: Tables):
    access.invite(db, bot_id=BOT, codes=["one", "two"], made_by=CLEO, now=1)
    assert not redeem(db, ADA, "three")
    assert not redeem(db, ADA, "one", bot_id=8)
    assert redeem(db, ADA, "one")
    assert not redeem(db, BO, "one")
    assert not redeem(db, ADA, "one")
    assert (admitted(db, ADA), admitted(db, BO)) == (True, False)
    assert redeem(db, BO, "two")


@pytest.mark.parametrize("code", ["", "x" * 5000, "\ud800", "' OR 1=1 --", "邀请"])
def test_a_hostile_code_lets_nobody_in(db: Tables, code: str):
    access.invite(db, bot_id=BOT, codes=["one"], made_by=CLEO, now=1)
    assert not redeem(db, ADA, code)
    assert not admitted(db, ADA)


def test_codes_are_not_kept_as_they_are(db: Tables):
    access.invite(db, bot_id=BOT, codes=["secret-code"], made_by=CLEO, now=1)
    redeem(db, ADA, "secret-code")
    assert "secret-code" not in str(list(db.query("SELECT * FROM invitations")))
