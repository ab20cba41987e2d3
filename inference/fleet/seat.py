"""The place of one worker in the fleet, and the task that keeps it filled."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ray.exceptions import RayError, RayTaskError

from inference.entry import ModelEntry
from inference.fleet.cluster import cause, reason
from inference.fleet.scaling import Place
from inference.values import InferenceError, ModelUnavailable, WorkerLost, WorkerStatus

T = TypeVar("T")
_LONGEST_RETRY_SECONDS = 300.0
log = logging.getLogger(__name__)


class _Leaving(Exception):
    """The worker is to end, and has no job."""


class Seat:
    """Starts an actor, has it load the seat's model, and starts another when this one is lost.

    number: of the worker, 1 and up.
    entry: the model that the seat has, or gets when the present job is done; None for off.
    actor: the present one; whoever holds an older one has lost it.
    gone: is done when that one is.
    """

    def __init__(
        self,
        number: int,
        *,
        make_actor: Callable[[ModelEntry], Any],
        kill_actor: Callable[[Any], None],
        on_idle: Callable[[], None],
        clock: Callable[[], float],
        start_seconds: float | None,
        silence_seconds: float,
        retry_seconds: float,
    ) -> None:
        """Begin off; keep() fills the seat once it is given a model.

        on_idle: called whenever the worker can take a job, or has ended its last.
        clock: seconds, for place().
        start_seconds: how long a process may take to start; None when a node may have to first.
        silence_seconds, retry_seconds: see Fleet.open().
        """
        self.entry: ModelEntry | None = None
        self.actor: Any = None
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.silence_seconds = silence_seconds
        self.number = number
        self._make_actor = make_actor
        self._kill_actor = kill_actor
        self._on_idle = on_idle
        self._clock = clock
        self._start_seconds = start_seconds
        self._retry_seconds = retry_seconds
        self._state = "off"
        self._error = ""
        self._process_id = 0
        self._was_ready = False
        self._failed = asyncio.Event()
        self._replaced = asyncio.Event()  # the worker ends as soon as it has no job
        self._leaves = asyncio.Event()  # it is replaced, and has none
        self._failures = 0  # since the last clip
        self._jobs = 0  # that the worker denoises, decodes or encodes
        self._held_since = self._idle_since = clock()

    def status(self) -> WorkerStatus:
        """What everyone may know of this seat's worker."""
        return WorkerStatus(
            number=self.number,
            state=self._state,
            error=self._error,
            process_id=self._process_id,
            model=self.entry.name if self.entry else "",
            was_ready=self._was_ready,
        )

    def place(self) -> Place:
        """What a plan needs to know of this seat."""
        return Place(
            model=self.entry.name if self.entry else None,
            working=self._jobs > 0,
            held_since=self._held_since,
            idle_since=self._idle_since,
        )

    def assign(self, entry: ModelEntry | None) -> None:
        """Give the seat a model, or none. A job that it has is done first."""
        if entry != self.entry:
            self.entry = entry
            self._held_since = self._idle_since = self._clock()
            self.renew()

    def renew(self) -> None:
        """Have the worker replaced as soon as it has no job; it gets no other."""
        self._replaced.set()
        if self._state == "idle":
            self._state = "busy" if self._jobs else "loading"
        if not self._jobs:
            self._leaves.set()

    def is_fresh(self) -> bool:
        """Whether the replacement after the latest renew() is there, or nobody needs one."""
        return not self._replaced.is_set() and self._state in {"idle", "busy", "off"}

    def take(self) -> bool:
        """Occupy the worker; False when it cannot take a job."""
        if self._state != "idle":
            return False
        self._state = "busy"
        self._jobs += 1
        return True

    def free(self, actor: object) -> None:
        """Let the next job have the worker, if `actor` still is this seat's."""
        if self.actor is actor and self._state == "busy" and not self._replaced.is_set():
            self._state = "idle"
            self._on_idle()

    def leave(self, actor: object) -> None:
        """Take note that a job has come to its end there, for each take()."""
        if self.actor is actor:
            self._jobs -= 1
            self._idle_since = self._clock()
            if self._replaced.is_set() and not self._jobs:
                self._leaves.set()
            self._on_idle()

    def made_clip(self) -> None:
        """Take note that the worker does its work: if it is lost now, that is bad luck."""
        self._failures = 0

    def fail(self, why: str, actor: object = None) -> None:
        """Have the worker replaced (if `actor` still is this seat's); no job gets it any more."""
        if actor is None or actor is self.actor:
            self._state = "lost"
            self._error = why
            self._failed.set()

    async def keep(self) -> None:
        """Never return: keep a worker in the seat, with pauses where that fails repeatedly."""
        while True:
            if self._replaced.is_set():
                self._replaced.clear()
                self._leaves.clear()
                self._failures = 0
                self._error = ""
                self.empty()
            if self.entry is None:
                self._state = "off"
                await self._replaced.wait()
                continue
            waits = self._failures
            try:
                await self._fill(self.entry)
                await self._attend(self.actor.stay.remote())
            except _Leaving:
                continue
            except ModelUnavailable as error:
                # The process is well, and has torch imported: it may try again.
                self.fail(str(error))
                waits += 1
            except (InferenceError, RayError, TimeoutError) as error:
                if not self._failed.is_set():
                    self.fail(reason(error))
                self.empty()
            except Exception as error:  # a seat that nobody keeps would stay empty for ever
                log.exception("worker %d: unforeseen", self.number)
                self.fail(reason(error))
                self.empty()
            self._failures += 1
            if waits:
                doubled = self._retry_seconds * 2 ** (waits - 1)
                pause = asyncio.ensure_future(self._replaced.wait())
                await asyncio.wait((pause,), timeout=min(doubled, _LONGEST_RETRY_SECONDS))
                pause.cancel()

    def empty(self) -> None:
        """End the worker."""
        if self.actor is not None:
            self._kill_actor(self.actor)
        self.abandon()

    def abandon(self) -> None:
        """Forget the worker, which is beyond reach."""
        if not self.gone.done():
            self.gone.set_result(None)
        self.actor = None
        self._process_id = 0
        self._jobs = 0

    async def _fill(self, entry: ModelEntry) -> None:
        """Return when the seat has an actor that holds the model."""
        self._failed.clear()
        self._state = "loading"
        if self.actor is None:
            self.actor = self._make_actor(entry)
            self.gone = asyncio.get_running_loop().create_future()
        begun = self.actor.process_id.remote()
        self._process_id = await self._answer(begun, self._start_seconds, "did not start")
        await self._attend(self.actor.load.remote())
        self._error = ""
        self._state = "idle"
        self._was_ready = True
        self._on_idle()

    async def _answer(self, call: Awaitable[int], seconds: float | None, otherwise: str) -> int:
        """Await a short call of the actor, for so long. Raises: as _attend()."""
        answer = _heard(call)
        try:
            await self._wait(answer, seconds)
            if not answer.done():
                raise TimeoutError(f"Its process {otherwise}.")
            return answer.result()
        finally:
            answer.cancel()

    async def _attend(self, call: Awaitable[None]) -> None:
        """Await a long call of the actor, and make sure that the actor still answers.

        Raises: what the call raises; TimeoutError, RayError; WorkerLost, when the seat failed;
        _Leaving.
        """
        done = _heard(call)
        try:
            while not done.done():
                await self._wait(done, self.silence_seconds)
                if not done.done():
                    answer = self.actor.process_id.remote()
                    await self._answer(answer, self.silence_seconds, "does not answer")
            done.result()
        except RayTaskError as error:
            raise cause(error) from None
        finally:
            done.cancel()

    async def _wait(self, call: asyncio.Future[Any], seconds: float | None) -> None:
        """Wait for the call, for so long. Raises: WorkerLost, _Leaving."""
        failed = asyncio.ensure_future(self._failed.wait())
        leaves = asyncio.ensure_future(self._leaves.wait())
        try:
            await asyncio.wait(
                (call, failed, leaves), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            # Not the tasks: they may be a moment late, and a worker that leaves must not get a job.
            if self._failed.is_set():
                raise WorkerLost(self._error)
            if self._leaves.is_set():
                raise _Leaving
        finally:
            failed.cancel()
            leaves.cancel()


def _heard(call: Awaitable[T]) -> asyncio.Future[T]:
    """The call, whose error is no one's when nobody waits for it any more."""
    heard = asyncio.ensure_future(call)
    heard.add_done_callback(lambda heard: heard.cancelled() or heard.exception())
    return heard
