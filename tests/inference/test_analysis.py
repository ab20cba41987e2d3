"""Given pictures taken apart."""

import math

import pytest
import torch

from inference.analysis import Analyst, fill, take_apart
from inference.compositor import compose
from inference.layers import LOG_SIZE, SHOWN, X, Y
from tests.inference.clips_of_layers import plain_layers, show


class KnowingAnalyst(torch.nn.Module):
    """Knows the answer."""

    def __init__(self, mask) -> None:
        super().__init__()
        self.mask = mask

    def forward(self, frames):
        """See Analyst."""
        assert frames.shape[-2:] == self.mask.shape[-2:]
        return self.mask * 20 - 10


def taken_apart(layers):
    frame = compose(layers, 12)[:, :, 0]
    backdrop = layers.backdrops
    mask = (frame - backdrop).abs().amax(dim=1, keepdim=True).gt(0.2).float()
    return frame, take_apart(KnowingAnalyst(mask), frame, 112, 128)


@pytest.mark.parametrize("size", [(256, 256), (352, 192)])
def test_what_stands_out_is_cut_out_placed_and_gives_the_picture_back(size):
    layers = plain_layers(*size)
    show(layers, 0, 0.12, -0.05, math.log(0.35))
    frame, parts = taken_apart(layers)
    numbers = parts.places[0, 0]
    assert numbers[SHOWN] > 0
    assert numbers[[X, Y]].tolist() == pytest.approx([0.12, -0.05], abs=0.01)
    assert math.exp(numbers[LOG_SIZE]) == pytest.approx(0.35, abs=0.04)
    again = compose(parts, 12)[:, :, 0]
    assert -10 * math.log10(float((again - frame).square().mean())) > 27


def test_it_moves_and_uncovers_the_backdrop():
    layers = plain_layers()
    show(layers, 0, 0.0, 0.0, math.log(0.3))
    _, parts = taken_apart(layers)
    parts.places[0, 0, X] = 0.3
    moved = compose(parts, 12)[0, :, 0]
    assert moved[:, 128, 128].tolist() == pytest.approx([0.5, 0.5, 0.5], abs=0.02)
    assert moved[0, 128, 205] > 0.9


def test_where_nothing_stands_out_the_whole_picture_is_backdrop():
    layers = plain_layers()
    layers.backdrops.uniform_()
    frame, parts = taken_apart(layers)
    assert (parts.places[..., SHOWN] < 0).all()
    torch.testing.assert_close(parts.backdrops, frame)


def test_an_untrained_analyst_sees_nothing_for_certain_and_keeps_the_shape():
    frames = torch.rand(2, 3, 192, 352)
    logits = Analyst((8, 16, 16, 16))(frames)
    assert logits.shape == (2, 1, 192, 352)
    assert (logits == 0).all()


def test_a_hole_is_filled_from_around_it_and_the_rest_stays():
    across = torch.linspace(0, 1, 352).expand(3, 192, 352).clone()
    hole = torch.zeros(1, 192, 352)
    hole[:, 60:120, 100:180] = 1
    broken = torch.where(hole > 0, torch.ones_like(across), across)
    filled = fill(broken, hole)
    torch.testing.assert_close(filled[:, :50], across[:, :50])
    assert (filled - across).abs().max() < 0.12
