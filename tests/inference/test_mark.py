"""The mark can be read on any picture, and changes nothing but its corner."""

import io

import numpy as np
import pytest
from PIL import Image

from inference import mark
from inference.footage import Frames
from inference.mp4 import decode, encode

SIZES = [(256, 256), (480, 832), (352, 192), (64, 64), (1080, 1920)]


def plain(value: int, height: int = 256, width: int = 256) -> Frames:
    return np.full((2, height, width, 3), value, np.uint8)


def noise(height: int = 256, width: int = 256) -> Frames:
    return np.random.default_rng(7).integers(0, 256, (2, height, width, 3), np.uint8)


def scene(height: int, width: int) -> Frames:
    """Two smooth frames of many colours, as (2, H, W, 3)."""
    small = Image.fromarray(noise(6, 6)[0])
    frame = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    return np.stack([frame, frame])


def drawn(frames: Frames) -> Frames:
    marked = frames.copy()
    mark.draw(marked)
    return marked


def luminance(frames: Frames) -> np.ndarray:
    """Relative luminance of sRGB, 0 to 1 (WCAG 2.2)."""
    value = frames / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def letters(height: int = 256, width: int = 256) -> np.ndarray:
    """Where the letters are, (H, W): what the mark makes bright on black."""
    return drawn(plain(0, height, width))[0, ..., 0] > 200


def plate(height: int = 256, width: int = 256) -> np.ndarray:
    """Where the plate is and no letter, (H, W): what the mark makes dark on white."""
    return drawn(plain(255, height, width))[0, ..., 0] < 70


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", [lambda *size: plain(0, *size), lambda *size: plain(255, *size)])
def test_the_letters_stand_out_from_their_plate_on_black_and_on_white(make, size):
    light = luminance(drawn(make(*size))[0])
    bright, dark = light[letters(*size)], light[plate(*size)]
    assert bright.size >= 12
    assert dark.size >= 60
    assert (bright.min() + 0.05) / (dark.max() + 0.05) > 4.5, "WCAG 2.2, 1.4.3: readable text"


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)])
def test_the_letters_stand_out_on_strong_colours_and_noise(colour):
    for frames in (noise(), np.broadcast_to(np.uint8(colour), (2, 256, 256, 3)).copy()):
        light = luminance(drawn(frames)[0])
        assert (light[letters()].min() + 0.05) / (light[plate()].max() + 0.05) > 4.5


@pytest.mark.parametrize("size", SIZES)
def test_only_the_lower_right_corner_changes_and_every_frame_alike(size):
    frames = plain(255, *size)
    changed = (drawn(frames) != frames).any(axis=3)
    assert (changed[0] == changed[1]).all()
    rows, columns = np.nonzero(changed[0])
    height = rows.max() - rows.min() + 1
    assert height == max(12, round(min(size) / 18))
    assert height < columns.max() - columns.min() + 1 < 2 * height
    assert 0 < size[0] - 1 - rows.max() < height, "a little off the edge"
    assert 0 < size[1] - 1 - columns.max() < height


@pytest.mark.parametrize("size", [*SIZES, (95, 127), (12, 12), (2, 2), (40, 10)])
def test_drawing_it_twice_is_drawing_it_once(size):
    once = drawn(noise(*size))
    assert (drawn(once) == once).all()


def test_a_clip_that_was_marked_and_compressed_looks_the_same_marked_again():
    frames, _ = decode(encode(drawn(scene(256, 256)), fps=8))
    change = np.abs(drawn(frames).astype(int) - frames)
    assert change[:, letters() | plate()].mean() < 8, "mp4 blurs colours; no more than that"


def seen_again(frame: Frames, form: str) -> Frames:
    """A frame after a file of that form."""
    if form == "mp4":
        return decode(encode(frame[None], fps=8))[0][0]
    file = io.BytesIO()
    Image.fromarray(frame).save(file, form)
    return np.asarray(Image.open(file))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "mp4"])
@pytest.mark.parametrize("size", SIZES)
def test_a_picture_taken_from_a_clip_loses_the_mark_and_keeps_the_rest(size, form):
    frames = scene(*size)
    taken = seen_again(drawn(frames)[0], form)
    before = taken.copy()
    erased = mark.erase(taken)
    assert (taken == before).all(), "what was given is left alone"
    error = np.abs(erased.astype(int) - frames[0])
    assert error[letters(*size)].mean() < 40
    assert error[plate(*size)].mean() < 40
    changed = (erased != taken).any(axis=2)
    assert not changed[: -round(size[0] / 3)].any()
    assert not changed[:, : -round(size[1] / 2)].any()


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_without_a_mark_stays_as_it_is(size):
    for frames in (plain(0, *size), plain(255, *size), plain(90, *size), noise(*size)):
        assert (mark.erase(frames[0]) == frames[0]).all()


@pytest.mark.parametrize("size", [(2, 2), (12, 12), (40, 10)])
def test_a_picture_too_small_for_a_mark_stays_as_it_is(size):
    frame = drawn(noise(*size))[0]
    assert (mark.erase(frame) == frame).all()
