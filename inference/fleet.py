"""A pool of workers on Ray, and the only module that imports it.

Each worker has a seat. A task per seat keeps it filled: it starts an actor, has it load the model,
hands it out as a Slot whenever it can denoise another job, and starts a new actor when this one is
lost. Nothing is ever repeated inside Ray: a render that was lost is told so, and the job table
decides what becomes of it.
"""

import asyncio
import contextlib
import logging
import os
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import ray
from ray.exceptions import RayError, RayTaskError

from inference.catalog import ModelEntry
from inference.values import (
    Clip,
    InferenceError,
    ModelUnavailable,
    Progress,
    RenderCancelled,
    Request,
    Stage,
    WorkerLost,
    WorkerStatus,
)
from inference.worker import Worker

_CONTROL_CALLS = 8
_CONTROL_SECONDS = 10.0
_LONGEST_RETRY_SECONDS = 300.0
_OBJECT_STORE_BYTES = 256 * 2**20
_SOURCE_FOLDER = str(Path(__file__).parent.parent)


class _RemoteWorker:
    """A Worker in a process of its own; its control methods answer while the model runs."""

    def __init__(self, entry: ModelEntry, models_folder: Path | None, threads: int) -> None:
        device = "cuda" if entry.gpus else "cpu"
        self._worker = Worker(entry, models_folder=models_folder, device=device, threads=threads)

    async def load(self) -> None:
        await self._worker.load()

    async def render(self, request: Request, key: str) -> AsyncIterator[Progress | Clip]:
        async for item in self._worker.render(request, key=key):
            yield item

    @ray.method(concurrency_group="control")
    async def cancel(self, key: str) -> bool:
        return self._worker.cancel(key)

    @ray.method(concurrency_group="control")
    async def process_id(self) -> int:
        return os.getpid()

    @ray.method(concurrency_group="control")
    async def stay(self) -> None:
        """Never return: the end of this call is the end of the process."""
        await asyncio.Event().wait()


# Ray's annotations do not know concurrency groups.
_make_remote: Any = ray.remote
_ACTOR = _make_remote(
    max_restarts=0, max_task_retries=0, concurrency_groups={"control": _CONTROL_CALLS}
)(_RemoteWorker)


class _Seat:
    """The place of one worker in the fleet."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.state = "loading"
        self.error = ""
        self.process_id = 0
        self.failures = 0  # since the last clip
        self.actor: Any = None
        self.failed = asyncio.Event()

    def fail(self, reason: str) -> None:
        """Have this seat's actor replaced; no one is given it any more."""
        self.state = "lost"
        self.error = reason
        self.failed.set()


