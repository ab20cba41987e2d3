"""Latents of the world, made without rendering."""

import pytest
import torch

from inference.training.fit_autoencoder import fit, psnr
from inference.training.latents import TOKENS, LatentWorld, to_video, tokens
from inference.training.world import ALL_PLACEMENTS, render
from tests.inference.training.pictures import drawn_picture

CHANNELS = 48


@pytest.fixture(scope="module")
def fitted():
    """Two pictures and the autoencoder fitted to them."""
    pictures = [drawn_picture(number) for number in (0, 7)]
    return pictures, fit(pictures, CHANNELS)


def test_mixed_latents_are_those_of_the_rendered_clip(fitted):
    pictures, autoencoder = fitted
    world = LatentWorld.encode(autoencoder, pictures)
    for thing, place in ((0, 0), (1, len(ALL_PLACEMENTS) - 1)):
        mixed = world.clips(
            torch.tensor([thing]), torch.tensor([place]), torch.tensor([[0.2, 0.4, 0.6]])
        )
        clip = render(pictures[thing], ALL_PLACEMENTS[place], (51, 102, 153))
        encoded = tokens(autoencoder.encode(to_video(clip)).latent_dist.mean)
        assert mixed.shape == (1, TOKENS, CHANNELS)
        torch.testing.assert_close(mixed, encoded, atol=0.02, rtol=0.02)


def test_a_fitted_autoencoder_gives_clips_back(fitted):
    pictures, autoencoder = fitted
    video = to_video(render(pictures[1], ALL_PLACEMENTS[4], (240, 200, 30)))
    with torch.inference_mode():
        back = autoencoder.decode(autoencoder.encode(video).latent_dist.mean).sample
    assert back.shape == video.shape
    assert psnr(back, video) > 20
