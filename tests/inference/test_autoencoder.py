"""The patch autoencoder."""

import pytest
import torch

from inference.autoencoder import PatchAutoencoder

FRAMES_A_PATCH, SIZE = 4, 8
VALUES = FRAMES_A_PATCH * SIZE * SIZE * 3


@pytest.fixture
def complete() -> PatchAutoencoder:
    """An autoencoder with as many components as values, which loses nothing."""
    torch.manual_seed(0)
    autoencoder = PatchAutoencoder(FRAMES_A_PATCH, SIZE, VALUES)
    autoencoder.basis.data = torch.linalg.qr(torch.randn(VALUES, VALUES))[0]
    autoencoder.mean.data = torch.randn(VALUES)
    autoencoder.scale.data = torch.rand(VALUES) + 0.5
    return autoencoder


def test_a_clip_has_one_latent_frame_more_than_whole_patches(complete):
    latents = complete.encode(torch.randn(2, 3, 9, 16, 24)).latent_dist.mean
    assert latents.shape == (2, VALUES, 3, 2, 3)


def test_with_every_component_decoding_gives_the_clip_back(complete):
    video = torch.randn(1, 3, 9, 16, 16)
    back = complete.decode(complete.encode(video).latent_dist.mean).sample
    torch.testing.assert_close(back, video, atol=1e-3, rtol=1e-3)


def test_a_frame_alone_is_one_latent_frame(complete):
    video = torch.randn(1, 3, 1, 8, 8)
    latents = complete.encode(video).latent_dist.mean
    assert latents.shape[2] == 1
    torch.testing.assert_close(complete.decode(latents).sample, video, atol=1e-3, rtol=1e-3)


def test_saved_and_loaded_it_decodes_the_same(complete, tmp_path):
    complete.save_pretrained(tmp_path)
    again = PatchAutoencoder.from_pretrained(tmp_path)
    latents = torch.randn(1, VALUES, 2, 1, 1)
    torch.testing.assert_close(again.decode(latents).sample, complete.decode(latents).sample)
