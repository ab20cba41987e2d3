"""Nodes of a Ray cluster: processes of this machine, to be killed."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import ray.util

from tests.inference.fleet.watch import parent

ROOT = Path(__file__).parents[2]
STARTS = 3  # Ray gives up a node that it does not hear of within its own few seconds.


class Cluster:
    """A head without a CPU for workers, and nodes that come and go.

    environment: for every process that is to belong to it.
    """

    def __init__(self, folder: str, environment: Mapping[str, str]) -> None:
        """Begin with nothing. folder: short, for the names of Ray's sockets."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.address = f"{ray.util.get_node_ip_address()}:{port}"
        self.environment = {
            **environment,
            "PYTHONPATH": str(ROOT),
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_TMPDIR": folder,
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_raylet_start_wait_time_s": "120",  # a crowded machine takes its time
            "RAY_worker_niceness": "0",
        }
        self._head = ("--head", f"--port={port}", "--num-cpus=0", "--include-dashboard=false")
        self._nodes: list[asyncio.subprocess.Process] = []

    async def start_head(self) -> None:
        """A head at this cluster's address, as soon as it runs."""
        await self._start(*self._head)

    async def start_node(self, cpus: float) -> None:
        """A node, as soon as it runs."""
        await self._start(f"--address={self.address}", f"--num-cpus={cpus:g}")

    async def _start(self, *words: str) -> None:
        ray_start = (sys.executable, "-m", "ray.scripts.scripts", "start", "--block")
        for _ in range(STARTS):
            node = await asyncio.create_subprocess_exec(
                *(*ray_start, "--num-gpus=0", *words),
                env=os.environ | self.environment,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            self._nodes.append(node)
            if await _runs(node):
                return
            self._nodes.remove(node)
            await _kill(node)
        raise AssertionError("the node did not start")

    def workers(self, number: int) -> set[int]:
        """The process ids of the workers on a node."""
        found = set()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):  # It may just have ended.
                pid = int(path.parent.name)
                is_here = os.getpgid(parent(pid)) == self._nodes[number].pid
                if is_here and path.read_bytes().startswith(b"ray::RemoteWorker"):
                    found.add(pid)
        return found

    async def kill(self, *numbers: int) -> None:
        """Kill nodes with all their processes. numbers: in the order of their starts, from 0."""
        for number in numbers:
            await _kill(self._nodes[number])

    async def kill_all(self) -> None:
        await self.kill(*range(len(self._nodes)))


async def _runs(node: asyncio.subprocess.Process) -> bool:
    """Whether a node came up, once that is known."""
    assert node.stdout is not None
    async for line in node.stdout:
        if b"--block" in line:
            return True
    return False


async def _kill(node: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(node.pid, signal.SIGKILL)
    await node.wait()


@contextlib.asynccontextmanager
async def open_cluster(**environment: str) -> AsyncIterator[Cluster]:
    """A cluster of nothing yet; whatever it has in the end is killed."""
    with tempfile.TemporaryDirectory(prefix="k", dir="/tmp", ignore_cleanup_errors=True) as short:
        cluster = Cluster(short, environment)
        try:
            yield cluster
        finally:
            await cluster.kill_all()


class Gate:
    """A named pipe that holds each reader until it is opened."""

    def __init__(self, path: Path) -> None:
        """Make it, shut."""
        self.path = path
        os.mkfifo(path)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Let everyone pass, until the block ends."""
        held = os.open(self.path, os.O_RDWR)
        try:
            yield
        finally:
            os.close(held)
