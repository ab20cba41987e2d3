"""The world of the built-in model."""

import numpy as np
import pytest
from PIL import Image

from inference.training.world import (
    ALL_PLACEMENTS,
    FRAMES,
    PATCH,
    PATCH_FRAMES,
    SIZE,
    STEPS,
    THING_PIXELS,
    corner,
    fit_picture,
    placements,
    render,
)
from inference.vocabulary import MOTIONS
from tests.inference.training.pictures import drawn_picture

BLUE = (0, 0, 255)


def test_every_motion_can_be_placed():
    assert {place.motion for place in ALL_PLACEMENTS} == {meaning.name for meaning in MOTIONS}


@pytest.mark.parametrize("place", ALL_PLACEMENTS, ids=str)
def test_a_thing_stays_whole_within_the_frame(place):
    for frame in range(FRAMES):
        x, y = corner(place, frame)
        assert 0 <= x <= SIZE - THING_PIXELS
        assert 0 <= y <= SIZE - THING_PIXELS


@pytest.mark.parametrize("motion", STEPS)
def test_a_thing_moves_one_patch_a_latent_frame_in_its_direction(motion):
    place = placements(motion)[0]
    for latent in range((FRAMES - 1) // PATCH_FRAMES):
        before = corner(place, latent * PATCH_FRAMES)
        after = corner(place, (latent + 1) * PATCH_FRAMES)
        x, y = STEPS[motion]
        assert (after[0] - before[0], after[1] - before[1]) == (x * PATCH, y * PATCH)


def test_what_is_not_the_thing_is_exactly_the_background():
    place = placements("still")[0]
    clip = render(drawn_picture(3), place, BLUE)
    x, y = corner(place, 0)
    outside = np.ones((SIZE, SIZE), bool)
    outside[y : y + THING_PIXELS, x : x + THING_PIXELS] = False
    assert clip.shape == (FRAMES, SIZE, SIZE, 3)
    np.testing.assert_allclose(clip[:, outside], np.broadcast_to([0, 0, 1], clip[:, outside].shape))


def test_a_picture_is_cut_to_its_outline_and_fills_its_square():
    image = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    image.paste((255, 0, 0, 255), (90, 60, 110, 140))
    picture = fit_picture(image)
    drawn = np.flatnonzero(picture[..., 3].max(axis=1) > 0.5)
    assert picture.shape == (THING_PIXELS, THING_PIXELS, 4)
    assert drawn[-1] - drawn[0] + 1 == THING_PIXELS - 2


def test_a_picture_is_premultiplied_by_its_alpha():
    picture = fit_picture(Image.new("RGBA", (50, 50), (255, 255, 255, 100)))
    assert (picture[..., :3] <= picture[..., 3:] + 1 / 255).all()
