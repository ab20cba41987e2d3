"""Frames from layers."""

import math
from dataclasses import fields

import pytest
import torch

from inference.compositor import LUMINANCE, compose
from inference.layers import (
    BLUE,
    BLUR,
    COLOURFULNESS,
    EXPOSURE,
    GREEN,
    LOG_SIZE,
    MIRRORED,
    RED,
    SECOND,
    SECOND_IN_FRONT,
    TINT,
    TURN,
    UNIT,
    VIEW,
    WIND_X,
    WIND_Y,
    Layers,
    X,
)
from tests.inference.clips_of_layers import TILE, plain_layers, show


def red_in(frame):
    """(H, W) where a frame (3, H, W) is red."""
    return (frame[0] > 0.8) & (frame[1] < 0.3)


def middle(mask):
    """X and y of a mask's centroid, in units from the middle of the frame."""
    rows, columns = mask.nonzero(as_tuple=True)
    height, width = mask.shape
    x = (columns.float().mean() + 0.5 - width / 2) / UNIT
    y = (rows.float().mean() + 0.5 - height / 2) / UNIT
    return float(x), float(y)


def first(layers):
    return compose(layers, 12)[0, :, 0]


SIZES = [(256, 256), (352, 192), (192, 352)]


@pytest.mark.parametrize("size", SIZES)
def test_a_camera_at_rest_sees_the_backdrop_as_it_is(size):
    layers = plain_layers(*size)
    layers.backdrops.uniform_()
    torch.testing.assert_close(first(layers), layers.backdrops[0], atol=1e-4, rtol=0)


def test_clips_of_a_batch_have_nothing_to_do_with_one_another():
    one, other = plain_layers(), plain_layers()
    show(one, 0, 0.1, 0.2)
    show(other, SECOND, -0.2, 0.0)
    other.view[0, EXPOSURE] = -1
    names = [field.name for field in fields(Layers)]
    both = Layers(**{name: torch.cat([getattr(one, name), getattr(other, name)]) for name in names})
    assert torch.equal(compose(both, 12), torch.cat([compose(one, 12), compose(other, 12)]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (-0.15, 0.1), (0.2, -0.12)])
def test_a_picture_lies_where_its_numbers_say(size, x, y):
    layers = plain_layers(*size)
    show(layers, 0, x, y, math.log(0.25))
    red = red_in(first(layers))
    assert middle(red) == pytest.approx((x, y), abs=0.006)
    assert float(red.sum()) ** 0.5 / UNIT == pytest.approx(0.25, abs=0.01)


def test_a_hidden_place_draws_nothing():
    assert compose(plain_layers(), 12).sub(0.5).abs().max() < 1e-5


def test_a_translucent_picture_lets_the_backdrop_through():
    layers = plain_layers()
    layers.pictures[:, 0] *= 0.5
    show(layers, 0, 0.0, 0.0)
    seen = first(layers)[:, 128, 128]
    torch.testing.assert_close(seen, torch.tensor([0.75, 0.25, 0.25]))


def test_tracks_move_grow_and_the_rest_stays():
    layers = plain_layers(frames=3)
    show(layers, 0, 0.0, 0.0, math.log(0.2))
    layers.tracks[0, :, 0, X] = torch.tensor([0.1, 0.2])
    layers.tracks[0, 1, 0, LOG_SIZE] = math.log(2)
    video = compose(layers, 12)[0]
    assert [round(middle(red_in(video[:, t]))[0], 2) for t in range(3)] == [0.0, 0.1, 0.2]
    areas = [float(red_in(video[:, t]).sum()) for t in range(3)]
    assert areas[1] == pytest.approx(areas[0], rel=0.05)
    assert areas[2] == pytest.approx(4 * areas[0], rel=0.1)


def corner_picture(layers):
    """Only the left upper quarter of the first picture remains."""
    layers.pictures[:, 0, :, 56:] = 0
    layers.pictures[:, 0, :, :, 56:] = 0


@pytest.mark.parametrize(
    ("column", "value", "where"),
    [
        (TURN, 0.0, (-1, -1)),
        (TURN, math.pi / 2, (1, -1)),
        (TURN, math.pi, (1, 1)),
        (MIRRORED, 1.0, (1, -1)),
    ],
)
def test_a_picture_turns_clockwise_and_mirrors(column, value, where):
    layers = plain_layers()
    corner_picture(layers)
    show(layers, 0, 0.0, 0.0, math.log(0.4))
    layers.places[0, 0, column] = value
    x, y = middle(red_in(first(layers)))
    assert (math.copysign(1, x), math.copysign(1, y)) == where


