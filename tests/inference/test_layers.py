"""Clips as numbers."""

from dataclasses import fields

import torch

from inference.layers import PLACES, SECOND, VIEW, Layers, X
from tests.inference.clips_of_layers import plain_layers, show


def test_moving_numbers_begin_at_the_first_frame_and_follow_the_tracks():
    layers = plain_layers(frames=4)
    show(layers, 1, 0.1, -0.2, -1.0)
    layers.view[0, :4] = torch.tensor([0.3, 0.4, 0.5, 0.6])
    layers.tracks.uniform_()
    moving = layers.moving()
    assert moving.shape == (1, 4, PLACES + 1, 4)
    torch.testing.assert_close(moving[0, 0, 1], torch.tensor([0.1, -0.2, -1.0, 0.0]))
    torch.testing.assert_close(moving[0, 0, VIEW], torch.tensor([0.3, 0.4, 0.5, 0.6]))
    torch.testing.assert_close(moving[:, 1:] - moving[:, :1], layers.tracks)


def test_a_clip_of_several_is_a_batch_of_that_one():
    one, other = plain_layers(frames=3), plain_layers(frames=3)
    other.backdrops.fill_(0.2)
    other.pictures.fill_(0.3)
    other.tiles.fill_(0.4)
    other.tracks.fill_(0.5)
    other.view.fill_(0.6)
    show(other, SECOND, 0.7, 0.8)
    names = [field.name for field in fields(Layers)]
    both = Layers(**{name: torch.cat([getattr(one, name), getattr(other, name)]) for name in names})
    for name in names:
        assert torch.equal(getattr(both.clip(1), name), getattr(other, name)), name
        assert torch.equal(getattr(both.clip(0), name), getattr(one, name)), name
    assert both.clip(1).moving()[0, 0, SECOND, X] == 0.7
