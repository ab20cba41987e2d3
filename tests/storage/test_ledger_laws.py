"""What holds for the ledger whatever people and workers do, found by hypothesis."""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule
from sqlite_utils import Database as Tables

from storage import jobs, people, quotas
from storage.database import open_in_memory
from storage.jobs import JobState
from storage.quotas import QuotaExceeded

from .examples import ADA, BO, BOT, CLEO, CLIP, DAY, ask, credits_of, found

DAILY = 25
PEOPLE = st.sampled_from([ADA, BO])
TENTHS = st.integers(1, 40)
# What each end captures of a job that costs 10 tenths; a cancel captures a share.
CAPTURED = {JobState.DELIVERED: 1.0, JobState.FAILED: 0.0}


@dataclass
class Spent:
    """A reservation as a person with paper and pencil would note it."""

    at: float
    user_id: int
    daily: int
    granted: int


class Ledger(RuleBasedStateMachine):
    """Jobs come, run, end and are asked to end, in any order, over several days."""

    jobs_asked = Bundle("jobs_asked")

    def __init__(self) -> None:
        super().__init__()
        self.db: Tables = open_in_memory()
        self.now = 0.0
        self.daily = {ADA: DAILY, BO: DAILY}
        self.granted = {ADA: 0, BO: 0}
        self.spent: dict[int, Spent] = {}
        self.captured: dict[int, int] = {}

    def teardown(self) -> None:
        self.db.close()

    def expected_daily_left(self, user_id: int) -> int:
        counting = sum(
            note.daily
            for note in self.spent.values()
            if note.user_id == user_id and note.at > self.now - DAY
        )
        return max(0, self.daily[user_id] - counting)

    def expected_granted_left(self, user_id: int) -> int:
        spent = sum(note.granted for note in self.spent.values() if note.user_id == user_id)
        return self.granted[user_id] - spent

    @rule(seconds=st.sampled_from([1.0, 3600.0, DAY / 2, DAY]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(user_id=PEOPLE, tenths=TENTHS)
    def grant(self, user_id: int, tenths: int) -> None:
        quotas.grant(
            self.db, bot_id=BOT, user_id=user_id, amount_tenths=tenths, actor_id=CLEO, now=self.now
        )
        self.granted[user_id] += tenths

    @rule(user_id=PEOPLE, tenths=st.none() | st.integers(0, 40))
    def set_daily(self, user_id: int, tenths: int | None) -> None:
        people.set_daily(self.db, bot_id=BOT, user_id=user_id, daily_tenths=tenths)
        self.daily[user_id] = DAILY if tenths is None else tenths

    @rule(target=jobs_asked, user_id=PEOPLE, cost=TENTHS)
    def ask(self, user_id: int, cost: int) -> object:
        daily = min(cost, self.expected_daily_left(user_id))
        affordable = cost - daily <= self.expected_granted_left(user_id)
        try:
            with self.db.atomic():
                job = ask(
                    self.db, user_id=user_id, cost_tenths=cost, daily_tenths=DAILY, now=self.now
                )
        except QuotaExceeded:
            assert not affordable
            return multiple()
        assert affordable
        self.spent[job.id] = Spent(self.now, user_id, daily, cost - daily)
        return job.id

    @rule(lease=st.sampled_from([0.0, 60.0, DAY]))
    def claim(self, lease: float) -> None:
        before = {job_id for job_id in self.spent if found(self.db, job_id).state.is_end}
        jobs.claim(self.db, bot_id=BOT, model="builtin", now=self.now, lease_seconds=lease)
        for job_id in self.spent.keys() - before:
            self.ended(job_id, 0)

    @rule(job_id=jobs_asked, old=st.integers(0, 1))
    def render(self, job_id: int, old: int) -> None:
        attempt = found(self.db, job_id).attempt - old
        jobs.render_done(self.db, job_id=job_id, attempt=attempt, clip=CLIP, now=self.now)

    @rule(job_id=jobs_asked)
    def deliver(self, job_id: int) -> None:
        cost = found(self.db, job_id).cost_tenths
        if jobs.delivered(self.db, job_id=job_id, file_id="file", now=self.now):
            self.ended(job_id, cost)

    @rule(job_id=jobs_asked, old=st.integers(0, 1))
    def worker_fails(self, job_id: int, old: int) -> None:
        attempt = found(self.db, job_id).attempt - old
        state = jobs.worker_failed(
            self.db, job_id=job_id, attempt=attempt, error="worker_lost", now=self.now
        )
        if state is not None:
            self.ended(job_id, 0)

    @rule(job_id=jobs_asked)
    def fail(self, job_id: int) -> None:
        if jobs.fail(self.db, job_id=job_id, error="rejected", now=self.now):
            self.ended(job_id, 0)

    @rule(job_id=jobs_asked)
    def ask_to_cancel(self, job_id: int) -> None:
        before = found(self.db, job_id).state
        after = jobs.request_cancel(self.db, job_id=job_id, now=self.now)
        if after != before:
            self.ended(job_id, 0)

    @rule(job_id=jobs_asked, percent=st.integers(0, 100), old=st.integers(0, 1))
    def worker_stops(self, job_id: int, percent: int, old: int) -> None:
        job = found(self.db, job_id)
        if jobs.cancelled(
            self.db,
            job_id=job_id,
            attempt=job.attempt - old,
            rendered_share=percent / 100,
            now=self.now,
        ):
            # Half up, in whole numbers.
            self.ended(job_id, (job.cost_tenths * percent * 2 + 100) // 200)

    @rule()
    def start_again(self) -> None:
        before = {job_id for job_id in self.spent if found(self.db, job_id).state.is_end}
        jobs.requeue_running(self.db, bot_id=BOT)
        for job_id in self.spent.keys() - before:
            self.ended(job_id, 0)

    def ended(self, job_id: int, captured: int) -> None:
        """Note what a job gives back, if it has come to its end."""
        if not found(self.db, job_id).state.is_end:
            return
        assert job_id not in self.captured, "a job has exactly one end"
        self.captured[job_id] = captured
        note = self.spent[job_id]
        back = note.daily + note.granted - captured
        from_grant = min(back, note.granted)
        note.granted -= from_grant
        note.daily -= back - from_grant

    @invariant()
    def balances_are_what_was_noted_and_never_negative(self) -> None:
        for user_id in (ADA, BO):
            quota = quotas.quota(
                self.db, bot_id=BOT, user_id=user_id, default_daily_tenths=DAILY, now=self.now
            )
            assert quota.daily_left_tenths == self.expected_daily_left(user_id) >= 0
            assert quota.granted_left_tenths == self.expected_granted_left(user_id) >= 0
            if quota.next_return_at is not None:
                assert quota.next_return_at > self.now

    @invariant()
    def every_end_settles_all_that_was_reserved(self) -> None:
        for job_id in self.spent:
            job, rows = found(self.db, job_id), credits_of(self.db, job_id)
            assert rows["reserve"] == job.cost_tenths
            settled = rows.get("capture", 0) + rows.get("release", 0)
            assert settled == (job.cost_tenths if job.state.is_end else 0)
            assert job.state.is_end == (job_id in self.captured)
            assert rows.get("capture", 0) == self.captured.get(job_id, 0)
            if job.state in CAPTURED:
                assert rows.get("capture", 0) == CAPTURED[job.state] * job.cost_tenths


Ledger.TestCase.settings = settings(max_examples=40, stateful_step_count=40)
TestLedger = Ledger.TestCase
