"""What the world is painted with."""

import itertools

import numpy as np
import pytest
from PIL import Image

from inference.autoencoder import PICTURE_SIDE, TILE_SIDE
from inference.training.scenes import PAINTERS, paint
from inference.training.weather import WEATHERS as PAINTED_WEATHERS
from inference.training.world import backdrop, fit_picture, weather_tile
from inference.vocabulary import COLOURS, SCENES, WEATHERS


def test_every_scene_and_weather_of_the_vocabulary_is_painted():
    assert {scene.name for scene in SCENES} == set(PAINTERS)
    assert [one.name for one in WEATHERS] == [one.name for one in PAINTED_WEATHERS]


@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
def test_a_scene_is_a_picture_and_always_the_same(scene):
    one = paint(scene, 1, 176, 96)
    assert one.shape == (96, 176, 3)
    assert one.dtype == np.float32
    assert 0 <= one.min() <= one.max() <= 1
    assert (one == paint(scene, 1, 176, 96)).all()
    assert np.abs(one - paint(scene, 2, 176, 96)).max() > 0.05


def test_no_two_scenes_look_alike():
    small = {
        scene.name: np.asarray(
            Image.fromarray((paint(scene.name, 0, 128, 128) * 255).astype(np.uint8)).resize((8, 8)),
            np.float32,
        )
        for scene in SCENES
    }
    for one, other in itertools.combinations(small, 2):
        assert np.abs(small[one] - small[other]).mean() > 8, (one, other)


@pytest.mark.parametrize("weather", [weather.name for weather in WEATHERS])
def test_particles_are_few_and_their_tile_has_no_seam(weather):
    tile = weather_tile(weather).numpy()
    assert tile.shape == (4, TILE_SIDE, TILE_SIDE)
    assert 0.005 < tile[3].mean() < 0.2
    assert (tile[:3] <= tile[3] + 1e-5).all(), "premultiplied"
    inner = np.abs(np.diff(tile, axis=2)).max()
    assert np.abs(tile[:, :, 0] - tile[:, :, -1]).max() <= inner
    assert np.abs(tile[:, 0] - tile[:, -1]).max() <= inner


def test_a_colour_is_a_backdrop_of_that_colour():
    painted = backdrop(COLOURS[4], 0, (8, 8))
    assert painted.shape == (3, 256, 256)
    wanted = np.asarray(COLOURS[4].red_green_blue) / 255
    assert painted.mean(dim=(1, 2)).numpy() == pytest.approx(wanted, abs=0.02)


def test_a_picture_is_cut_to_its_outline_and_fills_its_square():
    image = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    image.paste((255, 0, 0, 255), (90, 60, 110, 140))
    picture = fit_picture(image)
    assert picture.shape == (PICTURE_SIDE, PICTURE_SIDE, 4)
    drawn = np.nonzero(picture[..., 3] > 0.5)
    assert np.ptp(drawn[0]) > PICTURE_SIDE - 6
    assert np.ptp(drawn[1]) == pytest.approx(PICTURE_SIDE / 4, abs=3)
    assert (picture[..., 0] == picture[..., 3]).all(), "no dark edge"
