"""What `kinogram render` starts from: pictures, and clips to go on from."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from diffusers import LTXConditionPipeline
from PIL import Image
from rich.console import Console

from bot.rendering import read_clip, read_picture, render
from inference import mark
from inference.catalog import find
from inference.entry import ModelEntry
from inference.footage import Footage, Frames
from inference.mp4 import as_png, decode, encode
from inference.values import RequestRejected
from tests.inference.entries import TINY_CONDITION, tiny_request
from tests.inference.test_mp4 import metadata
from tests.inference.tiny import tiny_ltx

ENTRY = replace(find("builtin"), shapes={"1:1": (64, 64), "16:9": (96, 54)}, frames_per_second=8)
COLOURS = np.array([(220, 40, 40), (40, 200, 60), (50, 60, 210)], np.uint8)


def plain(width: int = 64, height: int = 64) -> Frames:
    """A frame of each colour."""
    return np.broadcast_to(COLOURS[:, None, None], (3, height, width, 3)).copy()


def saved(folder: Path, frames: Frames, fps: int = 8) -> Path:
    path = folder / "clip.mp4"
    path.write_bytes(encode(frames, fps))
    return path


def picture(picture_format: str) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((40, 30), 90).convert("RGB").save(file, picture_format)
    return file.getvalue()


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_read_with_the_shape_nearest_to_it(
    picture_format: str, tmp_path: Path
) -> None:
    path = tmp_path / "picture"
    path.write_bytes(picture(picture_format))
    jpeg, ratio = read_picture(path, ENTRY)
    with Image.open(io.BytesIO(jpeg)) as opened:
        assert opened.size == (40, 30)
    assert ratio == "1:1"
    Image.new("RGB", (180, 100)).save(path, picture_format)
    assert read_picture(path, ENTRY)[1] == "16:9"


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"some text", "It is no PNG, JPEG or WebP picture."), (picture("PNG")[:200], "cut off.")],
)
def test_a_file_that_is_no_whole_picture_is_refused_and_named(
    data: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    with pytest.raises(RequestRejected, match=f"{path} cannot be read as a picture: .*{words}"):
        read_picture(path, ENTRY)


def test_a_missing_picture_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(RequestRejected, match=r"none\.png cannot be read as a .*: No such file"):
        read_picture(tmp_path / "none.png", ENTRY)


@pytest.mark.parametrize(("ratio", "size"), ENTRY.shapes.items())
def test_a_clips_aspect_ratio_follows_from_its_shape(
    ratio: str, size: tuple[int, int], tmp_path: Path
) -> None:
    path = saved(tmp_path, plain(*size))
    footage, found = read_clip(path, ENTRY, None)
    assert found == ratio
    assert footage.frames.shape == (3, size[1], size[0], 3)
    assert read_clip(path, ENTRY, ratio)[1] == ratio


@pytest.mark.parametrize(
    ("size", "fps", "aspect_ratio", "words"),
    [
        ((64, 54), 8, None, "64x54 at 8 .* of 64x64 \\(1:1\\), 96x54 \\(16:9\\) at 8"),
        ((54, 96), 8, None, "54x96"),
        ((64, 64), 12, None, "at 12 frames a second; .* at 8"),
        ((64, 64), 8, "16:9", "64x64 at 8 .* of 96x54 \\(16:9\\) at 8"),
    ],
)
def test_a_clip_of_another_size_or_rate_is_refused_with_what_is_wanted(
    size: tuple[int, int], fps: int, aspect_ratio: str | None, words: str, tmp_path: Path
) -> None:
    with pytest.raises(RequestRejected, match=f"clip.mp4 is .*{words}"):
        read_clip(saved(tmp_path, plain(*size), fps), ENTRY, aspect_ratio)


def test_the_last_picture_is_the_last_frame_without_loss() -> None:
    frames = np.random.default_rng(1).integers(0, 256, (2, 48, 64, 3), np.uint8)
    with Image.open(io.BytesIO(as_png(frames[-1]))) as opened:
        assert np.array_equal(np.asarray(opened), frames[-1])


@pytest.fixture(scope="module")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with a tiny random model that starts from pictures."""
    folder = tmp_path_factory.mktemp("models")
    pipeline = tiny_ltx(LTXConditionPipeline)
    pipeline.save_pretrained(folder / TINY_CONDITION.name, safe_serialization=True)
    return folder


def rendered(
    entry: ModelEntry, models_folder: Path, before: Frames | None, *, marked: bool
) -> bytes:
    first = plain() if before is None else before
    return render(
        entry,
        tiny_request(model=entry.name, image=as_png(first[-1])),
        Console(file=io.StringIO()),
        before=None if before is None else Footage(frames=before),
        models_folder=models_folder,
        marked=marked,
        clock=lambda: 1_800_000_000.0,
    )


# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_clip_goes_on_without_its_last_frame_shown_twice(models_folder: Path) -> None:
    alone, _ = decode(rendered(TINY_CONDITION, models_folder, None, marked=False))
    joined, _ = decode(rendered(TINY_CONDITION, models_folder, plain(), marked=False))
    assert len(joined) == 3 + len(alone) - 1
    assert np.abs(joined[:3].astype(int) - plain()).max() < 16
    assert np.abs(joined[3:].astype(int) - alone[1:]).mean() < 8


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("was_marked", [True, False])
def test_a_clip_that_goes_on_bears_one_mark_from_its_first_frame_to_its_last(
    was_marked: bool, models_folder: Path
) -> None:
    before = plain()
    if was_marked:
        mark.draw(before)
    mp4 = rendered(TINY_CONDITION, models_folder, before, marked=True)
    frames, _ = decode(mp4)
    once = plain()
    mark.draw(once)
    assert np.abs(frames[:3].astype(int) - once).mean() < 3, "drawn again it is the same"
    assert all((mark.erase(frame) != frame).any() for frame in frames)
    assert metadata(mp4)["creation_time"] == "2027-01-15T08:00:00Z"
    assert metadata(mp4)["model"] == TINY_CONDITION.name


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_model_never_sees_the_mark_of_the_clip_that_goes_on(models_folder: Path) -> None:
    marked = plain()
    mark.draw(marked)
    seen, _ = decode(rendered(TINY_CONDITION, models_folder, plain(), marked=False))
    also, _ = decode(rendered(TINY_CONDITION, models_folder, marked, marked=False))
    assert np.abs(seen[3:].astype(int) - also[3:]).mean() < 2