def test_a_tint_colours_the_picture_and_keeps_its_shade():
    layers = plain_layers()
    layers.pictures[:, 0, :3, :56] = 0.2
    layers.pictures[:, 0, :3, 56:] = 0.9
    show(layers, 0, 0.0, 0.0, math.log(0.4))
    layers.places[0, 0, [RED, GREEN, BLUE, TINT]] = torch.tensor([0.1, 0.2, 1.0, 1.0])
    frame = first(layers)
    dark, bright = frame[:, 108, 128], frame[:, 148, 128]
    assert dark[2] > 2 * dark[0]
    assert bright[2] > 2 * bright[0]
    assert bright[2] > dark[2] + 0.2


def test_half_a_tint_is_halfway_to_the_colour():
    layers = plain_layers()
    show(layers, 0, 0.0, 0.0)
    layers.places[0, 0, BLUE] = 1
    seen = []
    for tint in (0.0, 0.5, 1.0):
        layers.places[0, 0, TINT] = tint
        seen.append(first(layers)[:, 128, 128])
    torch.testing.assert_close(seen[0], torch.tensor([1.0, 0.0, 0.0]))
    assert seen[2][0] == 0 < seen[2][2]
    torch.testing.assert_close(seen[1], (seen[0] + seen[2]) / 2)


def test_of_several_of_a_thing_the_later_ones_stand_in_front():
    layers = plain_layers()
    for place in range(SECOND):
        show(layers, place, 0.1 * place, 0.0)
        layers.places[0, place, [RED + place, TINT]] = 1
    frame = first(layers)
    assert [int(frame[:, 128, column].argmax()) for column in (90, 115, 150)] == [0, 1, 2]


@pytest.mark.parametrize(("front", "seen"), [(-1.0, 0), (1.0, 1)])
def test_which_thing_stands_in_front_is_told_by_the_view(front, seen):
    layers = plain_layers()
    show(layers, 0, 0.0, 0.0)
    show(layers, SECOND, 0.0, 0.0)
    layers.view[0, SECOND_IN_FRONT] = front
    assert int(first(layers)[:, 128, 128].argmax()) == seen


def test_a_camera_that_moves_right_shows_things_further_left_and_zoom_makes_them_larger():
    layers = plain_layers(frames=3)
    show(layers, 0, 0.0, 0.0, math.log(0.2))
    layers.tracks[0, 0, VIEW, X] = 0.1
    layers.tracks[0, 1, VIEW, LOG_SIZE] = math.log(2)
    video = compose(layers, 12)[0]
    assert middle(red_in(video[:, 1]))[0] == pytest.approx(-0.1, abs=0.01)
    areas = [float(red_in(video[:, t]).sum()) for t in (0, 2)]
    assert areas[1] == pytest.approx(4 * areas[0], rel=0.1)


def test_a_camera_that_turns_clockwise_shows_the_world_turned_back():
    layers = plain_layers()
    show(layers, 0, 0.2, 0.0, math.log(0.2))
    layers.view[0, TURN] = math.pi / 2
    assert middle(red_in(first(layers))) == pytest.approx((0.0, -0.2), abs=0.01)


def test_the_backdrop_goes_on_where_the_camera_looks_beyond_it():
    layers = plain_layers()
    layers.backdrops[0, :, 100:] = 0.9
    layers.view[0, [X, LOG_SIZE]] = torch.tensor([0.4, math.log(0.6)])
    assert float(first(layers).min()) > 0.49


def test_particles_fall_with_the_wind_and_repeat_without_a_seam():
    layers = plain_layers(frames=7)
    layers.tiles[0, :, 60:68, :] = 1.0  # white bars across the tile, which meet at its edges
    layers.view[0, WIND_Y] = 0.25
    video = compose(layers, 12)[0, 0]
    assert (video > 0.9).any()
    assert video.std(dim=2).max() < 1e-3, "each row is even: no seam"
    rows = video[:, :, 0]
    moved = 0.25 * 0.5 * UNIT * 6 / 12  # the nearest sheet's size is half a unit
    unlike = [(rows[6, 60:200] - rows[0, 60 - down : 200 - down]).abs().sum() for down in range(40)]
    best = int(torch.stack(unlike).argmin())
    assert best == pytest.approx(moved, abs=1.5)


