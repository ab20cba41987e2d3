"""Prometheus metrics: counted from the database when asked for, but for stages, which are timed."""

from collections import Counter as Tally
from collections.abc import Callable, Sequence

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
)

from bot.workers import WorkerState
from inference.values import Clip
from storage import inbox, jobs, quotas
from storage.database import Database
from storage.jobs import JobState

STAGE_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000)
WORKER_STATES = ("loading", "idle", "busy", "lost", "off")


class Metrics:
    """What `/metrics` shows."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(
        self,
        database: Database,
        bot_id: int,
        models: Sequence[str],
        workers: Callable[[], Sequence[WorkerState]],
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._models = models
        self._workers = workers
        self._registry = CollectorRegistry()
        self._jobs = self._gauge("kinogram_jobs", "Jobs by state", "state")
        self._queue = self._gauge("kinogram_queue_depth", "Jobs that wait for a worker", "model")
        self._inbox = self._gauge("kinogram_inbox_updates", "Updates not handled yet")
        self._credits = self._gauge("kinogram_credits", "Credits by ledger entry", "kind")
        self._states = self._gauge("kinogram_workers", "Workers by state", "state", "model")
        self._stages = Histogram(
            "kinogram_stage_seconds",
            "Seconds a clip spent in each stage",
            ["stage", "model"],
            buckets=STAGE_BUCKETS,
            registry=self._registry,
        )

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self._registry)

    def rendered(self, clip: Clip) -> None:
        """Count the stages of a finished clip."""
        for stage, seconds in clip.stage_seconds.items():
            self._stages.labels(stage, clip.model).observe(seconds)

    async def collect(self) -> bytes:
        """The page in Prometheus' text format."""
        counts = await self._database.read(jobs.counts, bot_id=self._bot_id)
        for state in JobState:
            self._jobs.labels(state.value).set(counts.get(state, 0))
        waiting = await self._database.read(jobs.waiting, bot_id=self._bot_id)
        for model in self._models:
            self._queue.labels(model).set(waiting.get(model, 0))
        self._inbox.set(await self._database.read(inbox.count_waiting, bot_id=self._bot_id))
        totals = await self._database.read(quotas.totals, bot_id=self._bot_id)
        for kind in ("grant", "reserve", "capture", "release"):
            self._credits.labels(kind).set(totals.get(kind, 0) / 10)
        states = Tally((worker.state, worker.model) for worker in self._workers())
        for name in WORKER_STATES:
            for model in self._models:
                self._states.labels(name, model).set(states[name, model])
        return generate_latest(self._registry)
