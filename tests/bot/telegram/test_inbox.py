"""An update that cannot be read or handled is answered with an apology and holds up no other."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Update
from telegram.ext import TypeHandler

from bot.telegram.application import build_application
from bot.telegram.feeder import Feeder, mark_failed
from bot.telegram.inbox import Poller
from bot.telegram.pacing import Pacing
from storage import inbox, outbox
from storage.database import Database
from storage.inbox import InboxUpdate
from tests.service import WAIT_SECONDS

BOT, ADA, GROUP = 7, 5, -100
FINE = {"message_id": 2, "date": 1, "text": "a cat"}


def update(update_id: int, **message: Any) -> dict[str, Any]:
    chat = {"id": ADA, "type": "private", "first_name": "Ada"}
    sender = {"id": ADA, "is_bot": False, "first_name": "Ada"}
    return {"update_id": update_id, "message": {"from": sender, "chat": chat, **message}}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "kinogram.db")
    yield opened
    await opened.close()


async def test_a_batch_with_an_update_that_ptb_cannot_read_comes_in_whole(
    database: Database,
) -> None:
    """Without a date it is no message to PTB, which reads a batch as one."""
    batch = [update(10, message_id=1), update(11, **FINE)]
    offsets: list[str | None] = []
    confirmed = asyncio.Event()

    async def get_updates(request: web.Request) -> web.Response:
        offset = (await request.post()).get("offset")
        offsets.append(None if offset is None else str(offset))
        if offset is None:
            return web.json_response({"ok": True, "result": batch})
        confirmed.set()
        await asyncio.sleep(60)
        raise AssertionError

    async def get_me(_request: web.Request) -> web.Response:
        bot = {"id": BOT, "is_bot": True, "first_name": "Kinogram", "username": "kinogram_bot"}
        return web.json_response({"ok": True, "result": bot})

    api = web.Application()
    api.router.add_post("/bot1:x/getMe", get_me)
    api.router.add_post("/bot1:x/getUpdates", get_updates)
    handled: list[int] = []
    done = asyncio.Event()

    async def handle(found: Update, _context: object) -> None:
        handled.append(found.update_id)
        done.set()

    async with TestServer(api) as server:
        application = build_application(
            "1:x", str(server.make_url("/")).rstrip("/"), Pacing(time.time)
        )
        application.add_handler(TypeHandler(Update, handle))
        feeder = Feeder(application, database, BOT, time.time, answered=lambda: None)
        poller = Poller(
            application, database, BOT, time.time, received=feeder.wake, take_inline=lambda _: False
        )
        async with application, asyncio.timeout(WAIT_SECONDS):
            tasks = [asyncio.create_task(poller.run()), asyncio.create_task(feeder.run())]
            await confirmed.wait()
            await done.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert offsets == [None, "12"]
    assert handled == [11]


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        (update(1, **FINE)["message"], {}),
        (
            {**FINE, "chat": {"id": GROUP, "type": "supergroup"}, "from": {"id": ADA}},
            {"reply_to": 2},
        ),
        (
            {
                **FINE,
                "chat": {"id": GROUP, "type": "supergroup"},
                "is_topic_message": True,
                "message_thread_id": 9,
            },
            {"reply_to": 2, "message_thread_id": 9},
        ),
        ({"chat": "?"}, None),
        ({"chat": {"id": ADA, "type": "private"}, "from": "?"}, {}),
        ("?", None),
    ],
)
async def test_whoever_wrote_what_cannot_be_handled_reads_an_apology_where_they_wrote(
    database: Database, message: Any, payload: dict[str, Any] | None
) -> None:
    found = {"update_id": 1, "message": message}
    await database.run(inbox.record, bot_id=BOT, updates=[found], now=1.0)
    row = InboxUpdate(arrival=1, update_id=1, payload=found, failures=0, received_at=1.0)
    for _ in range(3):
        assert not await database.read(outbox.pending, bot_id=BOT, now=2.0)
        await database.run(mark_failed, bot_id=BOT, row=row, error="?", now=2.0)
    said = await database.read(outbox.pending, bot_id=BOT, now=2.0)
    assert not await database.read(inbox.waiting, bot_id=BOT)
    if payload is None:
        assert not said
    else:
        (apology,) = said
        assert apology.payload.pop("text").startswith("Sorry")
        assert apology.payload == payload
