"""Tests of a fleet to which everything happens at once, on a Ray that is simulated."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from inference.fleet import Fleet
from inference.values import Clip, InferenceError, WorkerLost
from tests.inference.entries import TINY, tiny_request
from tests.inference.fleet.simulation import Loop, Ray

MODELS = ("usual", "b", "c")
ENTRIES = [replace(TINY, name=name) for name in MODELS]
TROUBLE_SECONDS, PEACE_SECONDS, LULL_SECONDS = 2000.0, 60_000.0, 3000.0


def fleet_on(ray: Ray, workers: int, fewest: int) -> Fleet:
    return Fleet(
        ENTRIES,
        ray,
        workers=workers,
        fewest=fewest,
        idle_seconds=600.0,
        maker=ray,
        ranks={},
        silence_seconds=120.0,
        retry_seconds=2.0,
    )


class Story:
    """Jobs that are given to a fleet while it has all sorts of bad luck."""

    def __init__(self, seed: int) -> None:
        self.ray = Ray(seed)
        self.chance = self.ray.chance
        self.workers = self.chance.randint(1, 4)
        self.fewest = self.chance.randint(0, self.workers)
        self.fleet = fleet_on(self.ray, self.workers, self.fewest)
        self.unfinished = Counter[str]()

    async def job(self) -> None:
        """Return when it has its clip, or was cancelled."""
        model = self.chance.choice(MODELS)
        await asyncio.sleep(self.ray.delay(TROUBLE_SECONDS))
        self.unfinished[model] += 1
        self.fleet.want(self.unfinished)
        while not await self._tried(model):
            pass
        self.unfinished[model] -= 1
        self.fleet.want(self.unfinished)

    async def _tried(self, model: str) -> bool:
        try:
            async with asyncio.timeout(self.chance.choice((None, None, self.ray.delay(300)))):
                slot = await self.fleet.acquire(model)
        except TimeoutError:
            return False
        leaves = self.chance.choice((0, 0, 0, 1, 2))
        try:
            async for item in slot.render(tiny_request(model=model), key="1"):
                assert len(self.ray.alive) <= self.workers
                if isinstance(item, Clip):
                    return True
                if leaves and item.step == 2:
                    await slot.cancel()
                    if leaves == 2:
                        return True
        except InferenceError:
            return bool(leaves)
        finally:
            slot.release()
        return True

    async def trouble(self) -> None:
        """Something happens to somebody, again and again."""
        async with asyncio.timeout(None) as ends:
            ends.reschedule(asyncio.get_running_loop().time() + TROUBLE_SECONDS)
            while True:
                await asyncio.sleep(self.ray.delay(200))
                victim = self.chance.choice([*self.ray.alive, None])
                match self.chance.randrange(6):
                    case 0 | 1 if victim:
                        victim.die()
                    case 2 if victim and victim.has_begun:
                        victim.is_silent = True
                    case 3:
                        self.ray.lose()
                    case 4 | 5:
                        self.fleet.renew()

    async def run(self) -> None:
        jobs = [asyncio.ensure_future(self.job()) for _ in range(self.chance.randint(1, 12))]
        with pytest.raises(TimeoutError):
            await self.trouble()
        self.ray.peace = True
        async with asyncio.timeout(PEACE_SECONDS):
            await asyncio.gather(*jobs)
        await asyncio.sleep(LULL_SECONDS)
        states = [(status.state, status.model) for status in self.fleet.workers()]
        assert Counter(states)["idle", "usual"] == self.fewest, states
        assert Counter(states)["off", ""] == self.workers - self.fewest, states
        before = self.ray.alive
        assert len(before) == self.fewest
        self.fleet.renew()
        await asyncio.sleep(LULL_SECONDS)
        assert len(self.ray.alive) == self.fewest, "fresh ones"
        assert set(before).isdisjoint(self.ray.alive)
        assert self.ray.wronged == [], "no render was ended by the fleet itself"
        self.ray.closed = True
        await self.fleet.close()
        assert self.ray.alive == []


@pytest.mark.parametrize("seed", range(40))
def test_every_job_ends_and_no_worker_is_left_over_whatever_dies_when(seed):
    async def story() -> None:
        await Story(seed).run()

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(story())


def test_a_fleet_that_cannot_watch_ray_any_more_turns_everyone_away():
    class Broken(Ray):
        async def drop(self) -> None:
            raise RuntimeError("Ray does not let go")

    async def story() -> None:
        ray = Broken(0)
        fleet = fleet_on(ray, workers=1, fewest=0)
        waiting = asyncio.ensure_future(fleet.acquire("usual"))
        await asyncio.sleep(1)
        ray.lose()
        with pytest.raises(WorkerLost, match="not to be had again: Ray does not let go"):
            await waiting
        with pytest.raises(WorkerLost, match="not to be had again: Ray does not let go"):
            await fleet.acquire("usual")
        await fleet.close()

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(story())
