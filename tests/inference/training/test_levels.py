"""Tests of the distance of each level of quality from the plain call."""

import numpy as np
import pytest

from inference.quality import Quality
from inference.training.levels import (
    PROMPTS,
    cases,
    decibels,
    distance,
    squared_error,
    ssim,
)

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
NOISE = np.random.default_rng(0)
CLIP = NOISE.integers(0, 200, (2, 24, 32, 3), np.uint8)


def test_a_clip_is_no_distance_from_itself():
    assert decibels(squared_error(CLIP, CLIP)) == float("inf")
    assert ssim(CLIP, CLIP) == pytest.approx(1.0)


def test_a_clip_that_is_brighter_has_its_structure_and_noise_has_not():
    brighter = CLIP + np.uint8(51)  # a fifth of the range
    assert decibels(squared_error(CLIP, brighter)) == pytest.approx(20 * np.log10(5))
    other = NOISE.integers(0, 200, CLIP.shape, np.uint8)
    assert ssim(CLIP, other) < 0.3 < 0.8 < ssim(CLIP, brighter) < 1


def test_every_level_is_measured_and_exact_is_the_plain_call():
    assert [quality for quality in Quality if all(case.level != quality for case in cases())] == []
    assert distance(cases()[0], PROMPTS[:1]) == (float("inf"), pytest.approx(1.0))


def test_rounding_to_8_bits_changes_a_clip_a_little():
    (case,) = (case for case in cases() if case.level is Quality.FASTEST)
    ratio, alike = distance(case, PROMPTS[:1])
    assert 15 < ratio < 80
    assert 0.5 < alike < 1
