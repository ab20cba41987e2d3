"""Inline queries: whose are answered, when, and with what."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from sqlite_utils import Database as Tables
from telegram import InlineQueryResultCachedVideo
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.card import CAPTION_UNITS
from bot.telegram.inline import (
    MOST_WAITING,
    TOO_OLD_SECONDS,
    InlineQueries,
    read_offset,
    write_offset,
)
from bot.text_length import utf16_length
from storage import jobs, people
from storage.database import Database
from storage.sharing import Place
from tests.service import WAIT_SECONDS
from tests.storage.examples import ADA, BOT, ask, render


@dataclass
class AnsweringBot:
    """Keeps the answers; fails as told."""

    username: str = "a_bot"
    failures: list[Exception] = field(default_factory=list)
    answers: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def answer_inline_query(self, **answer: Any) -> bool:
        if self.failures:
            raise self.failures.pop(0)
        self.answers.put_nowait(answer)
        return True


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def payload(number: int, person: int = ADA, query: str = "") -> dict[str, Any]:
    sender = {"id": person, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    asked = {"id": str(number), "from": sender, "query": query, "offset": ""}
    return {"update_id": number, "inline_query": asked}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "kinogram.db")
    yield opened
    await opened.close()


@pytest.fixture
def bot() -> AnsweringBot:
    return AnsweringBot()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queries(bot: AnsweringBot, database: Database, clock: Clock) -> InlineQueries:
    return InlineQueries(cast("ExtBot[None]", bot), database, BOT, clock, b"key")


@contextlib.asynccontextmanager
async def running(queries: InlineQueries) -> AsyncIterator[None]:
    task = asyncio.create_task(queries.run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def answered(bot: AnsweringBot, count: int) -> list[str]:
    async with asyncio.timeout(WAIT_SECONDS):
        return sorted([(await bot.answers.get())["inline_query_id"] for _ in range(count)])


async def test_of_one_persons_queries_the_newest_is_answered(
    queries: InlineQueries, bot: AnsweringBot
) -> None:
    for number in range(1, 6):
        assert queries.take(payload(number))
    assert queries.take(payload(6, person=7))
    async with running(queries):
        assert await answered(bot, 2) == ["5", "6"]
        queries.take(payload(7))
        assert await answered(bot, 1) == ["7"]
    assert bot.answers.empty()


async def test_other_updates_are_left_alone(queries: InlineQueries) -> None:
    assert not queries.take({"update_id": 1, "message": {"text": "a cat"}})
    assert not queries.take({"update_id": 1, "inline_query": None})


async def test_a_query_that_nobody_waits_for_any_more_is_not_answered(
    queries: InlineQueries, bot: AnsweringBot, clock: Clock
) -> None:
    queries.take(payload(1, person=7))
    clock.now += TOO_OLD_SECONDS + 1
    queries.take(payload(2, person=8))
    async with running(queries):
        assert await answered(bot, 1) == ["2"]
    assert bot.answers.empty()


async def test_no_failure_ends_the_answering(queries: InlineQueries, bot: AnsweringBot) -> None:
    bot.failures = [BadRequest("query is too old"), ValueError("a bug")]
    async with running(queries):
        for number in range(1, 4):
            queries.take(payload(number, person=number))
        broken = payload(4, person=4)
        del broken["inline_query"]["offset"]
        queries.take(broken)
        assert len(await answered(bot, 1)) == 1


async def test_a_crowd_beyond_all_measure_takes_no_memory(
    queries: InlineQueries, bot: AnsweringBot
) -> None:
    for person in range(1, MOST_WAITING + 100):
        assert queries.take(payload(person, person=person))
    async with running(queries):
        await answered(bot, MOST_WAITING)
    assert bot.answers.empty()


@pytest.mark.parametrize("offset", ["", "x", "o", "o-1", "p1x", "o" + "9" * 40, "猫", "o１２"])
def test_an_offset_that_is_not_ours_is_the_beginning(offset: str) -> None:
    assert read_offset(offset) == Place()


def test_an_offset_leads_back_to_its_place() -> None:
    for place in (Place(before=7), Place(own=False, before=10**17)):
        assert read_offset(write_offset(place)) == place
        assert len(write_offset(place)) <= 64
    assert write_offset(None) == ""


def make(db: Tables, prompt: str, first_name: str) -> None:
    people.see(
        db, bot_id=BOT, user_id=ADA, username="a", first_name=first_name, language_code="", now=0
    )
    ask(db, prompt=prompt)
    jobs.delivered(db, job_id=render(db).id, file_id="file", now=0)


@pytest.mark.parametrize("language", ["en", "zh-hans", ""])
async def test_the_longest_prompt_and_name_fit_a_caption(
    queries: InlineQueries, bot: AnsweringBot, database: Database, language: str
) -> None:
    prompt, name = "👩\u200d👩\u200d👧" * 500, " A\n\n\tda\u202e" + "x" * 200
    await database.run(make, prompt, name)
    asked = payload(1)
    asked["inline_query"]["from"]["language_code"] = language
    async with running(queries):
        queries.take(asked)
        async with asyncio.timeout(WAIT_SECONDS):
            answer = await bot.answers.get()
    assert (answer["cache_time"], answer["is_personal"], answer["next_offset"]) == (0, True, "")
    (result,) = answer["results"]
    assert isinstance(result, InlineQueryResultCachedVideo)
    assert result.caption
    assert utf16_length(result.caption) <= CAPTION_UNITS
    shown, _, maker = result.caption.rpartition("\n")
    assert shown.endswith("…")
    assert "A da" in maker
    assert len(maker) < 90
    assert "\n" not in maker
    assert len(result.id.encode()) <= 64
    assert result.reply_markup
    url = result.reply_markup.inline_keyboard[0][0].url
    assert url == f"https://t.me/a_bot?start=make_{result.id}"
