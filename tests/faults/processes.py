"""Bots that are killed, and what must be true of the chats and the ledger afterwards."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from storage import jobs
from storage.database import Database
from storage.jobs import JobState
from tests.forked import Forked
from tests.service import BOT_ID, Message, Sandbox, by_bot, ledger, videos

ENDS = {JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED}


@contextlib.asynccontextmanager
async def bot_process(
    sandbox: Sandbox, data_dir: Path, **environment: str
) -> AsyncIterator[Forked]:
    """The bot in a process of its own; killed at the end of the block if it still lives."""
    process = Forked(
        "tests.faults.serve_process", environment=sandbox.environment(data_dir, **environment)
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def until_all_ended(data_dir: Path, seconds: float = 60.0) -> None:
    """Wait until every job has an end and its card says so, read beside the running bot."""
    database = await Database.open(data_dir / "kinogram.db")
    try:
        async with asyncio.timeout(seconds):
            while await database.read(jobs.open_cards, bot_id=BOT_ID, limit=1):
                await asyncio.sleep(0.05)
    finally:
        await database.close()


def orphans(messages: list[Message], live_cards: set[int]) -> list[Message]:
    """Cards that no job knows, left by a send that was cut: they keep their Cancel button."""
    return [
        message
        for message in by_bot(messages)
        if message["message_id"] not in live_cards and "reply_markup" in message
    ]


async def check_books(data_dir: Path) -> dict[str, Any]:
    """Every job has one end, its credits are settled to what was delivered, its card is done.

    Returns the jobs' cards and states by prompt.
    """
    database = await Database.open(data_dir / "kinogram.db")
    try:
        rows = await database.read(lambda db: list(db.query("SELECT * FROM jobs")))
        entries = await ledger(database)
    finally:
        await database.close()
    for row in rows:
        assert JobState(row["state"]) in ENDS, row
        assert row["card_done"], row
        mine = [entry for entry in entries if entry["job_id"] == row["id"]]
        sums = Counter[str]()
        for entry in mine:
            sums[entry["kind"]] += entry["amount_tenths"]
        assert sums["reserve"] == row["cost_tenths"]
        assert sums["reserve"] == sums["capture"] + sums["release"]
        if JobState(row["state"]) is JobState.DELIVERED:
            assert sums["capture"] == row["cost_tenths"]
        if JobState(row["state"]) is JobState.FAILED:
            assert sums["capture"] == 0
    return {"rows": rows, "entries": entries}


def check_chat(messages: list[Message], rows: list[dict[str, Any]], chat: int) -> int:
    """Each delivered job shows one video, others none, each has one live card; orphans counted."""
    here = [row for row in rows if row["chat_id"] == chat]
    delivered = [row for row in here if row["state"] == JobState.DELIVERED]
    shown = videos(messages)
    assert len(shown) == len(delivered)
    assert {video["message_id"] for video in shown} == {row["card_message_id"] for row in delivered}
    cards = {row["card_message_id"] for row in here}
    assert len(cards) == len(here)
    assert cards <= {message["message_id"] for message in by_bot(messages)}
    return len(orphans(messages, cards))
