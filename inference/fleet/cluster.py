"""Ray: connected to or started here, watched, and begun anew where it is lost."""

import asyncio
import logging
import os
import secrets
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ray
from ray._raylet import GcsClient  # type: ignore[attr-defined]
from ray.exceptions import RayError, RayTaskError

from inference.values import InferenceError

_ANSWER_SECONDS = 10.0
_MISSES = 3
_NICENESS = 5
_WATCH_SECONDS = 2.0
_OBJECT_STORE_BYTES = 256 * 2**20


class Connection:
    """This process's connection to Ray; closing it ends only what it began."""

    def __init__(self, address: str | None) -> None:
        """Name the cluster; None is this machine."""
        self.local = address is None
        self._address = address
        # Ray's processes die with the thread that started them, so that thread lives on.
        self._thread: ThreadPoolExecutor | None = None
        self._head = self._node = ""  # host:port, of the head and of the node that is used here
        self._cluster = ""  # Ray's id of it

    async def open(self) -> None:
        """Connect, unless this process is connected already.

        Raises: InferenceError.
        """
        if ray.is_initialized():
            return
        self._thread = ThreadPoolExecutor(1, "ray")
        try:
            await _knock(self._address or "")
            await self._call(self._begin)
        except Exception as error:  # Ray raises even plain Exceptions here
            await self.close()
            where = self._address or "this machine"
            raise InferenceError(f"Ray cannot be used on {where}: {reason(error)}") from error
        finally:
            _take_back_signals()

    async def close(self) -> None:
        """Disconnect, and end a Ray that was started here."""
        if self._thread is not None:
            await self._call(ray.shutdown)
            self._thread.shutdown()
            self._thread = None
            self._cluster = ""

    async def drop(self) -> None:
        """Disconnect from a Ray that is lost; what is left of one started here may not listen."""
        if self.local:
            await self._call(_kill_processes)
        await self.close()

    async def _call(self, function: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, function)

    def _begin(self) -> None:
        if self._address is None:
            _start()
        else:
            _join(self._address)
        here = ray.get_runtime_context()
        (node,) = (node for node in ray.nodes() if node["NodeID"] == here.get_node_id())
        self._node = f"{node['NodeManagerAddress']}:{node['NodeManagerPort']}"
        self._head = here.gcs_address
        self._cluster = _cluster_at(self._head)

    async def lost(self) -> str:
        """Return why, when the Ray that open() joined or started is gone; a new one may be there.

        A driver of Ray's ends its whole process when it misses its head for a minute, and waits
        for ever where it misses its node.
        """
        missed = 0
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if not self._cluster:
                continue
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    # Ray's own client would wait for half a minute, and may then end the process.
                    await _knock(self._node)
                    await _knock(self._head)
                    present = await asyncio.to_thread(_cluster_at, self._head)
            except (OSError, RayError) as error:
                missed += 1
                if missed == _MISSES:
                    return f"Ray does not answer: {reason(error)}"
                continue
            missed = 0
            if present != self._cluster:
                return "The head of the Ray cluster is a new one."

    def gpus(self) -> float:
        """Number of GPUs that Ray knows of."""
        return float(ray.cluster_resources().get("GPU", 0))


async def _knock(address: str) -> None:
    """Find out in seconds what takes Ray minutes: that nobody listens at host:port.

    Raises: OSError, TimeoutError among them. Nothing, where the address is of another kind.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        opening = asyncio.open_connection(host.strip("[]"), int(port))
        _, writer = await asyncio.wait_for(opening, _ANSWER_SECONDS)
        writer.close()
        await writer.wait_closed()


def _cluster_at(head: str) -> str:
    """Ray's id of the cluster whose head is at host:port, of which each start makes a new one."""
    return str(GcsClient(address=head).cluster_id.hex())


def cause(error: RayTaskError) -> InferenceError:
    """What was raised in the worker, without Ray's wrapping."""
    if isinstance(error.cause, InferenceError):
        return error.cause
    return InferenceError(reason(error))


def reason(error: Exception) -> str:
    """The first line of what an error says, for a status or a log."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _join(address: str) -> None:
    _be_quiet()
    ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    _stop_printing()


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


def _kill_processes() -> None:
    """End the Ray that was started here, for which shutdown alone would wait if it hangs."""
    node: Any = ray._private.worker._global_node
    node.kill_all_processes(check_alive=False)


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
