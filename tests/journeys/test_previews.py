"""While a long clip renders, its card shows what is there to see already."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import chats
from tests.faults.test_telegram_misbehaves import Clock, steps
from tests.fleets import LocalFleet, small_jpeg
from tests.service import (
    ADA,
    BOT_ID,
    GROUP,
    Message,
    Sandbox,
    by_bot,
    cards,
    open_service,
    settled,
    texts,
    until,
    videos,
)


def photos(messages: list[Message]) -> list[Message]:
    return [message for message in by_bot(messages) if "photo" in message]


async def some_steps(fleet: LocalFleet) -> None:
    """Let the render go on a little, and halt."""
    done = fleet.steps_done
    fleet.gate.set()
    await steps(fleet, done + 1)
    fleet.gate.clear()


async def begun(sandbox: Sandbox, chat: int, text: str) -> None:
    """Send a prompt, and wait until its card says that the render has begun."""
    await sandbox.client.send(ADA, chat, text)
    await until(
        sandbox.client,
        ADA,
        chat,
        lambda found: [words for words in texts(found) if "Reading your prompt" in words],
    )


async def shown(sandbox: Sandbox, chat: int, wanted: Callable[[list[Message]], Any]) -> Any:
    return await until(sandbox.client, ADA, chat, wanted)


async def methods(sandbox: Sandbox) -> list[str]:
    return [call["method"] for call in await sandbox.client.calls() if call["ok"]]


@pytest.mark.parametrize(("chat", "text"), [(ADA, "a cat"), (GROUP, "/video a cat")])
async def test_a_card_shows_pictures_with_its_words_and_then_becomes_the_clip(
    sandbox: Sandbox, tmp_path: Path, chat: int, text: str
) -> None:
    fleet, clock = LocalFleet(steps=100, step_seconds=0.02, picture=small_jpeg(50)), Clock()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open, clock):
        await begun(sandbox, chat, text)
        clock.now += 11
        await some_steps(fleet)
        (card,) = await shown(sandbox, chat, photos)
        assert "Rendering" in card["caption"]
        assert card["caption"].endswith("a cat")
        assert card["reply_markup"]["inline_keyboard"][0][0]["text"] == "Cancel"
        first = await sandbox.client.file(card["photo"]["url"])
        clock.now += 11
        fleet.picture = small_jpeg(150)
        await some_steps(fleet)
        url = card["photo"]["url"]
        (later,) = await shown(
            sandbox,
            chat,
            lambda found: [one for one in photos(found) if one["photo"]["url"] != url],
        )
        assert later["message_id"] == card["message_id"]
        assert await sandbox.client.file(later["photo"]["url"]) != first
        fleet.gate.set()
        (clip,) = await shown(sandbox, chat, videos)
        assert clip["message_id"] == card["message_id"]
        assert len(cards(await sandbox.client.messages(ADA, chat))) == 1


async def test_where_clips_come_covered_pictures_do_too(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet, clock = LocalFleet(steps=100, step_seconds=0.02, picture=small_jpeg(50)), Clock()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open, clock) as app:
        await app.database.run(chats.set_spoiler, bot_id=BOT_ID, chat_id=GROUP, spoiler=True)
        await begun(sandbox, GROUP, "/video a cat")
        clock.now += 11
        await some_steps(fleet)
        (card,) = await shown(sandbox, GROUP, photos)
        assert card["has_media_spoiler"] is True
        fleet.gate.set()
        (clip,) = await shown(sandbox, GROUP, videos)
        assert clip["has_media_spoiler"] is True


async def test_the_same_picture_is_not_sent_again_for_other_words(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet, clock = LocalFleet(steps=100, step_seconds=0.02, picture=small_jpeg(50)), Clock()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open, clock):
        await begun(sandbox, ADA, "a cat")
        clock.now += 6
        await some_steps(fleet)
        await shown(sandbox, ADA, photos)
        clock.now += 6
        await some_steps(fleet)
        await until_called(sandbox, "editMessageCaption")
        assert (await methods(sandbox)).count("editMessageMedia") == 1


async def test_a_cancelled_card_says_so_under_its_picture(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet, clock = LocalFleet(steps=100, step_seconds=0.02, picture=small_jpeg(50)), Clock()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open, clock) as app:
        await begun(sandbox, ADA, "猫" * 150)
        clock.now += 6
        await some_steps(fleet)
        (card,) = await shown(sandbox, ADA, photos)
        await sandbox.client.tap(
            ADA,
            ADA,
            card["message_id"],
            card["reply_markup"]["inline_keyboard"][0][0]["callback_data"],
        )
        await settled(app)
        (card,) = photos(await sandbox.client.messages(ADA, ADA))
        assert card["caption"].startswith("Cancelled.")
        assert "reply_markup" not in card


async def test_a_chat_that_takes_no_photos_is_asked_once_and_keeps_its_words(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet, clock = LocalFleet(steps=100, step_seconds=0.02, picture=small_jpeg(50)), Clock()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open, clock):
        await begun(sandbox, GROUP, "/video a cat")
        await sandbox.client.misbehave("editMessageMedia", "no_photos", 1)
        for _ in range(2):
            before = (await methods(sandbox)).count("editMessageText")
            clock.now += 11
            await some_steps(fleet)
            await until_called(sandbox, "editMessageText", before + 1)
        assert "editMessageMedia" not in await methods(sandbox)
        fleet.gate.set()
        (clip,) = await shown(sandbox, GROUP, videos)
        assert clip["caption"].startswith("a cat")
        assert len(cards(await sandbox.client.messages(ADA, GROUP))) == 1


async def until_called(sandbox: Sandbox, method: str, times: int = 1) -> None:
    """Wait until the bot's calls of a method have succeeded that often."""
    if (await methods(sandbox)).count(method) < times:
        async for _event in sandbox.client.events(ADA):
            if (await methods(sandbox)).count(method) >= times:
                return
