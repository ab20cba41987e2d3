"""Turns in line, one case at a time; tests/storage/test_fairness.py has the laws."""

from collections import Counter
from functools import partial

import pytest
from sqlite_utils import Database as Tables

from storage import chats, jobs, people

from .examples import (
    ADA,
    BO,
    BOT,
    CLEO,
    CLUB,
    GROUP,
    ask,
    ask_many,
    credits_of,
    found,
    render,
    start,
    weigh,
)


def test_ten_prompts_of_one_do_not_delay_another_wherever_they_are(db: Tables):
    ten = [*ask_many(db, ADA, 5, chat_id=GROUP), *ask_many(db, ADA, 5)]
    in_group, elsewhere = ask(db, user_id=BO, chat_id=GROUP).id, ask(db, user_id=CLEO).id
    assert list(jobs.places(db, bot_id=BOT)) == [ten[0], elsewhere, in_group, *ten[1:]]


def test_ten_people_in_a_group_do_not_delay_somebody_alone(db: Tables):
    group = [ask(db, user_id=2000 + number, chat_id=GROUP).id for number in range(10)]
    alone = ask(db, user_id=ADA).id
    assert list(jobs.places(db, bot_id=BOT)) == [group[0], alone, *group[1:]]


def test_what_somebody_had_before_all_was_idle_is_not_held_against_them(db: Tables):
    ask_many(db, ADA, 5)
    for _ in range(5):
        render(db)
    first, second = ask(db, user_id=ADA).id, ask(db, user_id=BO).id
    assert list(jobs.places(db, bot_id=BOT)) == [first, second]


def test_who_is_served_already_lets_another_go_first(db: Tables):
    ask_many(db, ADA, 1)
    start(db)
    second, other = ask(db, user_id=ADA).id, ask(db, user_id=BO).id
    assert list(jobs.places(db, bot_id=BOT)) == [other, second]


def test_a_clip_that_costs_twice_as_much_takes_two_turns(db: Tables):
    dear = [ask(db, user_id=ADA, cost_tenths=20).id for _ in range(3)]
    cheap = ask_many(db, BO, 5)
    assert list(jobs.places(db, bot_id=BOT)) == [
        *(dear[0], cheap[0], cheap[1]),
        *(dear[1], cheap[2], cheap[3]),
        *(dear[2], cheap[4]),
    ]


def test_who_comes_late_has_no_turns_to_make_up_for(db: Tables):
    ask_many(db, ADA, 20)
    for _ in range(10):
        start(db)
    ask_many(db, BO, 10)
    served = [start(db).user_id for _ in range(20)]
    assert served.count(ADA) == 10
    assert abs(served[:10].count(ADA) - served[:10].count(BO)) <= 1


def test_a_prompt_cancelled_while_it_waited_takes_no_turn(db: Tables):
    ask(db, user_id=CLEO)
    for job_id in ask_many(db, ADA, 4):
        jobs.request_cancel(db, job_id=job_id, now=1)
    first, second = ask(db, user_id=ADA).id, ask(db, user_id=BO).id
    assert list(jobs.places(db, bot_id=BOT))[1:] == [first, second]


def test_a_prompt_cancelled_while_it_ran_has_had_its_turn(db: Tables):
    ask(db, user_id=ADA)
    ask(db, user_id=CLEO)
    running = start(db)
    jobs.cancelled(db, job_id=running.id, attempt=1, rendered_share=0.99, now=1)
    again, other = ask(db, user_id=ADA).id, ask(db, user_id=BO).id
    assert list(jobs.places(db, bot_id=BOT))[1:] == [other, again]


def test_a_job_that_waits_again_keeps_its_turn(db: Tables):
    lost, *others = ask_many(db, ADA, 2) + ask_many(db, BO, 2)
    assert start(db).id == lost
    jobs.requeue_running(db, bot_id=BOT)
    assert start(db).id == lost
    jobs.worker_failed(db, job_id=lost, attempt=2, error="worker", now=1)
    places = jobs.places(db, bot_id=BOT)
    assert list(places) == [lost, others[1], others[0], others[2]]
    # Their places have become worse, and it is known why.
    standings = jobs.standings(db, bot_id=BOT, job_ids=[*places])
    assert all(standing.begun_again for standing in standings.values())
    start(db)
    standings = jobs.standings(db, bot_id=BOT, job_ids=[*places])
    assert not any(standing.begun_again for standing in standings.values())


def test_each_bot_has_a_line_of_its_own(db: Tables):
    for _ in range(3):
        ask(db)
        start(db)
    ask(db)
    assert ask(db, bot_id=8, user_id=BO).id in jobs.places(db, bot_id=8)
    rows = list(db.query("SELECT round FROM jobs WHERE bot_id = 8"))
    assert rows == [{"round": 0}]


