"""Layers as latents and back."""

from pathlib import Path

import pytest
import torch

from inference.autoencoder import ROWS, Components, LayeredAutoencoder
from inference.compositor import compose
from inference.layers import LOG_SIZE, PLACES, SHOWN, TURN, VIEW, X, Y
from tests.inference.clips_of_layers import plain_layers, show

GRID = (8, 8)


@pytest.fixture(scope="module")
def autoencoder() -> LayeredAutoencoder:
    """Random components, which lose nothing of the layers below."""
    torch.manual_seed(0)
    made = LayeredAutoencoder(clip_frames=6)
    for part in (made.patch, made.tile, made.track, made.picture):
        torch.nn.init.orthogonal_(part.basis)
    made.track.basis.data = torch.eye(24)
    made.track.scale.data = torch.ones(24)
    made.register_to_config(track_channels=24)
    made.backdrop.basis.data.zero_()
    made.backdrop.basis.data[0] = (3 * 32 * 32) ** -0.5  # flat patches, and no others
    return made


def test_components_of_what_they_span_lose_nothing():
    torch.manual_seed(1)
    components = Components(5, 40)
    torch.nn.init.orthogonal_(components.basis)
    components.scale.data.uniform_(0.5, 3)
    latents = torch.randn(7, 5)
    torch.testing.assert_close(components.encode(components.decode(latents)), latents)
    assert (components.decode(torch.zeros(1, 5)) == 0).all(), "nothing stays nothing"


def test_a_picture_is_its_whole_and_what_that_leaves_out(autoencoder):
    torch.manual_seed(2)
    codes = torch.randn(3, 49, 112)
    patches = codes @ autoencoder.patch.basis
    pictures = torch.nn.functional.fold(patches.transpose(1, 2), (112, 112), 16, stride=16)
    whole, rest = autoencoder.encode_pictures(pictures)
    torch.testing.assert_close(
        autoencoder.decode_pictures(whole, rest), pictures, atol=1e-4, rtol=0
    )
    alone = autoencoder.decode_pictures(whole, torch.zeros_like(rest))
    assert (alone - pictures).abs().mean() > 0.01


def test_numbers_come_back_and_hidden_places_are_nothing(autoencoder):
    layers = plain_layers()
    show(layers, 1, 0.1, -0.2, -1.3)
    layers.places[0, 1, TURN:] = torch.tensor([0.4, 1.0, -1.0, 0.2, 0.3, 0.9, 0.5])
    layers.places[0, 2, X] = 0.7  # hidden: does not matter
    layers.view[0] = torch.tensor([0.1, 0.2, 0.3, 0.4, -0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    encoded = autoencoder.encode_numbers(layers.places, layers.view)
    places, view = autoencoder._decode_numbers(encoded)
    torch.testing.assert_close(places[0, 1], layers.places[0, 1])
    torch.testing.assert_close(view, layers.view)
    assert encoded[0, 2].tolist() == [0, 0, 0, 0, -1, 0, 0, 0, 0, 0]
    assert places[0, 2, SHOWN] < 0


def latents_of(autoencoder, layers, legs):
    first = autoencoder.encode_layers(layers)
    later = [autoencoder.track_tokens(leg) for leg in legs]
    tokens = torch.cat([first, *later], dim=1)
    return autoencoder.to_latents(tokens, (1 + len(legs), *GRID))


def test_movement_goes_on_where_the_clip_before_ended(autoencoder):
    layers = plain_layers()
    show(layers, 0, 0.0, 0.0)
    legs = [torch.zeros(1, 6, PLACES + 1, 4) for _ in range(2)]
    legs[0][0, :, 0, X] = torch.linspace(0.05, 0.3, 6)
    legs[1][0, :, 0, Y] = torch.linspace(-0.02, -0.12, 6)
    legs[1][0, :, VIEW, LOG_SIZE] = 0.2
    tracks = autoencoder.layers(latents_of(autoencoder, layers, legs)).tracks
    assert tracks.shape == (1, 12, PLACES + 1, 4)
    torch.testing.assert_close(tracks[:, :6], legs[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(tracks[0, 6:, 0, X], torch.full((6,), 0.3), atol=1e-5, rtol=0)
    torch.testing.assert_close(tracks[0, 6:, 0, Y], legs[1][0, :, 0, Y], atol=1e-5, rtol=0)
    torch.testing.assert_close(
        tracks[0, 6:, VIEW, LOG_SIZE], torch.full((6,), 0.2), atol=1e-5, rtol=0
    )


def test_a_clip_becomes_frames_of_its_length_and_shape(autoencoder):
    latents = torch.randn(2, autoencoder.channels, 3, 6, 11)
    video = autoencoder.decode(latents).sample
    assert video.shape == (2, 3, 13, 192, 352)
    assert -1 <= float(video.min()) <= float(video.max()) <= 1


def test_a_plain_backdrop_comes_back(autoencoder):
    layers = plain_layers()
    layers.backdrops.fill_(0.3)
    decoded = autoencoder.layers(latents_of(autoencoder, layers, []))
    torch.testing.assert_close(decoded.backdrops, layers.backdrops, atol=1e-3, rtol=0)
    torch.testing.assert_close(compose(decoded, 12), compose(layers, 12), atol=2e-3, rtol=0)


def test_encoding_a_video_takes_its_first_frame_standing_still(autoencoder):
    video = torch.full((1, 3, 7, 256, 256), -0.4)
    video[:, :, 3:] = 1.0
    latents = autoencoder.encode(video).latent_dist.mode()
    assert latents.shape == (1, autoencoder.channels, 2, *GRID)
    decoded = autoencoder.decode(latents, return_dict=False)[0]
    assert (decoded - decoded[:, :, :1]).abs().max() < 1e-5


def test_it_is_saved_and_loaded_as_it_was(autoencoder, tmp_path: Path):
    small = LayeredAutoencoder(clip_frames=4, analyst_channels=(8, 8, 8, 8), track_channels=8)
    torch.nn.init.normal_(small.backdrop.basis)
    small.save_pretrained(tmp_path)
    loaded = LayeredAutoencoder.from_pretrained(tmp_path)
    assert loaded.temporal_compression_ratio == 4
    for name, value in small.state_dict().items():
        assert (loaded.state_dict()[name] == value).all(), name
    assert ROWS == PLACES + 1
