import dataclasses
from typing import Any

import pytest
from sqlite_utils import Database as Tables
from structlog.testing import capture_logs

from bot.incoming import SILENT_SECONDS, Incoming
from bot.intake import accept
from bot.rules import Rules
from bot.screening.screen import Screen
from inference import catalog
from inference.values import Request
from storage import jobs, outbox, people, quotas
from storage.database import open_in_memory
from storage.jobs import Job

RULES = Rules(
    model=catalog.find("builtin"),
    daily_tenths=100,
    waiting_a_person=5,
    waiting_a_chat=20,
    admins=frozenset(),
    screen=Screen(["broccoli", "西兰花"]),
)
GROUP = -9
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
    person=None,
)


@pytest.fixture
def db() -> Tables:
    tables = open_in_memory()
    people.see(
        tables, bot_id=7, user_id=5, username="ada", first_name="Ada", language_code="en", now=1.0
    )
    return tables


def send(
    db: Tables, number: int, text: str = "a cat", rules: Rules = RULES, **changes: Any
) -> Job | None:
    changes = {"update_id": number, "message_id": number} | changes
    incoming = dataclasses.replace(INCOMING, **changes)
    person = people.get(db, bot_id=incoming.bot_id, user_id=incoming.user_id)
    incoming = dataclasses.replace(incoming, person=person)
    return accept(db, incoming, rules, text, seed=number)


def send_in_group(db: Tables, number: int, rules: Rules = RULES, **changes: Any) -> Job | None:
    return send(
        db, number, rules=rules, **({"chat_id": GROUP, "chat_type": "supergroup"} | changes)
    )


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


@pytest.mark.parametrize("text", ["a cat eats br0c-c0li", "B R O C C O L I", "猫吃西 兰 花"])
def test_a_prompt_with_a_listed_word_is_refused_and_costs_nothing(db: Tables, text: str) -> None:
    with capture_logs() as logs:
        assert send(db, 1, text) is None
    (answer,) = answers(db)
    assert "not allowed here. Nothing was charged." in answer
    # The person is not taught the list, nor the operator the prompt.
    entry = "西兰花" if "花" in text else "broccoli"
    assert entry not in answer
    assert [(line["log_level"], line["entry"]) for line in logs] == [("info", entry)]
    assert text not in str(logs)
    assert left_tenths(db) == 100
    assert jobs.counts(db, bot_id=7).get(jobs.JobState.QUEUED, 0) == 0
    assert send(db, 2, "a cat eats brocc") is not None


def test_a_person_waits_for_at_most_five_prompts(db: Tables) -> None:
    for number in range(1, 6):
        assert send(db, number)
    assert send(db, 6) is None
    assert "5 prompts waiting" in answers(db)[0]
    assert left_tenths(db) == 50


def test_a_chat_waits_for_at_most_so_many_prompts_of_all_its_people(db: Tables) -> None:
    rules = dataclasses.replace(RULES, waiting_a_chat=2)
    assert send_in_group(db, 1, rules, user_id=5)
    assert send_in_group(db, 2, rules, user_id=6)
    assert send_in_group(db, 3, rules, user_id=8, language="zh") is None
    assert answers(db) == ["这个聊天已有 2 个提示词在等待。请等其中一个完成后再发。"]
    assert send(db, 4, rules=rules), "one's private chat is another"


def test_a_flood_of_prompts_gets_one_notice_and_then_silence(db: Tables) -> None:
    rules = dataclasses.replace(RULES, waiting_a_person=1)
    for number in range(1, 100):
        send(db, number, rules=rules, now=1000.0 + number / 2)
    assert answers(db) == ["You have 1 prompt waiting already. Wait for it, or /cancel it."]
    assert left_tenths(db) == 90


def test_the_silence_ends_after_a_while_and_begins_anew(db: Tables) -> None:
    rules = dataclasses.replace(RULES, waiting_a_person=1)
    send(db, 1, rules=rules)
    heard = []
    for number in range(2, 200):
        before = len(answers(db))
        send(db, number, rules=rules, now=1000.0 + number)
        if len(answers(db)) > before:
            heard.append(number)
    assert heard == [2, 62, 122, 182]
    assert SILENT_SECONDS == 60


