"""Tests of clips joined: nothing is lost or changed where they meet."""

import io

import av
import numpy as np
import pytest

from inference.joining import join
from inference.mp4 import Label, decode, encode
from inference.values import EncodeError
from tests.inference.test_mp4 import boxes, metadata, moving_picture, play


def test_clips_are_joined_without_a_gap_and_without_being_encoded_again():
    frames = moving_picture(36)
    parts = [encode(frames[start : start + 12], fps=8) for start in (0, 12, 24)]
    joined = join([join(parts[:2]), parts[2]])
    decoded, rate = decode(joined)
    assert np.array_equal(decoded, np.concatenate([play(part).frames for part in parts]))
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
    decoded = play(join(parts)).frames
    assert np.array_equal(decoded, np.concatenate([play(part).frames for part in parts]))


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


def test_joined_clips_bear_the_label_of_the_last_one():
    labels = [Label(model="builtin", seed=seed, made_at=1e9 + seed) for seed in (1, 2)]
    first, second = (encode(moving_picture(), fps=8, label=label) for label in labels)
    assert metadata(join([first, second])) == metadata(second)
    unlabelled = encode(moving_picture(), fps=8)
    assert metadata(join([first, unlabelled])) == metadata(unlabelled)
