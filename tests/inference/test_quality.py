"""Tests of the levels of quality, and of the table of what is fastest where."""

import itertools
from dataclasses import fields, replace

import pytest

from inference import catalog
from inference.quality import LEVELS, Choices, Measured, Quality, row
from tests.inference.entries import TINY


def test_exact_is_the_plain_call():
    assert LEVELS[Quality.EXACT] == Choices()
    assert TINY.quality is Quality.EXACT
    assert TINY.at(Quality.EXACT) == TINY


def test_each_level_allows_all_that_the_one_before_allows():
    levels = [LEVELS[quality] for quality in Quality]
    for gentler, faster in itertools.pairwise(levels):
        assert gentler != faster
        for choice in fields(Choices):
            assert not getattr(gentler, choice.name) or getattr(faster, choice.name)


def test_weights_for_few_steps_come_with_their_steps_and_guidance():
    entry = catalog.find("wan2.2-t2v-a14b")
    assert entry.few_step is not None
    for quality in (Quality.FAST, Quality.FASTEST):
        fast = entry.at(quality)
        assert (fast.steps, fast.guidance_scale) == (4, 1.0)
        assert fast.options["guidance_scale_2"] == 1.0
        assert not fast.has_negative_prompt
    high = entry.at(Quality.HIGH)
    assert high == replace(entry, quality=Quality.HIGH)
    assert entry.at(Quality.FAST).at(Quality.FAST) == entry.at(Quality.FAST)


def test_a_model_without_such_weights_keeps_its_steps():
    assert TINY.at(Quality.FAST) == replace(TINY, quality=Quality.FAST)


@pytest.mark.parametrize(
    ("device", "how"),
    [
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("NVIDIA H100 NVL", "nvl"),
        ("NVIDIA GeForce RTX 4090", "rtx"),
        ("cpu", None),
    ],
)
def test_the_row_that_fits_a_device_best_counts(device, how):
    parts = {"rtx": "rtx", "H100": "h100", "h100 nvl": "nvl"}
    found = row({part: Measured(how=how) for part, how in parts.items()}, device)
    assert (found and found.how) == how
