"""What the bot and the shell commands beside it let each other know, through the database."""

import asyncio
import contextlib
from collections.abc import Callable

from storage import bots
from storage.database import Database
from storage.errors import StorageUnavailable

LOOK_SECONDS = 1.0


async def keep_in_touch(
    database: Database, bot_id: int, username: str, changed: Callable[[], None]
) -> None:
    """Write down the bot's name; then call `changed` whenever another process has committed.

    Until cancelled.
    """
    is_known, seen = False, None
    while True:
        with contextlib.suppress(StorageUnavailable):
            if not is_known:
                await database.run(bots.see, bot_id=bot_id, username=username)
                is_known = True
            commits = await database.foreign_commits()
            if seen is not None and commits != seen:
                changed()
            seen = commits
        await asyncio.sleep(LOOK_SECONDS)