def test_a_clock_that_was_set_back_silences_nobody(db: Tables) -> None:
    rules = dataclasses.replace(RULES, daily_tenths=0)
    send(db, 1, rules=rules, now=1000.0)
    send(db, 2, rules=rules, now=500.0)
    assert len(answers(db)) == 2


def test_each_reason_person_and_chat_has_its_own_notice(db: Tables) -> None:
    none = dataclasses.replace(RULES, daily_tenths=0)
    one = dataclasses.replace(RULES, waiting_a_person=1)
    full = dataclasses.replace(RULES, waiting_a_chat=1)
    for number in range(0, 60, 10):
        send(db, number, rules=none)
        send_in_group(db, number + 1, none)
        send_in_group(db, number + 2, none, user_id=55)
        send_in_group(db, number + 3, full, user_id=6)
        send_in_group(db, number + 4, one, user_id=6)
    said = answers(db)
    assert [
        sum(part in text for text in said) for part in ("costs", "This chat", "You have 1")
    ] == [
        3,
        1,
        1,
    ]
    assert len(said) == 5


def test_a_blocked_person_who_goes_on_is_told_once(db: Tables) -> None:
    people.set_blocked(db, bot_id=7, user_id=5, blocked=True, now=2.0)
    for number in range(1, 10):
        assert send(db, number) is None
    assert len(answers(db)) == 1


def test_what_is_wrong_with_a_prompt_is_said_each_time(db: Tables) -> None:
    for number in range(1, 4):
        send(db, number, "x" * 5000)
    assert len(answers(db)) == 3


def test_a_refused_prompt_leaves_nothing_but_its_one_notice(db: Tables) -> None:
    rules = dataclasses.replace(RULES, daily_tenths=0)
    send(db, 1, rules=rules)
    before = [list(db[name].rows) for name in ("jobs", "ledger", "outbox", "people", "audit")]
    send(db, 2, rules=rules)
    after = [list(db[name].rows) for name in ("jobs", "ledger", "outbox", "people", "audit")]
    assert after == before


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
    assert cost(RULES, seconds) == tenths


@pytest.mark.parametrize(("seconds", "draft", "best"), [(5, 3, 20), (5.1, 6, 40), (10, 6, 40)])
def test_a_draft_costs_three_tenths_and_the_best_twice_the_price(
    seconds: float, draft: int, best: int
) -> None:
    for model in catalog.shipped().values():
        rules = dataclasses.replace(RULES, model=model)
        assert cost(rules, seconds, catalog.level_steps(model, "draft")) == draft
        assert cost(rules, seconds, catalog.level_steps(model, "best")) == best
        assert cost(rules, seconds, model.steps) == cost(rules, seconds)


def cost(rules: Rules, seconds: float, steps: int | None = None) -> int:
    model = rules.model.name
    request = Request(prompt="a cat", seed=1, model=model, seconds=seconds, steps=steps)
    return rules.cost_tenths(request)


def test_what_a_person_chose_goes_for_prompts_that_do_not_say_otherwise(db: Tables) -> None:
    long = dataclasses.replace(RULES, model=dataclasses.replace(RULES.model, most_frames=121))
    person = {"bot_id": 7, "user_id": 5}
    people.set_choice(db, **person, choice="aspect_ratio", value="9:16")
    people.set_choice(db, **person, choice="seconds", value=10.0)
    made = [send(db, 1, rules=long), send(db, 2, "a cat --ar 1:1 --seconds 5", rules=long)]
    assert [(job.request.aspect_ratio, job.request.seconds) for job in made if job] == [
        ("9:16", 10.0),
        ("1:1", 5.0),
    ]
    # Twice as long costs twice as much.
    assert [job.cost_tenths for job in made if job] == [20, 10]


def test_a_choice_that_the_model_of_today_does_not_have_is_passed_over(db: Tables) -> None:
    person = {"bot_id": 7, "user_id": 5}
    people.set_choice(db, **person, choice="aspect_ratio", value="21:9")
    people.set_choice(db, **person, choice="seconds", value=10.0)
    job = send(db, 1)
    assert job is not None
    assert (job.request.aspect_ratio, job.request.seconds) == ("1:1", 5.0)


def test_a_choice_that_there_is_not_cannot_be_made(db: Tables) -> None:
    with pytest.raises(ValueError, match="blocked_at"):
        people.set_choice(db, bot_id=7, user_id=5, choice="blocked_at", value=None)
