"""Clips that start from a picture, in every way that people ask for them."""

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from bot.app import App
from inference.values import OutOfMemory
from storage import jobs
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    GROUP,
    WAIT_SECONDS,
    Message,
    Sandbox,
    cards,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)

RED, BLUE = (220, 40, 40), (40, 60, 220)


def encoded(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def red_above_blue(width: int = 320, height: int = 180) -> Image.Image:
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width, height // 2))
    return image


PHOTO = encoded(red_above_blue())


async def clips(sandbox: Sandbox, chat: int, count: int = 1) -> list[Message]:
    found = await until(
        sandbox.client, ADA, chat, lambda shown: len(videos(shown)) == count and videos(shown)
    )
    return list(found)


def is_red_above_blue(picture: bytes | None) -> bool:
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as opened:
        middle = opened.width // 2
        above, below = (opened.getpixel((middle, y)) for y in (9, opened.height - 9))
    assert isinstance(above, tuple)
    assert isinstance(below, tuple)
    return above[0] > 150 > above[2] and below[2] > 150 > below[0]


async def test_a_photos_caption_is_a_prompt_that_starts_from_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.photo(ADA, ADA, PHOTO, "it rains --seed 7")
        (clip,) = await clips(sandbox, ADA)
        assert clip["caption"].startswith("it rains\n")
        (request,) = fleet.requests
        assert (request.prompt, request.seed, request.aspect_ratio) == ("it rains", 7, "16:9")
        assert is_red_above_blue(request.image)
        assert not request.continues
        assert [row["kind"] for row in await settled(app)] == ["reserve", "capture"]


async def test_the_shape_is_the_nearest_to_the_photo_unless_the_prompt_says_another(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        tall = encoded(red_above_blue(180, 300))
        for count, (photo, text) in enumerate(
            [(tall, "rain"), (tall, "rain --ar 16:9"), (encoded(red_above_blue(400, 330)), "rain")]
        ):
            await sandbox.client.photo(ADA, ADA, photo, text)
            await clips(sandbox, ADA, count + 1)
        assert [request.aspect_ratio for request in fleet.requests] == ["9:16", "16:9", "1:1"]


async def test_a_file_is_a_picture_too_and_is_turned_as_its_camera_was_held(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        exif = Image.Exif()
        exif[274] = 6
        turned = red_above_blue(180, 320).transpose(Image.Transpose.ROTATE_90)
        picture = encoded(turned, exif=exif)
        await sandbox.client.document(ADA, ADA, picture, "image/jpeg", "it rains")
        await clips(sandbox, ADA)
        (request,) = fleet.requests
        assert request.aspect_ratio == "9:16"
        assert is_red_above_blue(request.image)


async def test_a_reply_to_a_photo_starts_from_it(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        photo = await sandbox.client.photo(ADA, ADA, PHOTO)
        (how_to,) = await until(sandbox.client, ADA, ADA, texts)
        assert "reply to it with the prompt" in how_to
        for count, text in enumerate(["it rains", "/video it snows"]):
            await sandbox.client.send(ADA, ADA, text, photo["message_id"])
            await clips(sandbox, ADA, count + 1)
        assert [request.prompt for request in fleet.requests] == ["it rains", "it snows"]
        assert all(is_red_above_blue(request.image) for request in fleet.requests)
        await sandbox.client.send(ADA, ADA, "/quota", photo["message_id"])
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "8 of 10" in t]
        )


async def test_in_a_group_a_photo_is_meant_for_the_bot_by_command_mention_or_reply(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        holiday = await sandbox.client.photo(BO, GROUP, PHOTO, "our holiday")
        for count, caption in enumerate(
            ["/video one", "/VIDEO@Kinogram_Sandbox_Bot two", "@kinogram_sandbox_bot three"]
        ):
            photo = await sandbox.client.photo(ADA, GROUP, PHOTO, caption)
            clip = (await clips(sandbox, GROUP, count + 1))[-1]
            assert clip["reply_to_message_id"] == photo["message_id"]
        await sandbox.client.send(ADA, GROUP, "how nice", holiday["message_id"])
        await sandbox.client.photo(ADA, GROUP, PHOTO, "/video@another_bot four")
        await sandbox.client.send(ADA, GROUP, "/video five", holiday["message_id"])
        await clips(sandbox, GROUP, 4)
        assert [request.prompt for request in fleet.requests] == ["one", "two", "three", "five"]
        assert all(is_red_above_blue(request.image) for request in fleet.requests)
        assert len(cards(await sandbox.client.messages(ADA, GROUP))) == 4


async def test_of_an_album_the_photo_with_the_caption_counts(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        plain = encoded(Image.new("RGB", (300, 300), "white"))
        await sandbox.client.photo(ADA, ADA, PHOTO, "it rains", album="1")
        for _ in range(2):
            await sandbox.client.photo(ADA, ADA, plain, album="1")
        await clips(sandbox, ADA)
        for _ in range(3):
            await sandbox.client.photo(ADA, ADA, plain, album="2")
        await sandbox.client.send(ADA, ADA, "/quota")
        shown = await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: any("9 of 10" in text for text in texts(found)) and texts(found),
        )
        assert len([text for text in shown if "A clip can start from this picture" in text]) == 1
        assert len(shown) == 3
        (request,) = fleet.requests
        assert is_red_above_blue(request.image)


@pytest.mark.parametrize("action", ["again", "vary", "edit"])
async def test_a_remake_starts_from_the_same_picture(
    sandbox: Sandbox, tmp_path: Path, action: str
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.photo(ADA, ADA, PHOTO, "it rains")
        (clip,) = await clips(sandbox, ADA)
        if action == "edit":
            await sandbox.client.send(ADA, ADA, "it snows --ar 1:1", clip["message_id"])
        else:
            await sandbox.client.tap(ADA, ADA, clip["message_id"], taps(clip)[action])
        await clips(sandbox, ADA, 2)
        first, second = fleet.requests
        assert first.image == second.image
        assert second.variation is None
        if action == "edit":
            assert (second.prompt, second.aspect_ratio) == ("it snows", "1:1")
            assert second.seed == first.seed
        else:
            assert second.seed != first.seed


async def test_five_seconds_more_go_on_from_the_clip_and_not_from_the_picture(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.photo(ADA, ADA, PHOTO, "it rains")
        (clip,) = await clips(sandbox, ADA)
        await sandbox.client.tap(ADA, ADA, clip["message_id"], taps(clip)["extend"])
        await clips(sandbox, ADA, 2)
        first, second = fleet.requests
        assert second.continues
        assert second.image != first.image


async def kept_pictures(app: App) -> int:
    return await app.database.read(
        lambda db: int(db.execute("SELECT count(*) FROM pictures").fetchone()[0])
    )


async def test_a_picture_goes_with_its_last_clip(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        for count in (1, 2):
            await sandbox.client.photo(ADA, ADA, PHOTO, "it rains")
            shown = await clips(sandbox, ADA, count)
        assert await kept_pictures(app) == 1
        for left, clip in ((1, shown[0]), (0, shown[1])):
            await sandbox.client.tap(ADA, ADA, clip["message_id"], taps(clip)["delete"])
            assert await kept_pictures(app) == left


async def test_a_picture_of_a_clip_that_failed_is_not_kept_for_long(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data")
    fleet = LocalFleet(gate=open_gate(), failures=[OutOfMemory("too small")])
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.photo(ADA, ADA, PHOTO, "it rains")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "credits are" in t]
        )
        await settled(app)
        assert await kept_pictures(app) == 1
    async with open_service(settings, fleet.open) as app, asyncio.timeout(WAIT_SECONDS):
        while await kept_pictures(app):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("content", "mime_type", "words"),
    [
        (b"a text file named .jpg", "image/jpeg", "JPEG, PNG and WebP pictures only"),
        (encoded(red_above_blue(), "GIF"), "image/gif", "JPEG, PNG and WebP pictures only"),
        (b"<svg/>", "image/svg+xml", "JPEG, PNG and WebP pictures only"),
        (PHOTO[: len(PHOTO) * 2 // 3], "image/jpeg", "broken or cut off"),
        (PHOTO.ljust(21 * 2**20, b"\0"), "image/jpeg", "at most 20 MB"),
    ],
    ids=["text", "gif", "svg", "cut off", "large"],
)
async def test_what_is_no_picture_is_refused_with_a_sentence_and_costs_nothing(
    sandbox: Sandbox, tmp_path: Path, content: bytes, mime_type: str, words: str
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.document(ADA, ADA, content, mime_type, "it rains")
        (answer,) = await until(sandbox.client, ADA, ADA, texts)
        assert words in answer
        assert "Nothing was charged." in answer
        assert await settled(app) == []
        assert fleet.requests == []


async def test_a_prompt_that_is_refused_anyway_fetches_no_picture(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", daily_credits=0.5)
    async with open_service(settings, fleet.open) as app:
        for text in ("x" * 500, "rain --ar 4:3", "rain"):
            await sandbox.client.photo(ADA, ADA, PHOTO, text)
        shown = await until(
            sandbox.client, ADA, ADA, lambda found: len(texts(found)) == 3 and texts(found)
        )
        for words in ("500 characters", "4:3", "0.5 credits left"):
            assert any(words in text for text in shown), shown
        called = {call["method"] for call in await sandbox.client.calls()}
        assert "getFile" not in called
        assert await settled(app) == []


async def test_a_model_that_needs_words_alone_says_so_in_the_persons_language(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), models=("wan2.1-t2v-1.3b",))
    settings = sandbox.settings(tmp_path / "data", model="wan2.1-t2v-1.3b")
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.photo(BO, BO, PHOTO, "下雨")
        (answer,) = await until(sandbox.client, BO, BO, texts)
        assert "不能从图片开始" in answer
        assert await settled(app) == []


async def test_telegram_is_asked_again_for_a_picture_and_not_for_ever(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.misbehave("getFile", "500", 2)
        await sandbox.client.photo(ADA, ADA, PHOTO, "it rains")
        await clips(sandbox, ADA)
        await sandbox.client.misbehave("getFile", "500", 100)
        await sandbox.client.photo(ADA, ADA, PHOTO, "it snows")
        said = await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "send it" in t]
        )
        assert "Telegram does not let me have this picture" in said[0]
        assert len(await settled(app)) == 2
        assert sum((await app.database.read(jobs.counts, bot_id=BOT_ID)).values()) == 1
