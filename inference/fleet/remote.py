"""A Worker as an actor of Ray."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from inference.entry import ModelEntry
from inference.fleet.ranks import Followers, RankedActor
from inference.ranks import Ranks
from inference.values import Clip, ModelUnavailable, Progress, Request, WorkerLost
from inference.worker import Worker

_CONTROL_CALLS = 8
_SOURCE_FOLDER = str(Path(__file__).parents[2])


class RemoteWorker:
    """A Worker in a process of its own; its control methods answer while the model runs."""

    def __init__(
        self,
        entry: ModelEntry,
        models_folder: Path | None,
        threads: int,
        marked: bool,
        size: int,
    ) -> None:
        """Put the worker on a GPU where its entry asks for one. size: its ranks, with this one."""
        device = "cuda" if entry.gpus else "cpu"
        ranks = followers = None
        if size > 1:
            ranks = Ranks(0, size, device=device)
            followers = Followers(entry, models_folder, threads, ranks.port, size)
        self._followers = followers
        self._worker = Worker(
            entry,
            models_folder=models_folder,
            device=device,
            threads=threads,
            marked=marked,
            ranks=ranks,
        )

    async def load(self) -> None:
        """As Worker.load(), for all ranks."""
        if self._followers is None:
            await self._worker.load()
            return
        try:
            await self._followers.accompany(self._worker.load())
        except ModelUnavailable as error:
            raise WorkerLost(str(error)) from error  # One rank cannot try again without the others.

    async def render(self, request: Request, key: str) -> AsyncIterator[Progress | Clip]:
        """As Worker.render()."""
        async for item in self._worker.render(request, key=key):
            yield item

    @ray.method(concurrency_group="control")
    async def cancel(self, key: str) -> bool:
        """As Worker.cancel()."""
        return self._worker.cancel(key)

    @ray.method(concurrency_group="control")
    async def process_id(self) -> int:
        """Answer, which also shows that this process can."""
        return os.getpid()

    @ray.method(concurrency_group="control")
    async def stay(self) -> None:
        """Never return: the end of this call is the end of the process.

        Raises: WorkerLost, when another rank is lost.
        """
        forever = asyncio.Event().wait()
        await (forever if self._followers is None else self._followers.accompany(forever))


# Ray's annotations do not know concurrency groups.
_make_remote: Any = ray.remote
_ACTOR = _make_remote(
    max_restarts=0, max_task_retries=0, concurrency_groups={"control": _CONTROL_CALLS}
)(RemoteWorker)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorMaker:
    """Makes the actors of one fleet.

    marked: whether clips bear the mark.
    local: whether Ray was started here, for this fleet alone.
    workers: how many share this machine's cores; on a cluster the entry says what it needs.
    """

    models_folder: Path | None
    marked: bool
    local: bool
    workers: int

    def make(self, entry: ModelEntry, ranks: int) -> Any:
        """A new actor of RemoteWorker, which may take a while to be placed.

        ranks: processes that share the work of one clip, with what the entry asks for each.
        """
        cpus, environment = entry.cpus, {}
        if self.local:
            cpus = max(1, (os.cpu_count() or 1) // (self.workers * ranks))
            path = [_SOURCE_FOLDER, *filter(None, [os.environ.get("PYTHONPATH")])]
            environment = {"OMP_NUM_THREADS": str(cpus), "PYTHONPATH": os.pathsep.join(path)}
        resources = {"CPU": 0 if self.local else cpus, "GPU": entry.gpus}

        def make(**placed: Any) -> Any:
            return _ACTOR.options(
                num_cpus=resources["CPU"],
                num_gpus=resources["GPU"],
                runtime_env={"env_vars": environment},
                **placed,
            ).remote(entry, self.models_folder, cpus, self.marked, ranks)

        return make() if ranks == 1 else RankedActor(make, resources, ranks)

    def kill(self, actor: Any) -> None:
        """End an actor's process, and those of its other ranks, whatever they are doing."""
        try:
            if isinstance(actor, RankedActor):
                actor.kill()
            else:
                ray.kill(actor, no_restart=True)
        except RayError as error:
            logging.getLogger(__name__).debug("nothing to kill: %s", error)
