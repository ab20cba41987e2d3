"""Ray: connected to or started here, and a Worker as one of its actors."""

import asyncio
import logging
import os
import secrets
import signal
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from inference.entry import ModelEntry
from inference.fleet.ranks import Followers, RankedActor
from inference.ranks import Ranks
from inference.values import (
    Clip,
    InferenceError,
    ModelUnavailable,
    Progress,
    Request,
    WorkerLost,
)
from inference.worker import Worker

_CONTROL_CALLS = 8
_KNOCK_SECONDS = 10.0
_NICENESS = 5
_OBJECT_STORE_BYTES = 256 * 2**20
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


class Connection:
    """This process's connection to Ray; closing it ends only what it began."""

    def __init__(self, address: str | None) -> None:
        """Name the cluster; None is this machine."""
        self.local = address is None
        self._address = address
        # Ray's processes die with the thread that started them, so that thread lives on.
        self._thread: ThreadPoolExecutor | None = None

    async def open(self) -> None:
        """Connect, unless this process is connected already.

        Raises: InferenceError.
        """
        if ray.is_initialized():
            return
        self._thread = ThreadPoolExecutor(1, "ray")
        try:
            await self._knock()
            await self._call(_start if self.local else self._join)
        except Exception as error:  # Ray raises even plain Exceptions here
            await self.close()
            where = self._address or "this machine"
            raise InferenceError(f"Ray cannot be used on {where}: {reason(error)}") from error
        finally:
            _take_back_signals()

    async def _knock(self) -> None:
        """Find out in seconds what takes Ray minutes: that nobody listens at host:port."""
        host, _, port = (self._address or "").rpartition(":")
        if host and port.isdecimal() and "/" not in host:
            opening = asyncio.open_connection(host.strip("[]"), int(port))
            _, writer = await asyncio.wait_for(opening, _KNOCK_SECONDS)
            writer.close()
            await writer.wait_closed()

    async def close(self) -> None:
        """Disconnect, and end a Ray that was started here."""
        if self._thread is not None:
            await self._call(ray.shutdown)
            self._thread.shutdown()
            self._thread = None

    async def _call(self, function: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def _join(self) -> None:
        _be_quiet()
        ray.init(address=self._address, log_to_driver=False, logging_level=logging.ERROR)
        _stop_printing()

    def gpus(self) -> float:
        """Number of GPUs that Ray knows of."""
        return float(ray.cluster_resources().get("GPU", 0))

    def make_actor(
        self,
        entry: ModelEntry,
        models_folder: Path | None,
        workers: int,
        *,
        marked: bool,
        ranks: int,
    ) -> Any:
        """A new actor of RemoteWorker, which may take a while to be placed.

        marked: whether its clips bear the mark.
        ranks: processes that share the work of one clip, with what the entry asks for each.
        workers: how many share this machine's cores; on a cluster the entry says what it needs.
        """
        cpus, environment = entry.cpus, {}
        if self.local:
            cpus = max(1, (os.cpu_count() or 1) // (workers * ranks))
            path = [_SOURCE_FOLDER, *filter(None, [os.environ.get("PYTHONPATH")])]
            environment = {"OMP_NUM_THREADS": str(cpus), "PYTHONPATH": os.pathsep.join(path)}
        resources = {"CPU": 0 if self.local else cpus, "GPU": entry.gpus}

        def make(**placed: Any) -> Any:
            return _ACTOR.options(
                num_cpus=resources["CPU"],
                num_gpus=resources["GPU"],
                runtime_env={"env_vars": environment},
                **placed,
            ).remote(entry, models_folder, cpus, marked, ranks)

        return make() if ranks == 1 else RankedActor(make, resources, ranks)


def kill(actor: Any) -> None:
    """End an actor's process, and those of its other ranks, whatever they are doing."""
    try:
        if isinstance(actor, RankedActor):
            actor.kill()
        else:
            ray.kill(actor, no_restart=True)
    except RayError as error:
        logging.getLogger(__name__).debug("nothing to kill: %s", error)


def cause(error: RayTaskError) -> InferenceError:
    """What was raised in the worker, without Ray's wrapping."""
    if isinstance(error.cause, InferenceError):
        return error.cause
    return InferenceError(reason(error))


def reason(error: Exception) -> str:
    """The first line of what an error says, for a status or a log."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _start() -> None:
    """Start Ray on this machine, quiet, and closed to everyone else.

    Ray takes some of its settings from the environment alone. Its own default would keep the
    token of the cluster in the home folder; one that ends with this process is enough.
    """
    _be_quiet()
    # Ray's own 15 leaves a model next to nothing on a machine that does anything else.
    os.environ.setdefault("RAY_worker_niceness", str(_NICENESS))
    if not _has_token():
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    ray.init(
        address="local",
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=_OBJECT_STORE_BYTES,
    )
    _stop_printing()


def _stop_printing() -> None:
    """Keep the deaths of workers off stdout, where Ray prints them whatever log_to_driver says.

    A worker's status and WorkerLost tell the same. Ray's shutdown closes this once more, which
    it allows.
    """
    driver: Any = ray._private.worker.global_worker
    driver.threads_stopped.set()
    driver.gcs_error_subscriber.close()


def _be_quiet() -> None:
    """Have Ray send nothing home, and print neither warnings nor errors that nobody waits for."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")


def _has_token() -> bool:
    named = "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ
    return named or Path.home().joinpath(".ray", "auth_token").exists()


def _take_back_signals() -> None:
    """Undo Ray's own handling of SIGTERM, which would end the bot in the middle of things."""
    present = signal.getsignal(signal.SIGTERM)
    if present is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, present)
        signal.siginterrupt(signal.SIGTERM, False)