def test_those_whom_a_later_prompt_passed_are_known():
    assert jobs.passed({}) == set()
    assert jobs.passed({1: 1, 2: 2, 5: 3}) == set()
    assert jobs.passed({1: 1, 4: 2, 2: 3, 3: 4, 5: 5}) == {2, 3}


def test_twice_the_weight_is_twice_the_clips(db: Tables):
    weigh(db, {ADA: 2})
    ask_many(db, BO, 30)
    ask_many(db, ADA, 30)
    assert Counter(start(db).user_id for _ in range(30)) == {ADA: 20, BO: 10}


def test_a_group_can_have_a_weight_too(db: Tables):
    weigh(db, {GROUP: 3})
    ask_many(db, ADA, 30)
    ask_many(db, BO, 30, chat_id=GROUP)
    assert Counter(start(db).user_id for _ in range(40)) == {ADA: 10, BO: 30}


def test_a_group_of_more_weight_has_more_turns_in_a_round(db: Tables):
    weigh(db, {GROUP: 2})
    club = [ask(db, user_id=2000 + number, chat_id=CLUB).id for number in range(3)]
    group = [ask(db, user_id=3000 + number, chat_id=GROUP).id for number in range(4)]
    order = [club[0], group[0], group[1], club[1], group[2], group[3], club[2]]
    assert list(jobs.places(db, bot_id=BOT)) == order


@pytest.mark.parametrize("weight", [0.0, 0.09, -1.0, 10.1, float("inf"), float("nan")])
def test_a_weight_that_would_starve_somebody_is_refused(db: Tables, weight: float):
    with pytest.raises(ValueError, match="weight"):
        people.set_weight(db, bot_id=BOT, user_id=ADA, weight=weight)
    with pytest.raises(ValueError, match="weight"):
        chats.set_weight(db, bot_id=BOT, chat_id=GROUP, weight=weight)


def test_standings_are_places_in_line_and_tell_whom_a_later_job_has_passed(db: Tables):
    ask_many(db, ADA, 4)
    ask_many(db, BO, 3)
    start(db)
    places = jobs.places(db, bot_id=BOT)
    passed = jobs.passed(places)
    standings = jobs.standings(db, bot_id=BOT, job_ids=[*places, 10**6])
    assert {job_id: standing.place for job_id, standing in standings.items()} == places
    assert {job_id for job_id, standing in standings.items() if standing.passed} == passed != set()
    last = list(places)[-1]
    assert jobs.standings(db, bot_id=BOT, job_ids=[last]) == {last: standings[last]}
    assert [job.id for job in jobs.front(db, bot_id=BOT, model="builtin", limit=3)] == list(places)[
        :3
    ]


def test_each_model_has_a_line_of_its_own_with_its_own_turns(db: Tables):
    many = [ask(db, model="quick", user_id=BO).id for _ in range(3)]
    for _ in many[:2]:
        assert claim_of(db, "quick")
    first = ask(db, user_id=BO).id
    later = ask(db, user_id=CLEO).id
    again = ask(db, user_id=BO).id
    # Neither what they had of another model nor its clock holds anybody back here.
    assert jobs.places(db, bot_id=BOT) == {many[2]: 1, first: 1, later: 2, again: 3}
    standings = jobs.standings(db, bot_id=BOT, job_ids=[many[2], again])
    assert {job_id: standing.place for job_id, standing in standings.items()} == {
        many[2]: 1,
        again: 3,
    }
    assert [job.id for job in jobs.front(db, bot_id=BOT, model="quick", limit=9)] == [many[2]]
    assert jobs.unfinished(db, bot_id=BOT, models=("quick", "builtin", "none")) == {
        "quick": 3,
        "builtin": 3,
        "none": 0,
    }
    due = partial(jobs.is_due, db, bot_id=BOT, model="builtin", now=1)
    assert due()
    assert [claim_of(db, "builtin") for _ in range(4)] == [first, later, again, None]
    assert not due()


def claim_of(db: Tables, model: str) -> int | None:
    job = jobs.claim(db, bot_id=BOT, model=model, now=0, lease_seconds=60)
    return job.id if job else None


def test_what_waits_for_a_model_that_is_not_served_ends_with_its_credits_back(db: Tables):
    gone, kept, begun = ask(db, model="old"), ask(db), ask(db, model="old", user_id=BO)
    assert claim_of(db, "old") == gone.id
    assert jobs.fail_unserved(db, bot_id=BOT, served=("builtin",), now=5) == 1
    assert credits_of(db, begun.id) == {"reserve": 10, "release": 10}
    jobs.requeue_running(db, bot_id=BOT)
    assert jobs.fail_unserved(db, bot_id=BOT, served=("builtin",), now=6) == 1
    assert (found(db, gone.id).state, found(db, gone.id).error) == ("failed", "unserved")
    assert found(db, kept.id).state == "queued"
