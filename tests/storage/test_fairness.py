"""The line is fair across people and chats, whoever comes when; found by hypothesis."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from sqlite_utils import Database as Tables

from storage import jobs
from storage.database import open_in_memory
from storage.jobs import Job, JobState
from storage.jobs.turns import CLAIMS_A_ROUND

from .examples import ADA, BO, BOT, CLEO, CLUB, GROUP, NEWCOMER, ask, ask_many, found, start, weigh

PERSON = st.sampled_from([ADA, BO, CLEO])
# None is the private chat.
CHAT = st.sampled_from([None, GROUP, CLUB])
WEIGHT = st.sampled_from([0.5, 1.0, 2.0, 3.0])
COST = st.sampled_from([3, 10, 20, 240])


LAWS = settings(max_examples=60)
open_once = cache(open_in_memory)


@contextmanager
def line() -> Iterator[Tables]:
    """An empty line for each example of hypothesis."""
    db = open_once()
    db.execute("BEGIN")
    try:
        yield db
    finally:
        db.execute("ROLLBACK")


def claimed_before(db: Tables, job_id: int) -> list[Job]:
    """The jobs that are claimed before that one is."""
    before = []
    while (job := start(db)).id != job_id:
        before.append(job)
    return before


Arrivals = st.lists(st.tuples(PERSON, CHAT, COST) | st.just("claim"), max_size=40)


def come(db: Tables, arrivals: list[tuple[int, int | None, int] | str]) -> None:
    """People ask, and jobs are claimed between."""
    for arrival in arrivals:
        if isinstance(arrival, str):
            jobs.claim(db, bot_id=BOT, model="builtin", now=0, lease_seconds=60)
        else:
            user_id, chat_id, cost = arrival
            ask(db, user_id=user_id, chat_id=chat_id, cost_tenths=cost, daily_tenths=10**6)


# The bound: a round holds work of one usual clip times the weights, begun in that round.


@LAWS
@given(Arrivals, st.fixed_dictionaries({}, optional=dict.fromkeys([ADA, BO, GROUP], WEIGHT)))
def test_a_single_prompt_waits_for_one_round_of_each_other_person_at_most(
    arrivals: list[tuple[int, int | None, int] | str], weights: dict[int, float]
):
    with line() as db:
        weigh(db, weights)
        come(db, arrivals)
        mine = ask(db, user_id=NEWCOMER).id
        work: Counter[int] = Counter()
        longest: Counter[int] = Counter()
        for job in claimed_before(db, mine):
            weight = weights.get(job.user_id, 1) * weights.get(job.chat_id, 1)
            work[job.user_id] += job.cost_tenths / weight
            longest[job.user_id] = max(longest[job.user_id], job.cost_tenths / weight)
        for user_id, tenths in work.items():
            assert tenths - longest[user_id] < 10


@LAWS
@given(Arrivals)
def test_a_single_prompt_waits_for_one_prompt_of_each_other_chat_at_most(
    arrivals: list[tuple[int, int | None, int] | str],
):
    with line() as db:
        come(db, arrivals)
        mine = ask(db, user_id=NEWCOMER).id
        before = Counter(job.chat_id for job in claimed_before(db, mine))
        assert all(count == 1 for count in before.values())


@LAWS
@given(Arrivals, st.sampled_from([GROUP, CLUB]))
def test_a_single_prompt_in_a_group_waits_for_one_of_each_person_there_at_most(
    arrivals: list[tuple[int, int | None, int] | str], group: int
):
    usual = [one if isinstance(one, str) else (*one[:2], 10) for one in arrivals]
    with line() as db:
        come(db, usual)
        mine = ask(db, user_id=NEWCOMER, chat_id=group).id
        before = Counter(job.user_id for job in claimed_before(db, mine))
        assert all(count == 1 for count in before.values())


@LAWS
@given(st.lists(PERSON, min_size=10, max_size=60))
def test_people_who_all_wait_are_served_the_same_to_one_prompt(arrivals: list[int]):
    with line() as db:
        for user_id in arrivals:
            ask(db, user_id=user_id, chat_id=GROUP, daily_tenths=10**6)
        waiting = Counter(arrivals)
        served = Counter(dict.fromkeys(waiting, 0))
        while all(waiting.values()):
            assert max(served.values()) - min(served.values()) <= 1
            user_id = start(db).user_id
            served[user_id] += 1
            waiting[user_id] -= 1


@LAWS
@given(st.dictionaries(PERSON, WEIGHT, min_size=2), st.integers(1, 30))
def test_people_who_all_wait_are_served_by_their_weight(weights: dict[int, float], claims: int):
    with line() as db:
        weigh(db, weights)
        for user_id in weights:
            ask_many(db, user_id, 30)
        served = Counter(start(db).user_id for _ in range(claims))
        rounds = [served[user_id] / weight for user_id, weight in weights.items()]
        assert max(rounds) - min(rounds) <= 1 + 1 / min(weights.values())


# Nobody starves


@pytest.mark.parametrize("newcomers_a_claim", [1, 2])
@pytest.mark.parametrize("mine", [1, 2, 4])
def test_nobody_starves_although_new_people_come_for_ever(
    db: Tables, newcomers_a_claim: int, mine: int
):
    last = ask_many(db, ADA, mine)[-1]
    claims = 0
    while found(db, last).state is JobState.QUEUED:
        for _ in range(newcomers_a_claim):
            ask(db, user_id=NEWCOMER + found_count(db))
        start(db)
        claims += 1
        # After that many claims nobody new goes first, so only those who came before are left.
        assert claims <= mine + CLAIMS_A_ROUND * (mine - 1) * newcomers_a_claim
    assert claims > CLAIMS_A_ROUND * (mine - 1) / 2


def found_count(db: Tables) -> int:
    return sum(jobs.counts(db, bot_id=BOT).values())


def test_the_last_in_a_busy_group_does_not_starve_for_other_chats(db: Tables):
    for number in range(5):
        last = ask(db, user_id=2000 + number, chat_id=GROUP).id
    for number in range(CLAIMS_A_ROUND + 5):
        ask(db, user_id=NEWCOMER + number)
        start(db)
    assert found(db, last).state is JobState.RUNNING


class Line(RuleBasedStateMachine):
    """People ask and cancel, workers claim, fail and finish, and the bot starts again."""

    waiting = Bundle("waiting")
    running = Bundle("running")

    def __init__(self) -> None:
        super().__init__()
        self.db: Tables = open_once()
        self.db.execute("BEGIN")
        self.places: dict[int, int] = {}
        self.began_again = False

    def teardown(self) -> None:
        while job := jobs.claim(self.db, bot_id=BOT, model="builtin", now=0, lease_seconds=60):
            assert next(iter(self.places)) == job.id
            self.places = jobs.places(self.db, bot_id=BOT)
        assert self.places == {}
        assert jobs.counts(self.db, bot_id=BOT)[JobState.QUEUED] == 0
        self.db.execute("ROLLBACK")

    @rule(target=waiting, user_id=PERSON, chat_id=CHAT, cost=COST)
    def ask(self, user_id: int, chat_id: int | None, cost: int) -> int:
        many = {"daily_tenths": 10**6, "cost_tenths": cost}
        return ask(self.db, user_id=user_id, chat_id=chat_id, **many).id

    @rule(who=st.sampled_from([ADA, BO, GROUP]), weight=WEIGHT)
    def weigh(self, who: int, weight: float) -> None:
        weigh(self.db, {who: weight})

    @rule(target=running)
    def claim(self) -> object:
        job = jobs.claim(self.db, bot_id=BOT, model="builtin", now=0, lease_seconds=60)
        assert (job.id if job else None) == next(iter(self.places), None)
        return multiple() if job is None else (job.id, job.attempt)

    @rule(job_id=waiting)
    def cancel(self, job_id: int) -> None:
        jobs.request_cancel(self.db, job_id=job_id, now=0)

    @rule(job=consumes(running))
    def fail(self, job: tuple[int, int]) -> None:
        job_id, attempt = job
        jobs.worker_failed(self.db, job_id=job_id, attempt=attempt, error="worker", now=0)
        self.began_again = True

    @rule()
    def restart(self) -> None:
        jobs.requeue_running(self.db, bot_id=BOT)
        self.began_again = True

    @invariant()
    def places_step_back_only_for_a_later_prompt_or_one_that_had_begun(self) -> None:
        now = jobs.places(self.db, bot_id=BOT)
        assert list(now.values()) == list(range(1, len(now) + 1))
        worse = {job_id for job_id in now.keys() & self.places if now[job_id] > self.places[job_id]}
        assert self.began_again or worse <= jobs.passed(now)
        kept = [job_id for job_id in self.places if job_id in now]
        assert kept == [job_id for job_id in now if job_id in self.places]
        self.places, self.began_again = now, False


TestLine = Line.TestCase
TestLine.settings = settings(max_examples=40, stateful_step_count=30)
