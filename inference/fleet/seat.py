"""The place of one worker in the fleet, and the task that keeps it filled."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ray.exceptions import RayError, RayTaskError

from inference.fleet.cluster import cause, kill, reason
from inference.values import InferenceError, ModelUnavailable, WorkerLost, WorkerStatus

_LONGEST_RETRY_SECONDS = 300.0
log = logging.getLogger(__name__)


class Seat:
    """Starts an actor, has it load the model, and starts another when this one is lost.

    number: of the worker, 1 and up.
    actor: the present one; whoever holds an older one has lost it.
    """

    def __init__(
        self,
        number: int,
        *,
        make_actor: Callable[[], Any],
        on_idle: Callable[[], None],
        start_seconds: float | None,
        silence_seconds: float,
        retry_seconds: float,
    ) -> None:
        """Begin empty; keep() fills the seat.

        on_idle: called whenever the worker can take a job.
        start_seconds: how long a process may take to start; None when a node may have to first.
        silence_seconds, retry_seconds: see Fleet.open().
        """
        self.actor: Any = None
        self.silence_seconds = silence_seconds
        self.number = number
        self._make_actor = make_actor
        self._on_idle = on_idle
        self._start_seconds = start_seconds
        self._retry_seconds = retry_seconds
        self._state = "loading"
        self._error = ""
        self._process_id = 0
        self._failed = asyncio.Event()
        self._failures = 0  # since the last clip

    def status(self) -> WorkerStatus:
        """What everyone may know of this seat's worker."""
        return WorkerStatus(
            number=self.number,
            state=self._state,
            error=self._error,
            process_id=self._process_id,
        )

    def take(self) -> bool:
        """Occupy the worker; False when it cannot take a job."""
        if self._state != "idle":
            return False
        self._state = "busy"
        return True

    def free(self, actor: object) -> None:
        """Let the next job have the worker, if `actor` still is this seat's."""
        if self.actor is actor and self._state == "busy":
            self._state = "idle"
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
            waits = self._failures
            try:
                await self._fill()
                await self._attend(self.actor.stay.remote())
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
                await asyncio.sleep(min(doubled, _LONGEST_RETRY_SECONDS))

    def empty(self) -> None:
        """End the worker."""
        self._process_id = 0
        if self.actor is not None:
            kill(self.actor)
            self.actor = None

    async def _fill(self) -> None:
        """Return when the seat has an actor that holds the model."""
        self._failed.clear()
        self._state = "loading"
        if self.actor is None:
            self.actor = self._make_actor()
        self._process_id = await asyncio.wait_for(
            self.actor.process_id.remote(), self._start_seconds
        )
        await self._attend(self.actor.load.remote())
        self._error = ""
        self._state = "idle"
        self._on_idle()

    async def _attend(self, call: Awaitable[None]) -> None:
        """Await a long call of the actor, and make sure that the actor still answers.

        Raises: what the call raises; TimeoutError, RayError; WorkerLost, when the seat failed.
        """
        done = asyncio.ensure_future(call)
        done.add_done_callback(lambda done: done.cancelled() or done.exception())
        failed = asyncio.ensure_future(self._failed.wait())
        try:
            while not done.done():
                await asyncio.wait(
                    (done, failed),
                    timeout=self.silence_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if failed.done():
                    raise WorkerLost(self._error)
                if not done.done():
                    await asyncio.wait_for(self.actor.process_id.remote(), self.silence_seconds)
            done.result()
        except RayTaskError as error:
            raise cause(error) from None
        finally:
            done.cancel()
            failed.cancel()
