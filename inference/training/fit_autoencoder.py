"""Fit the autoencoder to the world: principal components of its patches and its movements."""

import random

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from inference.autoencoder import (
    BACKDROP_PATCH,
    PICTURE_PATCH,
    TRACK_GAINS,
    Components,
    LayeredAutoencoder,
    to_patches,
)
from inference.compositor import compose
from inference.training.motions import FRAMES_PER_SECOND
from inference.training.staging import stage
from inference.training.stories import SHAPES, VARIANTS, draw_story
from inference.training.world import Clip, Picture, backdrop, exact_layers, weather_tile
from inference.vocabulary import COLOURS, SCENES, WEATHERS

STAGINGS = 6000
FRAMES = 600  # whole first frames, so that any picture can be a backdrop
POWER_ITERATIONS = 4


def fit_components(components: Components, samples: Tensor) -> float:
    """Fit to samples (N, values); returns the share of their power that is lost.

    By randomised subspace iteration (Halko, Martinsson and Tropp 2011). Latents get a mean square
    of 1; the first components stay larger than the others.
    """
    kept = len(components.basis)
    most = min(kept + 16, *samples.shape)
    _, power, basis = torch.svd_lowrank(samples, q=most, niter=POWER_ITERATIONS)
    deviations = (power[:kept] / len(samples) ** 0.5).clamp(min=1e-6)
    scale = deviations.sqrt()
    scale = scale * (deviations / scale).square().mean().sqrt()
    components.basis.data = basis[:, :kept].T.contiguous()
    components.scale.data = scale
    return float(1 - power[:kept].square().sum() / samples.square().sum())


def random_clips(seed: int, count: int, shape: tuple[int, int]) -> list[Clip]:
    """Clips of random stories."""
    chooser = random.Random(seed)
    stories = [draw_story(chooser) for _ in range(count)]
    return [
        Clip(story=story, staging=stage(story, shape, chooser), shape=shape) for story in stories
    ]


def fit(pictures: dict[str, Picture], seed: int = 0) -> LayeredAutoencoder:
    """An autoencoder of the whole world."""
    torch.manual_seed(seed)
    autoencoder: LayeredAutoencoder = LayeredAutoencoder()
    every = torch.from_numpy(np.stack(list(pictures.values()))).permute(0, 3, 1, 2)
    shifted = torch.roll(every, (PICTURE_PATCH // 2, PICTURE_PATCH // 3), dims=(2, 3))
    patches = torch.cat(
        [to_patches(part, PICTURE_PATCH).flatten(0, 1) for part in (every, shifted)]
    )
    _report("patches of pictures", fit_components(autoencoder.patch, _drawn(patches)))
    codes = to_patches(every, PICTURE_PATCH) @ autoencoder.patch.basis.T
    _report("pictures", fit_components(autoencoder.picture, codes.flatten(1)))
    _report("backdrops", fit_components(autoencoder.backdrop, _backdrop_patches(pictures, seed)))
    tiles = torch.stack([weather_tile(weather.name) for weather in WEATHERS])
    _report("tiles", fit_components(autoencoder.tile, tiles.flatten(1)))
    stagings = [clip.staging for clip in random_clips(seed, STAGINGS, SHAPES[0])]
    tracks = torch.from_numpy(np.stack([staging.tracks for staging in stagings]))
    moved = (tracks * torch.tensor(TRACK_GAINS)).transpose(1, 2).flatten(2).flatten(0, 1)
    _report("tracks", fit_components(autoencoder.track, _drawn(moved)))
    return autoencoder


def _report(name: str, lost: float) -> None:
    print(f"{name}: {lost:.3%} of the power lost")


def _drawn(samples: Tensor) -> Tensor:
    """Those samples (N, values) that are not nothing."""
    return samples[samples.square().mean(dim=1) > 1e-6]


def _backdrop_patches(pictures: dict[str, Picture], seed: int) -> Tensor:
    painted = [
        backdrop(background, variant, shape)
        for background in track((*SCENES, *COLOURS), "painting")
        for variant in range(VARIANTS)
        for shape in SHAPES
    ]
    clips = random_clips(seed, FRAMES, SHAPES[0])
    layers = exact_layers([still(clip) for clip in clips], pictures)
    frames = compose(layers, FRAMES_PER_SECOND)[:, :, 0]
    patches = [to_patches(one[None] * 2 - 1, BACKDROP_PATCH)[0] for one in [*painted, *frames]]
    return torch.cat(patches)


def still(clip: Clip) -> Clip:
    """The same clip, one frame long."""
    staging = clip.staging
    first = type(staging)(
        places=staging.places,
        view=staging.view,
        tracks=staging.tracks[:0],
        variant=staging.variant,
        motion=staging.motion,
    )
    return Clip(story=clip.story, staging=first, shape=clip.shape)


def psnr(one: Tensor, other: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of two videos in 0 to 1."""
    error = (one.clamp(0, 1) - other.clamp(0, 1)).square().mean()
    return float(-10 * torch.log10(error))
