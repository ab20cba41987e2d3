"""Ray and its actors as a fleet sees them, in this process, and time that passes at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from ray.exceptions import ActorDiedError, RayTaskError

from inference.entry import ModelEntry
from inference.values import (
    Clip,
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    RenderCancelled,
    Request,
    Stage,
)


class Loop(asyncio.SelectorEventLoop):
    """Nobody waits in it: when all would, it is later already."""

    _now = 0.0
    _ready: Any  # asyncio's own: what is to be called at once, and what later
    _scheduled: Any

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready:
            due = min(timer.when() for timer in self._scheduled if not timer.cancelled())
            self._now = max(self._now, due)
        super()._run_once()  # type: ignore[misc]


class Method:
    """An actor's method as Ray has it."""

    def __init__(self, remote: Callable[..., Any]) -> None:
        self.remote = remote


class Actor:
    """A RemoteWorker; it takes as long as chance says, and fails as it says.

    lost: is done when it is no more. is_silent: it lives, and answers nothing.
    unfinished: the keys of renders that somebody still waits for.
    """

    def __init__(self, ray: "Ray", entry: ModelEntry, number: int) -> None:
        self.entry = entry
        self.number = number
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_silent = False
        self.unfinished: set[str] = set()
        self._ray = ray
        self._denoiser = asyncio.Lock()
        self._placed_at = asyncio.get_running_loop().time() + ray.delay(60)
        self.process_id = Method(lambda: self._answer(self._process_id()))
        self.load = Method(lambda: self._answer(self._load()))
        self.stay = Method(lambda: self._answer(asyncio.Event().wait()))
        self.cancel = Method(lambda key: self._answer(self._cancel(key)))
        self.render = Method(self._render)

    @property
    def has_begun(self) -> bool:
        """Whether its process runs."""
        return asyncio.get_running_loop().time() >= self._placed_at

    def die(self) -> None:
        if not self.lost.done():
            self.lost.set_result(None)

    async def _answer(self, answer: Awaitable[Any]) -> Any:
        answering = asyncio.ensure_future(answer)
        try:
            await asyncio.wait((answering, self.lost), return_when=asyncio.FIRST_COMPLETED)
            if self.is_silent:
                await asyncio.wait((self.lost,))
            if self.lost.done():
                raise ActorDiedError
            return answering.result()
        except InferenceError as error:
            raise RayTaskError("method", "traceback", error) from None
        finally:
            answering.cancel()

    async def _process_id(self) -> int:
        await asyncio.sleep(self._placed_at - asyncio.get_running_loop().time())
        return self.number

    async def _load(self) -> None:
        await asyncio.sleep(self._ray.delay(300))
        if self._ray.strikes(0.1):
            raise ModelUnavailable("no such weights")

    async def _cancel(self, key: str) -> bool:
        self.unfinished.discard(key)
        return True

    async def _render(self, request: Request, key: str) -> AsyncIterator[Awaitable[Any]]:
        """What a render says; it goes on whether somebody listens or not."""
        said: asyncio.Queue[Progress | Clip | InferenceError] = asyncio.Queue()
        self.unfinished.add(key)
        self._ray.at_work.add(rendering := asyncio.ensure_future(self._work(request, key, said)))
        rendering.add_done_callback(self._ray.at_work.discard)
        while True:
            yield self._answer(self._next(said))

    async def _next(self, said: asyncio.Queue[Progress | Clip | InferenceError]) -> Progress | Clip:
        item = await said.get()
        if isinstance(item, InferenceError):
            raise item
        return item

    async def _work(
        self, request: Request, key: str, said: asyncio.Queue[Progress | Clip | InferenceError]
    ) -> None:
        try:
            async with self._denoiser:
                for step in range(4):
                    said.put_nowait(Progress(stage=Stage.DENOISE, step=step, steps=3))
                    await asyncio.sleep(self._ray.delay(60))
                    if key not in self.unfinished:
                        raise RenderCancelled("told to stop")
                    if self._ray.strikes(0.05):
                        raise OutOfMemory("too large")
                said.put_nowait(Progress(stage=Stage.ENCODE, step=0, steps=1))
            await asyncio.sleep(self._ray.delay(60))
            assert request.model == self.entry.name
            said.put_nowait(
                Clip(
                    mp4=b"",
                    width=64,
                    height=64,
                    seconds=1.0,
                    fps=8,
                    seed=request.seed,
                    model=request.model,
                    stage_seconds={},
                )
            )
        except InferenceError as error:
            said.put_nowait(error)
        finally:
            self.unfinished.discard(key)


class Ray:
    """A Connection and an ActorMaker in one.

    chance: of all that happens. wronged: renders whose worker the fleet ended in their middle,
    though all was well. peace: nothing fails any more.
    """

    local = False

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.peace = False
        self.actors: list[Actor] = []
        self.at_work: set[asyncio.Future[None]] = set()
        self.wronged: list[str] = []
        self.closed = False
        self._lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def delay(self, most: float) -> float:
        """Seconds, often none."""
        return self.chance.choice((0.0, self.chance.uniform(0, most)))

    def strikes(self, probability: float) -> bool:
        return not self.peace and self.chance.random() < probability

    @property
    def alive(self) -> list[Actor]:
        return [actor for actor in self.actors if not actor.lost.done()]

    def make(self, entry: ModelEntry, ranks: int) -> Actor:
        assert ranks == 1
        if self.strikes(0.05):
            raise RuntimeError("Ray has one of its days")
        self.actors.append(Actor(self, entry, len(self.actors) + 1))
        return self.actors[-1]

    def kill(self, actor: Actor) -> None:
        if not actor.lost.done() and not actor.is_silent and not self.closed:
            self.wronged.extend(actor.unfinished)
        actor.die()

    def lose(self) -> None:
        """It is gone, with all its actors."""
        for actor in self.alive:
            actor.die()
        if not self._lost.done():
            self._lost.set_result("its head was killed")

    async def lost(self) -> str:
        return await self._lost

    async def drop(self) -> None:
        self.lose()  # also what was asked for since
        await self.close()

    async def open(self) -> None:
        await asyncio.sleep(self.delay(60))
        if self.strikes(0.5):
            raise InferenceError("there is no Ray")
        self._lost = asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        await asyncio.sleep(self.delay(10))
