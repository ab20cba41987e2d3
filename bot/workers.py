"""What the service needs of the workers that render; inference.fleet has the real ones."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from inference.values import Clip, Progress, Request


class Slot(Protocol):
    """A worker's readiness to render one job."""

    @property
    def worker(self) -> int:
        """The worker's number."""

    def render(self, request: Request, *, key: str) -> AsyncIterator[Progress | Clip]:
        """Progress, any number of times, then one clip."""

    async def cancel(self) -> None:
        """Stop the render within one denoising step."""

    def release(self) -> None:
        """Give the slot back; safe to call twice."""


class WorkerState(Protocol):
    """One worker as an operator sees it."""

    @property
    def number(self) -> int:
        """1 and up."""

    @property
    def state(self) -> str:
        """loading, idle, busy, lost, or off where nobody needs a worker now."""

    @property
    def error(self) -> str:
        """Why it does not serve, or ""."""

    @property
    def model(self) -> str:
        """The name of the model that it holds or loads."""

    @property
    def was_ready(self) -> bool:
        """Whether it, or one that had its number, could ever render."""


class Fleet(Protocol):
    """The workers, each of which holds one model."""

    async def acquire(self, model: str, /) -> Slot:
        """A free slot of a worker that holds that model, as soon as there is one."""

    def want(self, unfinished: Mapping[str, int], /) -> None:
        """Take note of how many jobs of each model wait or are rendered now."""

    def renew(self) -> None:
        """Replace every worker by a fresh one, one after the other, each once it has no job."""

    def workers(self) -> Sequence[WorkerState]:
        """Every worker that there should be."""

    async def close(self) -> None:
        """End the workers that this fleet started."""


def cannot_render(workers: Sequence[WorkerState], fewest: int) -> str:
    """Why nothing can be counted on to render a prompt sent now, or "".

    Prompts wait durably for a worker that loads again, to turn to another model say, or that
    takes the place of a lost one beside others: that is no reason to send them elsewhere.
    fewest: workers that are kept while nobody needs them; with none, a prompt waits for its own.
    """
    present = [worker for worker in workers if worker.state != "off"]
    if present and all(worker.error for worker in present):
        return f"every worker is lost: {present[0].error}"
    if not workers or (fewest and not any(worker.was_ready for worker in workers)):
        return "no worker has loaded a model yet"
    return ""


def count_ready(workers: Sequence[WorkerState], model: str) -> int:
    """How many workers can render a model's clips now: those that load it are not among them."""
    return sum(worker.model == model and worker.state in {"idle", "busy"} for worker in workers)
