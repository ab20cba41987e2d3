"""Naming the motion of a measured path."""

import numpy as np
import pytest

from inference.training.measures import REACH, name_motion, shows
from inference.training.motions import SIDEWAYS, curve
from inference.vocabulary import MOTIONS

NAMES = [motion.name for motion in MOTIONS]


def world_curve(name, side):
    way = SIDEWAYS[int(side > 0)] if name == "go" else name
    return curve(way, side, REACH)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize("gain", [0.7, 1.0, 1.3])
def test_every_motion_of_the_world_is_told_from_every_other(name, side, gain):
    random = np.random.default_rng(1)
    moved = world_curve(name, side) * gain
    moved = moved + random.normal(0, 0.01, moved.shape).astype(np.float32)
    names = {motion.name for motion in MOTIONS if shows(moved, motion)}
    if name == "go":
        assert names == {"go", SIDEWAYS[int(side > 0)]}
    elif name in SIDEWAYS:
        assert names == {"go", name}
    else:
        assert names == {name}


def test_a_path_that_hardly_moves_is_still():
    moved = world_curve("left", 1.0) * 0.1
    assert name_motion(moved) == "still"


def test_a_path_the_other_way_is_not_the_motion():
    assert name_motion(-world_curve("up", 1.0)) == "down"
