"""Clips that start from a given picture, and end on one."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inference import mark
from inference.catalog import check, find
from inference.pictures import fitted
from inference.pipeline import Pipeline
from inference.values import Progress, RenderCancelled, Request, RequestRejected, Stage
from tests.inference.entries import ARCHITECTURES, TINY, TINY_CONDITION, tiny_request

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
BUILTIN = find("builtin")


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def red_disc_on_green(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), (70, 160, 80))
    middle, radius = (width // 2, height // 2), height // 5
    ImageDraw.Draw(image).ellipse(
        [middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius],
        (210, 50, 40),
    )
    return image


@pytest.fixture(scope="module")
def builtin() -> Pipeline:
    return Pipeline.load(BUILTIN)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_frame_of_the_clips_size(form):
    frame = fitted(encoded(red_disc_on_green(640, 480), form), 256, 256)
    assert frame.size == (256, 256)
    assert frame.mode == "RGB"
    assert np.asarray(frame)[128, 128, 0] > 190, "its middle, undistorted"


def test_a_picture_taken_from_a_clip_comes_without_the_mark():
    frames = np.full((1, 64, 64, 3), 190, np.uint8)
    mark.draw(frames)
    frame = np.asarray(fitted(encoded(Image.fromarray(frames[0])), 64, 64))
    assert (frame == 190).all()


def test_a_model_that_starts_from_words_alone_refuses_a_picture():
    with pytest.raises(RequestRejected, match="not from a picture"):
        check(TINY, tiny_request(image=b"..."))


@pytest.mark.parametrize(
    "entry",
    [entry for entry in ARCHITECTURES if entry.starts_from_picture],
    ids=lambda entry: entry.name,
)
def test_a_picture_reaches_a_pipeline_that_takes_one(entry, models_folder: Path):
    pipeline = Pipeline.load(entry, models_folder=models_folder)
    asked = tiny_request(model=entry.name)
    given = tiny_request(model=entry.name, image=encoded(red_disc_on_green(64, 64)))

    def render(request: Request) -> np.ndarray:
        return pipeline.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)

    assert (render(asked) != render(given)).any()
    assert (render(given) == render(given)).all()
    begun: list[Progress] = []
    with pytest.raises(RenderCancelled):
        pipeline.render_frames(
            replace(given, steps=9),
            on_progress=begun.append,
            cancelled=lambda: any(item.stage is Stage.DENOISE for item in begun),
        )
    assert sum(item.stage is Stage.DENOISE for item in begun) == 1


def test_a_last_picture_reaches_a_pipeline_that_takes_one(models_folder: Path):
    entry = replace(TINY_CONDITION, ends_on_picture=True)
    pipeline = Pipeline.load(entry, models_folder=models_folder)

    def render(last_image: bytes | None) -> np.ndarray:
        return pipeline.render_frames(
            tiny_request(
                model=entry.name,
                image=encoded(red_disc_on_green(64, 64)),
                last_image=last_image,
            ),
            on_progress=lambda _: None,
            cancelled=lambda: False,
        )

    black = encoded(Image.new("RGB", (64, 64)))
    assert render(black).shape == render(None).shape
    assert (render(black) != render(None)).any()
    assert (render(black) == render(black)).all()


def test_a_last_picture_is_refused_where_it_could_not_be_shown():
    both = tiny_request(model=TINY_CONDITION.name, image=b"...", last_image=b"...")
    with pytest.raises(RequestRejected, match="end as they will"):
        check(TINY_CONDITION, both)
    with pytest.raises(RequestRejected, match="end as they will"):
        check(TINY_CONDITION, replace(both, last_image=None, loops=True))
    with pytest.raises(RequestRejected, match="starts from one too"):
        check(replace(TINY_CONDITION, ends_on_picture=True), replace(both, image=None))


@pytest.mark.parametrize("aspect_ratio", ["1:1", "16:9"])
def test_the_built_in_models_clip_begins_with_the_picture_and_then_moves(builtin, aspect_ratio):
    width, height = BUILTIN.shapes[aspect_ratio]
    picture = red_disc_on_green(width, height)
    request = Request(
        prompt="moves left",
        seed=3,
        model="builtin",
        aspect_ratio=aspect_ratio,
        image=encoded(picture),
    )
    frames = builtin.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)
    assert frames.shape == (BUILTIN.most_frames, height, width, 3)
    error = np.square(frames[0].astype(float) - np.asarray(picture)).mean()
    assert 10 * np.log10(255**2 / error) > 25
    red = [(frame[..., 0] > 150) & (frame[..., 1] < 110) for frame in frames]
    middles = [np.nonzero(one)[1].mean() for one in (red[0], red[-1])]
    assert middles[1] < middles[0] - 0.1 * width, "the disc has gone to the left"


def test_a_photo_that_was_taken_on_its_side_begins_the_clip_upright(builtin):
    seen = Image.new("RGB", (192, 352), (70, 160, 80))
    seen.paste((60, 90, 200), (0, 0, 192, 176))  # sky above grass
    exif = Image.Exif()
    exif[274] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    stored = seen.transpose(Image.Transpose.ROTATE_90)
    request = Request(
        prompt="moves left",
        seed=3,
        model="builtin",
        aspect_ratio="9:16",
        image=encoded(stored, "JPEG", exif=exif, quality=95),
    )
    frames = builtin.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)
    sky, grass = frames[0, 60, 96].astype(int), frames[0, 300, 96].astype(int)
    assert sky[2] > sky[1] + 50
    assert grass[1] > grass[2] + 50
