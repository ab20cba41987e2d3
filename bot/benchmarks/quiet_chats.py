"""Chats that take everything at once: Telegram's limits would hide what the service costs."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.card import CardView, Live
from bot.clips_folder import ClipsFolder
from bot.delivery import Delivery
from bot.messages import Messages
from bot.outbox import Reconciler
from bot.rules import Rules
from bot.telegram.pacing import Pacing
from storage.clips import ClipRecord
from storage.database import Database
from storage.jobs import Job


@dataclass
class QuietChats(Messages):
    """What the reconciler says reaches them, and is forgotten. sent: set when a job's card is."""

    sent: dict[int, asyncio.Event] = field(default_factory=dict)
    messages: int = 0

    async def call(self, chat_id: int, method: str, payload: Mapping[str, Any]) -> None:
        """Taken."""

    async def send_card(self, job: Job, card: CardView) -> int:  # noqa: ARG002
        """The id of the card, which is there."""
        self.messages += 1
        self.sent.pop(job.id, asyncio.Event()).set()
        return 1_000_000_000 + self.messages

    async def edit_card(self, job: Job, card: CardView, *, spoiler: bool = False) -> str:  # noqa: ARG002
        """No picture."""
        return ""

    async def turn_into_clip(
        self,
        job: Job,
        card: CardView,  # noqa: ARG002
        clip: ClipRecord,  # noqa: ARG002
        *,
        spoiler: bool = False,  # noqa: ARG002
    ) -> str | None:
        """A file id."""
        return f"clip {job.id}"


@contextlib.asynccontextmanager
async def reconciling(
    database: Database, bot_id: int, rules: Rules, folder: Path, live: dict[int, Live]
) -> AsyncIterator[tuple[Reconciler, QuietChats]]:
    """A reconciler at work on the database, and the chats that it speaks to."""
    chats = QuietChats()
    reconciler = Reconciler(
        database=database,
        bot_id=bot_id,
        messages=chats,
        delivery=Delivery(database, chats, ClipsFolder(folder)),
        pacing=Pacing(time.time),
        live=live,
        abandon=lambda _job_id: None,
        workers=lambda _model: 1,
        rules=rules,
        clock=time.time,
    )
    task = asyncio.create_task(reconciler.run())
    try:
        yield reconciler, chats
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
