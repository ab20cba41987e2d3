"""Clips that loop, and clips from a first frame to a last, where the model can."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from bot.settings import Settings
from inference.mp4 import first_frame, last_frame
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_buttons import make_clip, second_clip, tap
from tests.journeys.test_pictures import BLUE, PHOTO, RED, encoded
from tests.service import ADA, BO, GROUP, Sandbox, by_bot, open_service, taps, texts, until, videos

KEYFRAMES = """
licence = "MIT"
source = "somebody/keyframes"
pipeline = "LTXConditionPipeline"
picture_pipeline = "LTXConditionPipeline"
ends_on_picture = true
frames_per_second = 24
pixel_step = 32
frame_step = 8
fewest_frames = 25
most_frames = 121
steps = 8
guidance_scale = 1.0
memory_gib = 20.0
shapes = { "16:9" = [768, 448], "1:1" = [576, 576] }
"""


@pytest.fixture
def keyframes(sandbox: Sandbox, tmp_path: Path) -> Settings:
    """Settings of a service whose model can end on a picture."""
    folder = tmp_path / "models" / "keyframes"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text(KEYFRAMES)
    return sandbox.settings(tmp_path / "data", model="keyframes", models_dir=tmp_path / "models")


def pixels(picture: bytes | None) -> np.ndarray:
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as opened:
        return np.asarray(opened.convert("RGB"))


async def test_loop_goes_on_from_the_last_frame_to_the_first(
    sandbox: Sandbox, keyframes: Settings
) -> None:
    fleet = LocalFleet(gate=open_gate(), models=("keyframes",))
    async with open_service(keyframes, fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        mp4 = await sandbox.client.file(clip["video"]["url"])
        await tap(sandbox, ADA, ADA, clip, "loop")
        loop = await second_clip(sandbox, ADA, ADA)
        request = fleet.requests[1]
        assert request.continues
        assert request.loops
        assert (pixels(request.image) == last_frame(mp4)).all()
        assert (pixels(request.last_image) == first_frame(mp4)).all()
        with av.open(io.BytesIO(await sandbox.client.file(loop["video"]["url"]))) as played:
            assert len(list(played.decode(video=0))) == 16
        assert "loop" not in taps(loop), "it is one"
        await sandbox.client.send(ADA, ADA, "/show", reply_to=loop["message_id"])
        await until(
            sandbox.client, ADA, ADA, lambda found: "Comes back to its first" in texts(found)[-1]
        )
        await tap(sandbox, ADA, ADA, loop, "extend")
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 3)
        assert not fleet.requests[2].loops, "what goes on does not come back"


async def test_a_model_that_cannot_end_on_a_picture_offers_no_loop(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        assert "extend" in taps(clip)
        assert "loop" not in taps(clip)


async def test_a_photo_in_reply_to_a_photo_is_the_last_frame(
    sandbox: Sandbox, keyframes: Settings
) -> None:
    fleet = LocalFleet(gate=open_gate(), models=("keyframes",))
    blue = encoded(Image.new("RGB", (320, 180), BLUE))
    async with open_service(keyframes, fleet.open):
        photo = await sandbox.client.photo(BO, GROUP, PHOTO, "look")
        await sandbox.client.photo(
            ADA, GROUP, blue, "/video it sinks", reply_to=photo["message_id"]
        )
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        (request,) = fleet.requests
        assert (request.prompt, request.aspect_ratio) == ("it sinks", "16:9")
        above = pixels(request.image)[10, 100]
        assert abs(above.astype(int) - RED).max() < 30
        assert abs(pixels(request.last_image)[10, 100].astype(int) - BLUE).max() < 30
        await tap(sandbox, BO, GROUP, clip, "again")
        await second_clip(sandbox, ADA, GROUP)
        again = fleet.requests[1]
        assert (again.image, again.last_image) == (request.image, request.last_image)


async def test_without_such_a_model_the_sent_photo_is_the_first_frame(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    blue = encoded(Image.new("RGB", (320, 180), BLUE))
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        photo = await sandbox.client.photo(ADA, ADA, PHOTO, "it rains")
        await until(sandbox.client, ADA, ADA, videos)
        await sandbox.client.photo(ADA, ADA, blue, "it sinks", reply_to=photo["message_id"])
        await second_clip(sandbox, ADA, ADA)
        request = fleet.requests[1]
        assert request.last_image is None
        assert abs(pixels(request.image)[10, 100].astype(int) - BLUE).max() < 30


async def test_a_broken_last_photo_is_refused_and_costs_nothing(
    sandbox: Sandbox, keyframes: Settings
) -> None:
    fleet = LocalFleet(gate=open_gate(), models=("keyframes",))
    async with open_service(keyframes, fleet.open):
        photo = await sandbox.client.photo(ADA, ADA, PHOTO, "")
        await until(sandbox.client, ADA, ADA, by_bot)
        await sandbox.client.document(
            ADA, ADA, PHOTO[:400], "image/jpeg", "it sinks", reply_to=photo["message_id"]
        )
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "broken" in t]
        )
        assert not fleet.requests
