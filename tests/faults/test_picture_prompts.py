"""A prompt with a picture survives the bot's death at any moment, and the picture with it."""

import asyncio
import signal
from pathlib import Path

import pytest
from PIL import Image

from storage import pictures
from storage.database import Database
from tests.faults.processes import bot_process, check_books, check_chat
from tests.journeys.test_pictures import encoded
from tests.service import ADA, WAIT_SECONDS, Sandbox, texts, until, videos

POINTS = [
    f"{phase}:{name}"
    for name in ("record", "getFile", "take_picture_prompt", "claim", "render_done")
    for phase in ("before", "after")
]


@pytest.mark.parametrize("point", POINTS)
async def test_one_clip_comes_of_a_picture_whatever_the_bot_dies_at(
    point: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    picture = encoded(Image.effect_noise((300, 200), 90))
    async with bot_process(sandbox, data_dir, KINOGRAM_CRASH_POINT=point) as bot:
        await sandbox.client.photo(ADA, ADA, picture, "it rains")
        assert await asyncio.wait_for(bot.wait(), WAIT_SECONDS) == -signal.SIGKILL
    async with bot_process(sandbox, data_dir):
        await until(sandbox.client, ADA, ADA, videos)
        # Asked after the clip, the answer shows that the bot has nothing else to say.
        await sandbox.client.send(ADA, ADA, "/quota")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "9 of 10" in t]
        )
    books = await check_books(data_dir)
    (row,) = books["rows"]
    assert check_chat(await sandbox.client.messages(ADA, ADA), books["rows"], ADA) == 0
    database = await Database.open(data_dir / "kinogram.db")
    try:
        kept = await database.read(pictures.get, row["picture"])
        assert kept is not None
        assert kept.startswith(b"\xff\xd8")
        assert await database.run(pictures.forget_unneeded) == 0
    finally:
        await database.close()
