"""People: known by id, found by the names that the bot has seen."""

import pytest
from sqlite_utils import Database as Tables

from storage import people
from storage.people import Person

from .examples import ADA, BO, BOT


def see(
    db: Tables, user_id: int, username: str | None, *, now: float = 0.0, bot_id: int = BOT
) -> Person:
    return people.see(
        db,
        bot_id=bot_id,
        user_id=user_id,
        username=username,
        first_name="小波",
        language_code="zh-hans",
        now=now,
    )


def test_a_person_seen_is_known(db: Tables):
    person = see(db, ADA, "ada", now=5)
    assert person == Person(
        bot_id=BOT,
        user_id=ADA,
        username="ada",
        first_name="小波",
        language="",
        language_code="zh-hans",
        daily_tenths=None,
        blocked_at=None,
        first_seen_at=5,
        weight=1.0,
    )
    assert people.get(db, bot_id=BOT, user_id=ADA) == person
    assert people.get(db, bot_id=8, user_id=ADA) is None


def test_a_person_seen_again_keeps_what_was_chosen_for_them(db: Tables):
    see(db, ADA, "ada", now=5)
    people.set_blocked(db, bot_id=BOT, user_id=ADA, blocked=True, now=6)
    people.set_daily(db, bot_id=BOT, user_id=ADA, daily_tenths=70)
    people.set_language(db, bot_id=BOT, user_id=ADA, language="en")
    people.set_weight(db, bot_id=BOT, user_id=ADA, weight=2)
    person = see(db, ADA, "ada_new", now=9)
    assert person.first_seen_at == 5
    assert (person.blocked_at, person.daily_tenths, person.language) == (6, 70, "en")
    assert person.weight == 2
    assert person.username == "ada_new"


@pytest.mark.parametrize("who", [ADA, str(ADA), f" {ADA} ", "@Ada", "@aDA", "ada"])
def test_a_person_is_found_by_id_and_by_name(db: Tables, who: int | str):
    person = see(db, ADA, "Ada")
    assert people.find(db, bot_id=BOT, who=who) == person


@pytest.mark.parametrize("who", ["", "@", "@nobody", "-1", "7" * 400, 2**70, "٣", "@a'; --"])
def test_nobody_is_found_by_anything_else(db: Tables, who: int | str):
    see(db, ADA, "Ada")
    see(db, BO, None)
    assert people.find(db, bot_id=BOT, who=who) is None


def test_a_name_that_moved_belongs_to_who_carries_it_now(db: Tables):
    see(db, ADA, "Star")
    see(db, BO, "star")
    found = people.find(db, bot_id=BOT, who="@STAR")
    assert found is not None
    assert found.user_id == BO
    ada = people.get(db, bot_id=BOT, user_id=ADA)
    assert ada is not None
    assert ada.username is None


def test_a_name_is_each_bots_own(db: Tables):
    see(db, ADA, "star")
    see(db, BO, "star", bot_id=8)
    assert people.find(db, bot_id=BOT, who="star") == people.get(db, bot_id=BOT, user_id=ADA)


def test_an_admin_may_act_on_somebody_never_seen(db: Tables):
    people.set_daily(db, bot_id=BOT, user_id=ADA, daily_tenths=70)
    people.set_blocked(db, bot_id=BOT, user_id=BO, blocked=True, now=6)
    person = people.get(db, bot_id=BOT, user_id=ADA)
    assert person is not None
    assert (person.daily_tenths, person.first_seen_at) == (70, None)
    assert people.count(db, bot_id=BOT) == 0
    assert see(db, BO, "bo", now=9).blocked_at == 6
    assert people.count(db, bot_id=BOT) == 1


def test_a_person_is_blocked_since_the_first_block_and_let_in_again(db: Tables):
    for now in (6, 7):
        people.set_blocked(db, bot_id=BOT, user_id=ADA, blocked=True, now=now)
    assert see(db, ADA, None).blocked_at == 6
    people.set_blocked(db, bot_id=BOT, user_id=ADA, blocked=False, now=8)
    assert see(db, ADA, None).blocked_at is None


def test_an_allowance_is_not_negative(db: Tables):
    with pytest.raises(ValueError, match="-1"):
        people.set_daily(db, bot_id=BOT, user_id=ADA, daily_tenths=-1)