class Fleet:
    """Workers that hold one model. Made by open(); all methods belong to its event loop."""

    def __init__(
        self,
        entry: ModelEntry,
        *,
        workers: int,
        models_folder: Path | None,
        silence_seconds: float,
        retry_seconds: float,
        local: bool,
    ) -> None:
        """Lay the table; open() fills it."""
        self.entry = entry
        self.silence_seconds = silence_seconds
        self._models_folder = models_folder
        self._retry_seconds = retry_seconds
        self._local = local
        self._seats = [_Seat(number) for number in range(1, workers + 1)]
        self._keepers: list[asyncio.Task[None]] = []
        self._waiting: deque[asyncio.Future[Slot]] = deque()
        self._closed = False
        # Ray's processes die with the thread that started them, so that thread lives on.
        self._ray_thread: ThreadPoolExecutor | None = None

    @classmethod
    async def open(
        cls,
        entry: ModelEntry,
        *,
        address: str | None,
        workers: int,
        models_folder: Path | None = None,
        silence_seconds: float = 120.0,
        retry_seconds: float = 2.0,
    ) -> Self:
        """Return at once a fleet whose workers are loading the model.

        address: of a Ray cluster; None starts Ray on this machine, unless this process is
        connected to one already.
        silence_seconds: a render without a word for so long is lost, and so is its worker.
        retry_seconds: wait after the first failure to have a worker; doubles up to 5 minutes.
        Raises: ModelUnavailable, when this machine lacks the GPUs; InferenceError without Ray.
        """
        fleet = cls(
            entry,
            workers=workers,
            models_folder=models_folder and models_folder.resolve(),  # noqa: ASYNC240
            silence_seconds=silence_seconds,
            retry_seconds=retry_seconds,
            local=address is None,
        )
        if not ray.is_initialized():
            fleet._ray_thread = ThreadPoolExecutor(1, "ray")
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(fleet._ray_thread, _start_ray, address)
            except (RayError, OSError, RuntimeError, ValueError) as error:
                await fleet.close()
                where = address or "this machine"
                raise InferenceError(f"Ray cannot be used on {where}: {error}") from error
        present = ray.cluster_resources().get("GPU", 0)
        if address is None and present < entry.gpus:
            await fleet.close()
            raise ModelUnavailable(
                f"{entry.title} needs {entry.gpus} GPU a worker; this machine has {present:g}."
            )
        fleet._keepers = [asyncio.create_task(fleet._keep(seat)) for seat in fleet._seats]
        return fleet

    def workers(self) -> list[WorkerStatus]:
        """One status a worker, by number."""
        return [
            WorkerStatus(
                number=seat.number,
                state=seat.state,
                error=seat.error,
                process_id=seat.process_id,
            )
            for seat in self._seats
        ]

    async def acquire(self) -> "Slot":
        """Wait until a loaded worker can denoise another job; first come, first served.

        Raises: WorkerLost, when the fleet is closed.
        """
        if self._closed:
            raise WorkerLost("The fleet is closed.")
        waiter: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._hand_out()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                waiter.result().release()
            raise

    def _hand_out(self) -> None:
        for seat in self._seats:
            while self._waiting and self._waiting[0].done():
                self._waiting.popleft()
            if self._waiting and seat.state == "idle":
                seat.state = "busy"
                self._waiting.popleft().set_result(
                    Slot(seat, self.silence_seconds, on_free=self._free)
                )

    def _free(self, seat: _Seat, actor: object) -> None:
        if seat.actor is actor and seat.state == "busy":
            seat.state = "idle"
            self._hand_out()

    async def _keep(self, seat: _Seat) -> None:
        """Have a worker in the seat, always; one that worked well is replaced at once."""
        while True:
            waits = seat.failures
            try:
                await self._start(seat)
                await self._attend(seat, seat.actor.stay.remote())
            except ModelUnavailable as error:
                seat.error = str(error)
                waits += 1
            except (InferenceError, RayError, TimeoutError) as error:
                seat.error = _reason(error)
            self._discard(seat)
            seat.failures += 1
            if waits:
                doubled = self._retry_seconds * 2 ** (waits - 1)
                await asyncio.sleep(min(doubled, _LONGEST_RETRY_SECONDS))

    async def _start(self, seat: _Seat) -> None:
        """Return when the seat has an actor that holds the model."""
        seat.failed.clear()
        seat.state = "loading"
        threads = max(1, (os.cpu_count() or 1) // len(self._seats)) if self._local else 0
        seat.actor = _ACTOR.options(
            num_cpus=0 if self._local else self.entry.cpus,
            num_gpus=self.entry.gpus,
            runtime_env={"env_vars": self._environment(threads)},
        ).remote(self.entry, self._models_folder, threads or None)
        # A cluster may first have to start a node for it: this wait has no limit.
        seat.process_id = await seat.actor.process_id.remote()
        await self._attend(seat, seat.actor.load.remote())
        seat.error = ""
        seat.state = "idle"
        self._hand_out()

    def _environment(self, threads: int) -> dict[str, str]:
        if not self._local:
            return {}
        path = os.environ.get("PYTHONPATH")
        return {
            "OMP_NUM_THREADS": str(threads),
            "PYTHONPATH": os.pathsep.join([_SOURCE_FOLDER, path] if path else [_SOURCE_FOLDER]),
        }

    async def _attend(self, seat: _Seat, call: Awaitable[None]) -> None:
        """Await a long call of the seat's actor, and make sure that the actor still answers.

        Raises: what the call raises; TimeoutError, RayError; WorkerLost, when the seat failed.
        """
        done = asyncio.ensure_future(call)
        done.add_done_callback(lambda done: done.cancelled() or done.exception())
        failed = asyncio.ensure_future(seat.failed.wait())
        try:
            while not done.done():
                await asyncio.wait(
                    (done, failed),
                    timeout=self.silence_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if failed.done():
                    raise WorkerLost(seat.error)
                if not done.done():
                    await asyncio.wait_for(seat.actor.process_id.remote(), self.silence_seconds)
            done.result()
        except RayTaskError as error:
            raise _cause(error) from None
        finally:
            done.cancel()
            failed.cancel()

    def _discard(self, seat: _Seat) -> None:
        seat.state = "lost"
        seat.process_id = 0
        if seat.actor is not None:
            with contextlib.suppress(RayError):
                ray.kill(seat.actor, no_restart=True)
            seat.actor = None

    async def close(self) -> None:
        """End every worker, and Ray where open() started it. Whoever waits for a slot is told."""
        self._closed = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for seat in self._seats:
            self._discard(seat)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(WorkerLost("The fleet is closed."))
        self._waiting.clear()
        if self._ray_thread is not None:
            await asyncio.get_running_loop().run_in_executor(self._ray_thread, ray.shutdown)
            self._ray_thread.shutdown()
            self._ray_thread = None


class Slot:
    """The right to have one request denoised by one worker, now."""

    def __init__(
        self, seat: _Seat, silence_seconds: float, *, on_free: Callable[[_Seat, object], None]
    ) -> None:
        """Made by Fleet.acquire()."""
        self._seat = seat
        self._actor = seat.actor
        self._silence_seconds = silence_seconds
        self._on_free = on_free
        self._key = ""
        self._cancelled = False
        self._cancel_heard = False

    def release(self) -> None:
        """Let the worker take the next job. Done by render() as soon as it denoises no more."""
        self._on_free(self._seat, self._actor)

    async def cancel(self) -> None:
        """Stop within one denoising step, or when the running decode ends."""
        self._cancelled = True
        if self._key and not self._cancel_heard:
            with contextlib.suppress(RayError, TimeoutError):
                self._cancel_heard = await asyncio.wait_for(
                    self._actor.cancel.remote(self._key), _CONTROL_SECONDS
                )

    async def render(self, request: Request, *, key: str) -> AsyncIterator[Progress | Clip]:
        """Any number of Progress, then one Clip. The slot is free when Stage.ENCODE begins.

        key: names this render among all of its worker. Leaving the iteration early cancels it.
        Raises: RequestRejected, RenderCancelled, OutOfMemory, EncodeError, WorkerLost,
        InferenceError.
        """
        self._key = key
        under_way = False
        try:
            self._stop_if_cancelled()
            stream = self._actor.render.remote(request, key)
            under_way = True
            clip = None
            while clip is None:
                item = await self._next(stream)
                if self._cancelled:
                    await self.cancel()  # the render may not have begun when it was told before
                elif isinstance(item, Clip):
                    clip = item
                else:
                    if item.stage is Stage.ENCODE:
                        self.release()
                    yield item
            under_way = False
            self._stop_if_cancelled()
            self._seat.failures = 0
            self.release()
            yield clip
        except InferenceError:
            under_way = False
            raise
        finally:
            if under_way:
                await self.cancel()
            self.release()

    def _stop_if_cancelled(self) -> None:
        if self._cancelled:
            raise RenderCancelled("The render was told to stop.")

    async def _next(self, stream: AsyncIterator[Awaitable[Progress | Clip]]) -> Progress | Clip:
        """The next item of a stream of Ray, in time, or an InferenceError."""
        try:
            return await asyncio.wait_for(_resolve(stream), self._silence_seconds)
        except RayTaskError as error:
            lost: InferenceError = _cause(error)
        except TimeoutError:
            lost = WorkerLost(f"the worker said nothing for {self._silence_seconds:g} s")
        except StopAsyncIteration:
            lost = InferenceError("the worker made no clip")
        except RayError as error:
            lost = WorkerLost(_reason(error))
        if isinstance(lost, WorkerLost) and self._seat.actor is self._actor:
            self._seat.fail(str(lost))
        raise lost


async def _resolve(stream: AsyncIterator[Awaitable[Progress | Clip]]) -> Progress | Clip:
    return await (await anext(stream))


def _cause(error: RayTaskError) -> InferenceError:
    if isinstance(error.cause, InferenceError):
        return error.cause
    return InferenceError(_reason(error))


def _reason(error: Exception) -> str:
    """The first line of what an error says, for a status or a log."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _start_ray(address: str | None) -> None:
    """Connect to a cluster, or start Ray here: quiet, and closed to everyone else.

    Ray takes these settings from the environment alone. Its own default would keep the token of
    a local cluster in the home folder; a token that ends with this process is enough.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address is not None:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        return
    if not _has_token():
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    ray.init(
        address="local",
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=_OBJECT_STORE_BYTES,
    )


def _has_token() -> bool:
    named = "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ
    return named or Path.home().joinpath(".ray", "auth_token").exists()
