"""Accepts a second: updates posted to the webhook, as Telegram does, until their jobs are on disk.

A process of its own posts them (`python -m bot.benchmarks.arriving`) and watches what comes of
them, so that the bot has only its own work to do. An update's time ends when its job is seen by
that reader of the database, which sees what is committed.
"""

import asyncio
import json
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sqlite_utils import Database as Tables

from bot.benchmarks.samples import Spread, spread
from bot.benchmarks.serving import LONGEST_SECONDS, PROMPTS, Served, serving, until
from bot.settings import Settings
from bot.web.server import SECRET_HEADER, WEBHOOK_PATH
from storage.driver import sqlite3

FIRST_UPDATE = 2**40  # none of the sandbox's own
AT_ONCE = 40  # Telegram's usual max_connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """How fast prompts become jobs.

    latency: from the post of an update to its job's commit, with AT_ONCE posted at once.
    cpu_ms: of the bot's process for each accept; the first cards are sent meanwhile.
    """

    updates: int
    accepts_per_second: float
    cpu_ms: float
    latency: Spread


async def measure(settings: Settings, folder: Path, updates: int, people: int) -> Arrived:
    """So many prompts of so many people, all at once. Raises: what serving raises."""
    quiet = settings.model_copy(update={"workers": 0})
    async with serving(quiet, folder, people, None, by_webhook=True) as served:
        app = served.app
        # Cards answer messages that exist: each person's first, which is not measured.
        messages = await _first_prompts(served)
        wanted = {
            "url": f"http://127.0.0.1:{app.http_port}{WEBHOOK_PATH}",
            "secret": app.webhook_secret,
            "updates": updates,
            "messages": messages,
            "database": str(served.database),
            "bot_id": app.bot_id,
        }
        cpu = time.process_time()
        poster = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.benchmarks.arriving"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            output, _ = await poster.communicate(json.dumps(wanted).encode())
            if poster.returncode:
                raise RuntimeError("the process that posts the updates failed")
            cpu = time.process_time() - cpu
        finally:
            if poster.returncode is None:
                poster.kill()
    times = [(float(began), float(seen)) for began, seen in json.loads(output)]
    seconds = max(seen for _, seen in times) - min(began for began, _ in times)
    return Arrived(
        updates=updates,
        accepts_per_second=round(updates / seconds, 1),
        cpu_ms=round(cpu / updates * 1000, 2),
        latency=spread([seen - began for began, seen in times]),
    )


async def _first_prompts(served: Served) -> dict[int, int]:
    """Each person's message id, once every one of their jobs has its card."""
    sent = [await served.client.send(person, person, PROMPTS[0]) for person in served.people]
    database, bot_id = served.app.database, served.app.bot_id

    async def all_carded() -> bool:
        return len(await database.read(_carded, bot_id)) >= len(sent)

    await until(all_carded)
    return {message["chat"]: message["message_id"] for message in sent}


def _carded(db: Tables, bot_id: int) -> list[tuple[int]]:
    sql = "SELECT id FROM jobs WHERE bot_id = ? AND card_message_id IS NOT NULL"
    return list(db.execute(sql, [bot_id]).fetchall())


async def _see(database: str, bot_id: int, count: int) -> dict[int, float]:
    """When each update's job was there, in Unix seconds."""
    seen: dict[int, float] = {}
    last = 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        while len(seen) < count:
            rows = _newer(Tables(connection), bot_id, last)
            now = time.time()
            for job_id, update_id in rows:
                if update_id > FIRST_UPDATE:
                    seen[update_id] = now
                last = job_id
            await asyncio.sleep(0.01)
    return seen


def _newer(db: Tables, bot_id: int, after: int) -> list[tuple[int, int]]:
    sql = "SELECT id, update_id FROM jobs WHERE bot_id = ? AND id > ? ORDER BY id"
    return list(db.execute(sql, [bot_id, after]).fetchall())


async def _post_all(
    *, url: str, secret: str, updates: int, messages: dict[str, int], database: str, bot_id: int
) -> None:
    """Post the updates; print as JSON when each was begun and when its job was there."""
    began: dict[int, float] = {}
    numbers = iter(range(FIRST_UPDATE + 1, FIRST_UPDATE + 1 + updates))
    people = [(int(person), message) for person, message in messages.items()]

    async def post(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            began[number] = time.time()
            update = update_json(number, *people[number % len(people)])
            async with session.post(url, json=update) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"the webhook answered {answer.status}")

    async with (
        asyncio.timeout(LONGEST_SECONDS),
        aiohttp.ClientSession(headers={SECRET_HEADER: secret}) as session,
        asyncio.TaskGroup() as group,
    ):
        seeing = group.create_task(_see(database, bot_id, updates))
        for _ in range(AT_ONCE):
            group.create_task(post(session))
    seen = seeing.result()
    sys.stdout.write(json.dumps([(at, seen[number]) for number, at in began.items()]))


def update_json(number: int, person: int, message_id: int) -> dict[str, object]:
    """A prompt in a private chat, as Telegram posts it."""
    user = {"id": person, "is_bot": False, "first_name": "Extra", "language_code": "en"}
    message = {
        "message_id": message_id,
        "date": int(time.time()),
        "from": user,
        "chat": {"id": person, "type": "private", "first_name": "Extra"},
        "text": PROMPTS[number % len(PROMPTS)],
    }
    return {"update_id": number, "message": message}


if __name__ == "__main__":
    asyncio.run(_post_all(**json.load(sys.stdin)))
