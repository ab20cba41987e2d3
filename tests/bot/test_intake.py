import dataclasses

import pytest
from sqlite_utils import Database as Tables

from bot.intake import MOST_WAITING, Incoming, Rules, accept
from inference import catalog
from storage import jobs, outbox, people, quotas
from storage.database import open_in_memory
from storage.jobs import Job

RULES = Rules(model=catalog.find("builtin"), daily_tenths=100, admins=frozenset())
INCOMING = Incoming(
    bot_id=7,
    update_id=1,
    user_id=5,
    chat_id=5,
    chat_type="private",
    thread_id=None,
    message_id=10,
    language="en",
    now=1000.0,
)


@pytest.fixture
def db() -> Tables:
    tables = open_in_memory()
    people.see(
        tables, bot_id=7, user_id=5, username="ada", first_name="Ada", language_code="en", now=1.0
    )
    return tables


def send(db: Tables, number: int, text: str = "a cat", rules: Rules = RULES) -> Job | None:
    incoming = dataclasses.replace(INCOMING, update_id=number, message_id=number)
    return accept(db, incoming, rules, text, seed=number)


def answers(db: Tables) -> list[str]:
    pending = outbox.pending(db, bot_id=7, now=2000.0)
    return [str(row.payload["text"]) for row in pending]


def left_tenths(db: Tables) -> int:
    return quotas.quota(
        db, bot_id=7, user_id=5, default_daily_tenths=RULES.daily_tenths, now=1000.0
    ).left_tenths


def test_a_prompt_becomes_a_job_with_its_credits_reserved(db: Tables) -> None:
    job = send(db, 1, "a cat moves left")
    assert job is not None
    assert (job.request.prompt, job.cost_tenths, job.message_id) == ("a cat moves left", 10, 1)
    assert left_tenths(db) == 90
    assert answers(db) == []


def test_a_long_prompt_is_answered_with_its_length_and_costs_nothing(db: Tables) -> None:
    assert send(db, 1, "x" * 5000) is None
    assert "5,000 characters" in answers(db)[0]
    assert "199" in answers(db)[0]
    assert left_tenths(db) == 100
    assert jobs.counts(db, bot_id=7).get(jobs.JobState.QUEUED, 0) == 0


def test_a_person_waits_for_at_most_five_prompts(db: Tables) -> None:
    for number in range(1, MOST_WAITING + 1):
        assert send(db, number)
    assert send(db, MOST_WAITING + 1) is None
    assert "5 prompts waiting" in answers(db)[0]
    assert left_tenths(db) == 50


def test_without_credits_the_answer_says_when_the_next_returns(db: Tables) -> None:
    rules = dataclasses.replace(RULES, daily_tenths=15)
    assert send(db, 1, rules=rules)
    assert send(db, 2, rules=rules) is None
    assert "0.5 credits left" in answers(db)[0]
    assert "returns in 24 hours" in answers(db)[0] or "returns in 1 day" in answers(db)[0]


def test_a_blocked_person_is_told_so_and_pays_nothing(db: Tables) -> None:
    people.set_blocked(db, bot_id=7, user_id=5, blocked=True, now=2.0)
    assert send(db, 1) is None
    assert "blocked" in answers(db)[0]
    assert left_tenths(db) == 100


def test_in_a_group_the_answer_is_a_reply_in_the_same_topic(db: Tables) -> None:
    incoming = dataclasses.replace(
        INCOMING, chat_id=-9, chat_type="supergroup", thread_id=3, message_id=44
    )
    assert accept(db, incoming, RULES, "", seed=1) is None
    (row,) = outbox.pending(db, bot_id=7, now=2000.0)
    assert (row.chat_id, row.payload["reply_to"], row.payload["message_thread_id"]) == (-9, 44, 3)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a cat --foo", "There is no option --foo; there are --ar"),
        ("a cat --ar 1:1 --ar 1:1", "--ar stands there twice"),
        ("a cat —seed", "--seed needs a value"),
        ("a cat --seed 4294967296", "from 0 to 4294967295"),
        ("a cat --seconds 10", "--seconds can only be 5"),
        ("a cat --ar 21:9", "--ar can be 1:1, 16:9, 9:16"),
        ("a cat --model wan2.2-ti2v-5b", "--model can only be builtin"),
        ("a cat --no dogs", "--no has no effect"),
        ("a cat --steps most", "--steps can be draft, standard, best"),
        ("--steps draft", "Write what the video shall show"),
        ("a cat --no " + "x" * 4989, "--no has no effect"),
        ("--a" * 1667, "There is no option --a--a"),
    ],
)
def test_an_impossible_option_is_answered_and_neither_stored_nor_charged(
    text: str, part: str, db: Tables
) -> None:
    assert send(db, 1, text) is None
    (said,) = answers(db)
    assert part in said
    assert len(said) < 200
    assert db["jobs"].count == db["ledger"].count == 0


def test_options_are_stored_with_the_job_and_change_its_price(db: Tables) -> None:
    draft = send(db, 1, "a cat --steps draft --ar 16:9 --seed 42")
    assert draft is not None
    request = jobs.get(db, draft.id).request  # type: ignore[union-attr]
    assert (request.prompt, request.aspect_ratio, request.seed) == ("a cat", "16:9", 42)
    assert (request.steps, draft.cost_tenths, left_tenths(db)) == (2, 3, 97)
    best = send(db, 2, "a cat --steps best")
    assert best is not None
    assert (best.request.steps, best.cost_tenths, left_tenths(db)) == (16, 20, 77)


def test_the_last_tenths_of_a_credit_are_enough_for_a_draft(db: Tables) -> None:
    rules = dataclasses.replace(RULES, daily_tenths=3)
    assert send(db, 1, rules=rules) is None
    assert send(db, 2, "a cat --steps draft", rules=rules)


@pytest.mark.parametrize(("seconds", "tenths"), [(0.5, 10), (5, 10), (5.1, 20), (10, 20), (11, 30)])
def test_each_five_seconds_begun_cost_one_credit(seconds: float, tenths: int) -> None:
    assert RULES.cost_tenths(seconds) == tenths


@pytest.mark.parametrize(("seconds", "draft", "best"), [(5, 3, 20), (5.1, 6, 40), (10, 6, 40)])
def test_a_draft_costs_three_tenths_and_the_best_twice_the_price(
    seconds: float, draft: int, best: int
) -> None:
    for model in catalog.CATALOG.values():
        rules = dataclasses.replace(RULES, model=model)
        assert rules.cost_tenths(seconds, catalog.level_steps(model, "draft")) == draft
        assert rules.cost_tenths(seconds, catalog.level_steps(model, "best")) == best
        assert rules.cost_tenths(seconds, model.steps) == rules.cost_tenths(seconds)
