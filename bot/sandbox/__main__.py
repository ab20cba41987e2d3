"""`python -m bot.sandbox --folder DIR`: the sandbox as a process of its own."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from bot.sandbox.people import add_crowd
from bot.sandbox.server import open_sandbox


def main() -> int:
    """Serve until SIGINT, SIGTERM or the parent's end; 0 then, 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--token", default="", help="the bot's token; one is made if none is kept")
    parser.add_argument(
        "--flood-scale", type=float, default=1.0, help="1 is Telegram's limits, 0.5 allows half"
    )
    parser.add_argument(
        "--crowd", type=int, default=0, help="so many more people, with ids from 1004"
    )
    parser.add_argument(
        "--with-parent",
        action="store_true",
        help="end when standard input does, and so with the process that holds its other end",
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # aiohttp's own reports of broken requests may quote an address, and the token is in it.
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
    add_crowd(arguments.crowd)
    try:
        asyncio.run(_serve(arguments))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The sandbox cannot start: {error}\n")
        return 2
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_sandbox(
        arguments.folder,
        port=arguments.port,
        token=arguments.token,
        flood_scale=arguments.flood_scale,
    ) as sandbox:
        sys.stdout.write(f"Sandbox: {sandbox.root}\n")
        sys.stdout.flush()
        if arguments.with_parent:
            _stop_with_input(stop)
        await stop.wait()


def _stop_with_input(stop: asyncio.Event) -> None:
    """Set `stop` at the end of standard input, read by a thread that nobody has to wait for."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has closed already
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=read, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
