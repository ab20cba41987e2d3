"""A process that writes until it is killed, and prints what storage has acknowledged.

python -m tests.storage.writing_process DATABASE [PHASE NAME]
"""

import asyncio
import itertools
import os
import signal
import sys
from pathlib import Path

from sqlite_utils import Database as Tables

from storage import audit, inbox
from storage.database import Database

from .examples import BOT


def record_pair(db: Tables, number: int) -> None:
    """Two rows that belong together."""
    inbox.record(db, bot_id=BOT, updates=[{"update_id": number, "pad": "x" * 500}], now=0)
    audit.record(db, bot_id=BOT, actor_id=os.getpid(), action=str(number), target="", now=0)


async def main(path: Path, crash_point: tuple[str, ...]) -> None:
    """Write from several tasks at once, so that transactions share commits."""

    def at_commit(phase: str, name: str) -> None:
        if (phase, name) == crash_point:
            os.kill(os.getpid(), signal.SIGKILL)

    database = await Database.open(path, at_commit=at_commit)
    numbers = itertools.count(os.getpid() * 1_000_000)

    async def write() -> None:
        for number in numbers:
            await database.run(record_pair, number)
            print(number, flush=True)

    await asyncio.gather(*(write() for _ in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), tuple(sys.argv[2:])))