def dotted(frames):
    """A clip whose tile holds one white dot."""
    layers = plain_layers(frames=frames)
    layers.tiles[0, :, 60:66, 60:66] = 1.0
    return layers


@pytest.mark.parametrize(("wind", "side"), [(0.5, 1), (-0.5, -1)])
def test_particles_go_to_the_side_that_the_wind_blows_to(wind, side):
    layers = dotted(4)
    layers.view[0, WIND_X] = wind
    video = compose(layers, 12)[0, 0]
    # The nearer sheet, half a unit wide, moves by an eighth of its width, the other one less.
    unlike = {
        across: (video[3, :, 100:156] - video[0, :, 100 - across : 156 - across]).abs().sum()
        for across in range(-30, 31)
    }
    assert min(unlike, key=lambda across: float(unlike[across])) == side * 16


def test_particles_fall_in_seconds_and_not_in_frames():
    layers = dotted(7)
    layers.view[0, WIND_Y] = 0.4
    fast, slow = compose(layers, 12)[0], compose(layers, 6)[0]
    torch.testing.assert_close(fast[:, 6], slow[:, 3])
    assert (fast[:, 3] - slow[:, 3]).abs().max() > 0.1


def test_particles_lie_before_the_camera_and_before_all_things():
    layers = dotted(1)
    layers.tiles.fill_(1.0)
    show(layers, 0, 0.0, 0.0, 0.0)
    assert float(first(layers).min()) > 0.99, "the red square is behind"
    layers = dotted(1)
    still = first(layers)
    layers.view[0, [X, LOG_SIZE]] = 0.3
    torch.testing.assert_close(first(layers), still)


def test_grey_is_as_bright_as_the_colour_was():
    layers = plain_layers()
    show(layers, 0, 0.0, 0.0)
    layers.view[0, COLOURFULNESS] = 0
    torch.testing.assert_close(first(layers)[:, 128, 128], torch.full((3,), LUMINANCE[0]))


def test_blur_spreads_light_and_loses_none():
    layers = plain_layers()
    layers.backdrops.zero_()
    layers.backdrops[:, :, 126:130, 126:130] = 1.0
    layers.view[0, BLUR] = 1.0
    frame = first(layers)
    assert float(frame.sum()) == pytest.approx(3 * 16, rel=0.01)
    assert 0 < float(frame.max()) < 0.2
    assert middle(frame[0] > frame[0].max() / 2) == pytest.approx((0.0, 0.0), abs=0.002)


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        (EXPOSURE, -1.0, lambda frame: frame[0, 0, 0] == pytest.approx(0.25, abs=0.01)),
        (EXPOSURE, 0.5, lambda frame: frame[0, 0, 0] > 0.65),
        (COLOURFULNESS, 0.0, lambda frame: (frame[0] - frame[1]).abs().max() < 1e-4),
        (BLUR, 1.0, lambda frame: (frame[:, :, 1:] - frame[:, :, :-1]).abs().max() < 0.1),
    ],
)
def test_the_lens_exposes_greys_and_blurs(column, value, check):
    layers = plain_layers()
    show(layers, 0, 0.0, 0.0)
    layers.view[0, column] = value
    assert check(first(layers))


def test_fine_detail_does_not_flicker_when_a_picture_is_drawn_small():
    layers = plain_layers(frames=5)
    layers.pictures[:, 0, :3] = (torch.arange(112) % 2).float()[None, :, None]
    show(layers, 0, 0.0, 0.0, math.log(0.1))
    layers.tracks[0, :, 0, X] = torch.linspace(0, 0.01, 4)
    video = compose(layers, 12)[0]
    insides = video[:, :, 124:132, 124:132].mean(dim=(0, 2, 3))
    assert float(insides.std()) < 0.02


def test_frames_stay_pictures_whatever_the_numbers():
    torch.manual_seed(1)
    layers = plain_layers(frames=3)
    layers.places.normal_(0, 5)
    layers.view.normal_(0, 5)
    layers.tracks.normal_(0, 5)
    layers.tiles.uniform_()
    video = compose(layers, 12)
    assert torch.isfinite(video).all()
    assert 0 <= float(video.min()) <= float(video.max()) <= 1
    assert layers.tiles.shape[-1] == TILE
