"""Processes of their own that need not import anything: forked from one that has it all.

Starting Python and importing the bot takes longer than most tests.
"""

import asyncio
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import connection, get_context

_IMPORTED = ["bot.app", "bot.sandbox.server", "tests.fleets"]
_context = get_context("forkserver")
_context.set_forkserver_preload(_IMPORTED)


class Forked:
    """A process that runs a module as `python -m` does; the peer of asyncio's Process."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Start it. arguments: the module's name, and its own."""
        self._reader, writer = _context.Pipe(duplex=False)
        whole = dict(os.environ if environment is None else environment)
        self._process = _context.Process(target=_run, args=(arguments, whole, writer))
        self._process.start()
        writer.close()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    async def first_line(self, seconds: float) -> str:
        """What it prints first; "" when it ends without a word."""
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(_read_line, self._reader.fileno())

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        await asyncio.to_thread(self._process.join)
        self._reader.close()
        assert self._process.exitcode is not None
        return self._process.exitcode


def _read_line(file: int) -> str:
    line = b""
    while not line.endswith(b"\n") and (more := os.read(file, 4096)):
        line += more
    return line.decode()


def _run(
    arguments: Sequence[str], environment: Mapping[str, str], stdout: connection.Connection
) -> None:
    os.dup2(stdout.fileno(), 1)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(arguments)
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
