"""Tests of clips with sound, read back: as long as the pictures, and what was heard before."""

import io
from pathlib import Path

import av
import numpy as np
import pytest

from inference import sound
from inference.footage import Footage, Sound
from inference.joining import join
from inference.mp4 import decode, encode
from inference.shrinking import shrink
from inference.values import Clip, EncodeError, RequestRejected
from inference.worker import Worker
from tests.inference.entries import TINY_LTX2, tiny_request
from tests.inference.test_mp4 import boxes, moving_picture
from tests.inference.test_shrinking import noisy

FPS = 8
RATE = 24_000


def tone(hertz: float, seconds: float, *, rate: int = RATE, channels: int = 2) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    wave = (8000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)
    return Sound(samples=np.stack([wave] * channels), rate=rate)


def clip(hertz: float | None, frames: int = 16) -> bytes:
    heard = None if hertz is None else tone(hertz, frames / FPS)
    return encode(moving_picture(frames), FPS, sound=heard)


def pitch(heard: Sound, start: float, end: float) -> float:
    """The strongest frequency between two seconds, in hertz; 0 for silence."""
    part = heard.between(start, end).samples[0].astype(float)
    if np.abs(part).mean() < 50:
        return 0.0
    strengths = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.fft.rfftfreq(len(part), 1 / heard.rate)[strengths.argmax()])


def heard_in(mp4: bytes) -> Sound:
    found = sound.read(mp4)
    assert found is not None
    return found


def test_a_clip_with_sound_has_an_aac_track_as_long_as_its_pictures():
    mp4 = clip(440)
    with av.open(io.BytesIO(mp4)) as container:
        track = container.streams.audio[0]
        assert (track.codec_context.name, track.rate, track.channels) == ("aac", RATE, 2)
        assert float(track.duration * track.time_base) == pytest.approx(2.0, abs=0.05)
        assert container.streams.video[0].frames == 16
    heard = heard_in(mp4)
    assert heard.samples.shape[1] / RATE == pytest.approx(2.0, abs=0.05)
    assert pitch(heard, 0.1, 1.9) == pytest.approx(440, abs=2)
    assert boxes(mp4).index(b"moov") < boxes(mp4).index(b"mdat"), "it plays while it downloads"
    assert decode(mp4)[0].shape == decode(clip(None))[0].shape


def test_sound_begins_with_the_first_picture():
    quiet = np.zeros((2, RATE // 2), np.int16)
    late = Sound(
        samples=np.concatenate([quiet, tone(440, 0.5).samples, quiet, quiet], axis=1), rate=RATE
    )
    heard = heard_in(encode(moving_picture(16), FPS, sound=late))
    loud = np.abs(heard.samples[0].astype(float)) > 2000
    first, last = np.flatnonzero(loud)[[0, -1]] / RATE
    assert first == pytest.approx(0.5, abs=0.01)
    assert last == pytest.approx(1.0, abs=0.01)


def test_a_clip_without_sound_has_no_track():
    assert sound.read(clip(None)) is None


def test_what_is_no_video_has_no_sound_to_read(tmp_path: Path):
    with pytest.raises(RequestRejected, match="sound cannot be read"):
        sound.read(b"no clip")
    with pytest.raises(RequestRejected, match=r"none\.mp4's sound cannot be read"):
        sound.read(tmp_path / "none.mp4")


def test_joined_clips_are_heard_one_after_the_other():
    heard = heard_in(join([clip(300), clip(600), clip(900)]))
    assert heard.samples.shape[1] / RATE == pytest.approx(6.0, abs=0.05)
    for number, hertz in enumerate((300, 600, 900)):
        start = 2.0 * number
        assert pitch(heard, start + 0.05, start + 1.95) == pytest.approx(hertz, abs=2)
    joint = np.abs(heard.between(1.9, 2.1).samples[0].astype(float))
    assert joint.reshape(-1, RATE // 100).max(axis=1).min() > 4000, "no gap where they meet"


def test_a_silent_part_stays_silent_between_others():
    heard = heard_in(join([clip(300), clip(None), clip(900)]))
    assert [round(pitch(heard, start, start + 1.8)) for start in (0.1, 2.1, 4.1)] == [300, 0, 900]
    assert sound.read(join([clip(None), clip(None)])) is None


def test_sounds_of_different_kinds_are_joined_in_the_better_one():
    mono = encode(moving_picture(16), FPS, sound=tone(500, 2.0, rate=16_000, channels=1))
    heard = heard_in(join([mono, clip(700)]))
    assert (heard.rate, len(heard.samples)) == (RATE, 2)
    assert pitch(heard, 0.1, 1.9) == pytest.approx(500, abs=2)
    assert pitch(heard, 2.1, 3.9) == pytest.approx(700, abs=2)


def test_a_clip_continued_many_times_sounds_at_its_start_as_before():
    whole = clip(440)
    for _ in range(10):
        whole = join([whole, clip(880)])
    first, last = heard_in(clip(440)).between(0.1, 1.9), heard_in(whole).between(0.1, 1.9)
    difference = first.samples.astype(float) - last.samples
    assert np.square(difference).mean() < 1e-3 * np.square(first.samples.astype(float)).mean()


def test_footage_is_cut_with_its_sound():
    footage = Footage(frames=moving_picture(16), sound=tone(440, 2.0)).without(1, 2, FPS)
    assert len(footage.frames) == 13
    assert footage.sound is not None
    assert footage.sound.samples.shape == (2, round(13 / FPS * RATE))
    both = sound.in_a_row(footage, Footage(frames=moving_picture(8)), FPS)
    assert len(both.frames) == 21
    assert both.sound is not None
    assert both.sound.samples.shape[1] == round(21 / FPS * RATE)


def test_a_clip_made_smaller_keeps_its_sound():
    mp4 = encode(noisy(), FPS, sound=tone(440, 2.0))
    small = shrink(mp4, len(mp4) * 3 // 4)
    assert len(small) <= len(mp4) * 3 // 4
    assert pitch(heard_in(small), 0.1, 1.9) == pytest.approx(440, abs=2)
    assert np.array_equal(heard_in(small).samples, heard_in(mp4).samples)


def test_sound_that_no_encoder_takes_is_an_encode_error():
    with pytest.raises(EncodeError):
        encode(moving_picture(16), FPS, sound=tone(440, 2.0, rate=7))


async def test_a_model_that_makes_sound_gives_its_clip_a_track(models_folder: Path):
    worker = Worker(TINY_LTX2, models_folder=models_folder, clock=lambda: 1_800_000_000.0)
    await worker.load()
    clips = []
    for changes in ({}, {}, {"seed": 2}):
        asked = tiny_request(model=TINY_LTX2.name, **changes)
        *_, clip = [item async for item in worker.render(asked, key="1")]
        assert isinstance(clip, Clip)
        clips.append(clip)
    worker.close()
    heard = heard_in(clips[0].mp4)
    assert (heard.rate, len(heard.samples)) == (8000, 2)
    assert heard.samples.shape[1] / 8000 == pytest.approx(9 / 8, abs=0.2)
    assert heard.samples.std() > 0
    assert clips[0].mp4 == clips[1].mp4, "the same seed is the same file"
    assert not np.array_equal(heard.samples, heard_in(clips[2].mp4).samples)
