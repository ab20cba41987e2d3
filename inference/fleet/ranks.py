"""A worker of several ranks on Ray: rank 0 is the worker, the others follow it.

One placement group holds them all, on one node (STRICT_PACK). They live and die together: when
one is lost, so is the worker, and its seat is filled with a new one.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayTaskError
from ray.util.placement_group import PlacementGroup, placement_group, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from inference.entry import ModelEntry
from inference.pipeline import Pipeline
from inference.ranks import Ranks
from inference.values import WorkerLost

# A bundle of Ray's cannot be empty; a model without a GPU on this machine asks for nothing.
_NEXT_TO_NOTHING = {"CPU": 0.001}


class Follower:
    """A rank other than 0, in a process of its own."""

    def __init__(
        self, entry: ModelEntry, models_folder: Path | None, threads: int, ranks: tuple[int, int]
    ) -> None:
        """Name the model. ranks: the number of this one, and of all."""
        self._entry = entry
        self._models_folder = models_folder
        self._threads = threads
        self._ranks = ranks

    def follow(self, port: int) -> None:
        """Load the model, and then render what rank 0 renders; ends only when all is lost."""
        device = "cuda" if self._entry.gpus else "cpu"
        ranks = Ranks(*self._ranks, device=device, port=port)
        ranks.join()
        pipeline = Pipeline.load(
            self._entry, models_folder=self._models_folder, device=device, threads=self._threads
        )
        pipeline.share(ranks)
        ranks.follow(pipeline)


class Followers:
    """The other ranks as rank 0 sees them, which starts them and notices when one is lost."""

    def __init__(
        self, entry: ModelEntry, models_folder: Path | None, threads: int, port: int, size: int
    ) -> None:
        """Start them, in the placement group that this actor is in."""
        here: Any = ray.util.get_current_placement_group()
        resources = ray.get_runtime_context().get_assigned_resources()
        make: Any = ray.remote(max_restarts=0, max_task_retries=0)(Follower)
        self._actors = [
            make.options(
                num_cpus=resources.get("CPU", 0),
                num_gpus=resources.get("GPU", 0),
                scheduling_strategy=PlacementGroupSchedulingStrategy(here, rank),
            ).remote(entry, models_folder, threads, (rank, size))
            for rank in range(1, size)
        ]
        # Not of asyncio's, for Ray runs an actor's methods on several event loops.
        self._ends = [actor.follow.remote(port).future() for actor in self._actors]

    async def accompany(self, call: Coroutine[Any, Any, Any]) -> None:
        """Await a call of rank 0's, as long as all ranks are there.

        Raises: what the call raises; WorkerLost, when another rank is lost.
        """
        own = asyncio.ensure_future(call)
        ends = [asyncio.wrap_future(end) for end in self._ends]
        try:
            await asyncio.wait((own, *ends), return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                if end.done():
                    raise WorkerLost(f"A rank is lost: {_cause(end.exception())}")
            await own
        finally:
            own.cancel()


def _cause(error: BaseException | None) -> BaseException | None:
    return error.cause if isinstance(error, RayTaskError) else error


class RankedActor:
    """Rank 0's actor, and the placement group that goes with it."""

    def __init__(
        self, make: Callable[..., Any], resources: Mapping[str, float], ranks: int
    ) -> None:
        """Ask for room for all ranks, and have rank 0 made there, which may take a while.

        resources: of each.
        """
        bundle = {name: amount for name, amount in resources.items() if amount}
        self._group: PlacementGroup = placement_group(
            [bundle or _NEXT_TO_NOTHING] * ranks, strategy="STRICT_PACK"
        )
        try:
            self._actor = make(scheduling_strategy=PlacementGroupSchedulingStrategy(self._group, 0))
        except BaseException:
            remove_placement_group(
                self._group
            )  # Nobody else would: it might hold its GPUs for ever.
            raise

    def __getattr__(self, method: str) -> Any:
        """The method of rank 0."""
        return getattr(self._actor, method)

    def kill(self) -> None:
        """End all ranks, whatever they are doing. Raises: RayError."""
        try:
            ray.kill(self._actor, no_restart=True)
        finally:
            remove_placement_group(self._group)
