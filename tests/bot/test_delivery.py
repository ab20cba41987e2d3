"""A clip that weighs too much is encoded again once, and kept for the next try."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from telegram import InputMediaVideo
from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.ext import ExtBot

from bot.card import CardView
from bot.clips_folder import ClipsFolder
from bot.delivery import MOST_UPLOAD_BYTES, Delivery, Undeliverable
from bot.messages import Messages, VideosForbidden
from inference.mp4 import encode
from storage import jobs
from storage.database import Database
from storage.jobs import Job
from tests.storage.examples import CLIP, ask, start

CARD = CardView(text="a cat", is_clip=True, is_final=True)


class ScriptedBot:
    """Refuses clips in the given ways, one after the other, and then takes them."""

    supports_inline_queries = False

    def __init__(self, *refusals: TelegramError) -> None:
        self.refusals = list(refusals)
        self.sizes: list[int] = []

    async def edit_message_media(self, *, media: InputMediaVideo, **_values: Any) -> bool:
        self.sizes.append(len(cast("Any", media.media).input_file_content))
        if self.refusals:
            raise self.refusals.pop(0)
        return True


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "kinogram.db")
    yield opened
    await opened.close()


def mp4() -> bytes:
    coarse = np.random.default_rng(3).integers(0, 255, (8, 32, 32, 3), np.uint8)
    return encode(coarse.repeat(4, axis=1).repeat(4, axis=2), 8)


async def rendered(database: Database, folder: ClipsFolder, size_bytes: int | None = None) -> Job:
    """A job whose clip lies in the folder and is said to have that many bytes."""
    job = await database.run(ask)
    path = folder.save(job.id, 1, mp4())
    clip = dataclasses.replace(CLIP, path=path, size_bytes=size_bytes or len(mp4()))
    running = await database.run(start)
    await database.run(jobs.render_done, job_id=job.id, attempt=running.attempt, clip=clip, now=1)
    return job


def delivery(database: Database, folder: ClipsFolder, bot: ScriptedBot) -> Delivery:
    return Delivery(database, Messages(cast("ExtBot[None]", bot), folder), folder)


@pytest.mark.parametrize(
    "refusal",
    [
        NetworkError("Request Entity Too Large"),
        NetworkError("Content Too Large (413). Parsing the server response b'' failed"),
        BadRequest("File is too big"),
    ],
)
async def test_what_the_server_finds_too_big_is_sent_again_at_half_the_bytes(
    database: Database, tmp_path: Path, refusal: TelegramError
) -> None:
    bot, folder = ScriptedBot(refusal), ClipsFolder(tmp_path)
    job = await rendered(database, folder)
    await delivery(database, folder, bot).turn_into_clip(job, CARD)
    assert bot.sizes[0] == len(mp4())
    assert bot.sizes[1] <= len(mp4()) // 2
    # After a crash it is not tried whole again, nor encoded again.
    await delivery(database, folder, bot).turn_into_clip(job, CARD)
    assert bot.sizes[2] == bot.sizes[1]


async def test_a_clip_over_telegrams_limit_is_not_even_tried_whole(
    database: Database, tmp_path: Path
) -> None:
    bot, folder = ScriptedBot(), ClipsFolder(tmp_path)
    job = await rendered(database, folder, MOST_UPLOAD_BYTES + 1)
    await delivery(database, folder, bot).turn_into_clip(job, CARD)
    (size,) = bot.sizes
    assert size != len(mp4())


@pytest.mark.parametrize("count", [2, 3])
async def test_what_stays_too_big_is_given_up_after_one_attempt(
    database: Database, tmp_path: Path, count: int
) -> None:
    bot = ScriptedBot(*[BadRequest("File is too big")] * count)
    folder = ClipsFolder(tmp_path)
    job = await rendered(database, folder)
    with pytest.raises(Undeliverable, match="too big"):
        await delivery(database, folder, bot).turn_into_clip(job, CARD)
    assert len(bot.sizes) == 2


async def test_a_clip_that_cannot_be_encoded_again_is_given_up(
    database: Database, tmp_path: Path
) -> None:
    bot, folder = ScriptedBot(BadRequest("File is too big")), ClipsFolder(tmp_path)
    job = await rendered(database, folder)
    folder.save(job.id, 1, b"no mp4 at all")
    with pytest.raises(Undeliverable, match="too big"):
        await delivery(database, folder, bot).turn_into_clip(job, CARD)


async def test_other_trouble_is_told_apart(database: Database, tmp_path: Path) -> None:
    folder = ClipsFolder(tmp_path)
    job = await rendered(database, folder)
    for refusal, raised in (
        (BadRequest("Not enough rights to send videos to the chat"), VideosForbidden),
        (NetworkError("Bad Gateway"), NetworkError),
    ):
        with pytest.raises(raised):
            await delivery(database, folder, ScriptedBot(refusal)).turn_into_clip(job, CARD)
    folder.remove("clips/1.1.mp4")
    with pytest.raises(Undeliverable, match="disk"):
        await delivery(database, folder, ScriptedBot()).turn_into_clip(job, CARD)


def test_the_smaller_clip_goes_with_the_whole_one(tmp_path: Path) -> None:
    folder = ClipsFolder(tmp_path)
    kept, swept, removed = (folder.save(number, 1, b"whole") for number in (1, 2, 3))
    for path in (kept, swept, removed):
        folder.save_smaller(path, b"small")
    folder.remove(removed)
    assert folder.smaller(removed) is None
    assert folder.sweep(frozenset({kept})) == 2
    assert folder.smaller(kept) == ("clips/1.1.small.mp4", 5)
    assert folder.smaller(swept) is None
