"""Latents of the world, made without painting a frame."""

import random

import numpy as np
import pytest
import torch

from inference.autoencoder import Components, LayeredAutoencoder
from inference.compositor import compose
from inference.training.evaluate import BUILTIN
from inference.training.fit_autoencoder import fit_components, psnr
from inference.training.latents import LatentWorld, loss_weights
from inference.training.staging import stage
from inference.training.stories import SHAPES, Story
from inference.training.world import Clip, exact_layers
from inference.vocabulary import COLOURS, MOTIONS, RELATIONS, SCENES, THINGS, WEATHERS
from tests.inference.training.pictures import drawn_pictures


@pytest.fixture(scope="module")
def pictures():
    return drawn_pictures()


@pytest.fixture(scope="module")
def world(pictures) -> LatentWorld:
    autoencoder: LayeredAutoencoder = LayeredAutoencoder.from_pretrained(BUILTIN / "vae")
    return LatentWorld(autoencoder.float(), pictures)


def clips_of(shape):
    stories = [
        Story(first=THINGS[5], motion=MOTIONS[0], background=COLOURS[4]),
        Story(
            first=THINGS[7],
            second=THINGS[300],
            relation=RELATIONS[1],
            motion=MOTIONS[10],
            background=SCENES[12],
            weather=WEATHERS[4],
        ),
    ]
    chooser = random.Random(1)
    return [Clip(story=one, staging=stage(one, shape, chooser), shape=shape) for one in stories]


@pytest.mark.parametrize("shape", SHAPES)
def test_latents_decode_to_the_clip_that_the_story_is_about(world, pictures, shape):
    clips = clips_of(shape)
    tokens = world.tokens(clips, torch.ones(2, dtype=torch.long))
    columns, rows = shape
    latents = world.autoencoder.to_latents(tokens, (2, rows, columns))
    decoded = compose(world.autoencoder.layers(latents), 12)
    true = compose(exact_layers(clips, pictures), 12)
    assert decoded.shape == true.shape
    for one, other in zip(decoded, true, strict=True):
        assert psnr(one, other) > 22, "the drawn pictures are not those it was fitted to"


def test_what_components_leave_out_is_there_only_of_given_pictures(world):
    clips = clips_of(SHAPES[0])
    given = world.tokens(clips, torch.tensor([1, 0]))
    start = world.autoencoder.config.backdrop_channels
    rest = given[:, :49, start : start + world.autoencoder.config.patch_channels]
    assert rest[0].abs().max() > 0
    assert rest[1].abs().max() == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_what_holds_nothing_counts_nothing(world, shape):
    weights = loss_weights(world.autoencoder, shape)
    tokens = world.tokens(clips_of(shape), torch.ones(2, dtype=torch.long))
    assert weights.shape == tokens.shape[1:]
    assert (tokens[:, weights == 0] == 0).all()
    assert float(weights.mean()) == pytest.approx(1, abs=1e-4)


def test_components_are_fitted_to_what_they_see():
    random_ = np.random.default_rng(0)
    spanned = random_.normal(size=(400, 6)) * np.array([9, 5, 3, 2, 1, 0.5])
    samples = torch.from_numpy(spanned @ random_.normal(size=(6, 60))).float()
    components = Components(6, 60)
    assert fit_components(components, samples) < 1e-4
    latents = components.encode(samples)
    assert float(latents.square().mean()) == pytest.approx(1, abs=0.02)
    torch.testing.assert_close(components.decode(latents), samples, atol=1e-2, rtol=1e-2)
    fewer = Components(3, 60)
    assert 0 < fit_components(fewer, samples) < 0.2
