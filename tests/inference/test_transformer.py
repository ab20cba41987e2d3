"""The built-in transformer's own parts: positions, and a velocity made from a clean clip."""

import pytest
import torch
from diffusers import LTXVideoTransformer3DModel

from inference.transformer import LEAST_NOISE, TIMESTEPS, PositionedTransformer

TOKENS, CHANNELS = 4, 6


@pytest.fixture
def small() -> PositionedTransformer:
    torch.manual_seed(0)
    return PositionedTransformer(
        tokens=TOKENS,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        num_attention_heads=2,
        attention_head_dim=12,
        cross_attention_dim=24,
        num_layers=1,
        caption_channels=8,
    ).eval()


def inputs(noise: float) -> dict:
    return {
        "encoder_hidden_states": torch.randn(2, 3, 8),
        "encoder_attention_mask": torch.ones(2, 3),
        "timestep": torch.full((2,), noise * TIMESTEPS),
        "num_frames": 1,
        "height": 2,
        "width": 2,
        "return_dict": False,
    }


@pytest.mark.parametrize("noise", [1.0, 0.5, LEAST_NOISE])
def test_following_the_velocity_to_no_noise_arrives_at_the_predicted_clip(small, noise):
    noisy = torch.randn(2, TOKENS, CHANNELS)
    given = inputs(noise)
    with torch.inference_mode():
        velocity = small(noisy, **given)[0]
        clean = LTXVideoTransformer3DModel.forward(small, noisy, **given)[0]
    torch.testing.assert_close(noisy - noise * velocity, clean)


def test_the_velocity_stays_finite_where_no_noise_is_left(small):
    with torch.inference_mode():
        velocity = small(torch.randn(2, TOKENS, CHANNELS), **inputs(0.0))[0]
    assert torch.isfinite(velocity).all()


def test_tokens_that_hold_the_same_noise_are_told_apart_by_their_place(small):
    same = torch.randn(2, 1, CHANNELS).expand(2, TOKENS, CHANNELS)
    with torch.inference_mode():
        velocity = small(same, **inputs(1.0))[0]
    assert (velocity[:, 0] - velocity[:, 3]).abs().max() > 1e-3
