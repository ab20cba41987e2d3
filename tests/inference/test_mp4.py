"""Tests of the mp4 that a chat gets."""

import io
import pickle
import wave

import av
import numpy as np
import pytest

from inference.mp4 import Frames, decode, encode, join, last_frame
from inference.values import EncodeError, RequestRejected


def moving_picture(count: int = 12, height: int = 96, width: int = 128) -> Frames:
    """(T, H, W, 3) uint8: a gradient with a bright square moving over it."""
    rows, columns = np.mgrid[0:height, 0:width]
    frames = np.empty((count, height, width, 3), np.uint8)
    for index in range(count):
        frames[index, ..., 0] = 255 * rows // height
        frames[index, ..., 1] = 255 * columns // width
        frames[index, ..., 2] = 90
        left = 4 * index
        frames[index, 30:62, left : left + 32] = (240, 200, 40)
    return frames


def played(mp4: bytes) -> tuple[Frames, av.VideoStream]:
    with av.open(io.BytesIO(mp4)) as container:
        stream = container.streams.video[0]
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return np.stack(pictures), stream


def psnr(one: Frames, other: Frames) -> float:
    error = np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / error))


def boxes(mp4: bytes) -> list[bytes]:
    """The types of an mp4's top-level boxes, in order (ISO/IEC 14496-12, 4.2)."""
    found, place = [], 0
    while place < len(mp4):
        size = int.from_bytes(mp4[place : place + 4], "big")
        found.append(mp4[place + 4 : place + 8])
        assert size >= 8
        place += size
    return found


def test_a_clip_keeps_its_frames_size_rate_and_length():
    frames = moving_picture()
    decoded, stream = played(encode(frames, fps=8))
    assert decoded.shape == frames.shape
    assert stream.codec_context.name == "h264"
    assert stream.codec_context.pix_fmt == "yuv420p"
    assert stream.average_rate == 8
    assert stream.duration is not None
    assert stream.time_base is not None
    assert float(stream.duration * stream.time_base) == pytest.approx(12 / 8)


def test_a_small_clip_looks_like_its_frames():
    frames = moving_picture()
    decoded, _ = played(encode(frames, fps=8))
    assert psnr(frames, decoded) > 32


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)])
def test_colours_stay_what_they_were(colour):
    frames = np.full((4, 64, 64, 3), colour, np.uint8)
    decoded, stream = played(encode(frames, fps=8))
    assert np.abs(decoded.astype(int) - colour).max() <= 6
    assert stream.codec_context.colorspace == 1, "BT.709, told to the player"


def test_the_index_comes_before_the_pictures_so_that_playing_starts_at_once():
    order = boxes(encode(moving_picture(), fps=8))
    assert order.index(b"moov") < order.index(b"mdat")


def test_a_clip_of_one_frame_is_a_clip():
    decoded, _ = played(encode(moving_picture(count=1), fps=8))
    assert len(decoded) == 1


@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((2, 95, 128, 3), np.uint8),
        np.zeros((2, 96, 127, 3), np.uint8),
        np.zeros((0, 96, 128, 3), np.uint8),
        np.zeros((2, 96, 128, 4), np.uint8),
        np.zeros((2, 96, 128, 3), np.float32),
        np.zeros((96, 128, 3), np.uint8),
    ],
)
def test_frames_that_are_no_clip_are_refused(frames):
    with pytest.raises(EncodeError) as caught:
        encode(frames, fps=8)
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), EncodeError)  # noqa: S301


def test_encoding_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    encode(moving_picture(), fps=8)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_an_encode_error(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(EncodeError, match="could not be written"):
        encode(moving_picture(), fps=8)


def test_a_clip_is_read_back_from_bytes_and_from_a_file(tmp_path):
    frames = moving_picture()
    path = tmp_path / "clip.mp4"
    path.write_bytes(encode(frames, fps=12))
    for source in (path, path.read_bytes()):
        decoded, frames_per_second = decode(source)
        assert decoded.shape == frames.shape
        assert decoded.dtype == np.uint8
        assert psnr(frames, decoded) > 32
        assert frames_per_second == 12


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", ""))
        writer.writeframes(bytes(8000))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cannot be read as a video"),
        (b"no video at all", "cannot be read as a video"),
        (encode(moving_picture(), fps=8)[:300], "is no video"),
        (sound(), "is no video"),
    ],
)
def test_what_is_no_video_is_refused_and_named(data, words, tmp_path):
    path = tmp_path / "holiday.mp4"
    path.write_bytes(data)
    with pytest.raises(RequestRejected, match=f"holiday.mp4 {words}"):
        decode(path)
    with pytest.raises(RequestRejected, match=f"The video {words}"):
        decode(data)


def test_a_missing_video_is_named(tmp_path):
    with pytest.raises(RequestRejected, match=r"clip\.mp4 cannot be read as a video: No such file"):
        decode(tmp_path / "clip.mp4")


def test_a_video_that_fills_the_memory_is_refused():
    mp4 = encode(moving_picture(), fps=8)
    assert len(decode(mp4, most_bytes=12 * 96 * 128 * 3)[0]) == 12
    with pytest.raises(RequestRejected, match="too long"):
        decode(mp4, most_bytes=12 * 96 * 128 * 3 - 1)


def test_clips_are_joined_without_a_gap_and_without_being_encoded_again():
    frames = moving_picture(36)
    parts = [encode(frames[start : start + 12], fps=8) for start in (0, 12, 24)]
    joined = join([join(parts[:2]), parts[2]])
    decoded, rate = decode(joined)
    assert np.array_equal(decoded, np.concatenate([played(part)[0] for part in parts]))
    assert rate == 8
    with av.open(io.BytesIO(joined)) as container:
        assert container.duration == 36 / 8 * av.time_base
        times = [picture.time for picture in container.decode(video=0)]
    assert times == [number / 8 for number in range(36)]
    assert boxes(joined).index(b"moov") < boxes(joined).index(b"mdat")


def test_pictures_as_different_as_noise_and_nothing_are_joined():
    noise = np.random.default_rng(0).integers(0, 256, (8, 96, 128, 3), np.uint8)
    still = np.zeros((8, 96, 128, 3), np.uint8)
    parts = [encode(noise, fps=8), encode(still, fps=8)]
    decoded, _ = played(join(parts))
    assert np.array_equal(decoded, np.concatenate([played(part)[0] for part in parts]))


@pytest.mark.parametrize("other", [moving_picture(8, 64, 128), moving_picture(8)[:, :, ::2]])
def test_clips_of_different_shapes_are_not_joined(other):
    with pytest.raises(EncodeError, match="differ"):
        join([encode(moving_picture(), fps=8), encode(np.ascontiguousarray(other), fps=8)])


def test_clips_of_different_rates_are_not_joined():
    with pytest.raises(EncodeError, match="differ"):
        join([encode(moving_picture(), fps=8), encode(moving_picture(), fps=12)])


def test_what_is_no_clip_is_not_joined():
    with pytest.raises(EncodeError):
        join([encode(moving_picture(), fps=8), b"no clip"])


def test_the_last_frame_is_the_one_that_is_shown_last():
    mp4 = encode(moving_picture(), fps=8)
    assert np.array_equal(last_frame(mp4), played(mp4)[0][-1])
    with pytest.raises(RequestRejected):
        last_frame(b"no clip")
