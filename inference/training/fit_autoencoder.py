"""Fit the patch autoencoder to the world: principal components of a sample of its patches."""

import random
from collections.abc import Sequence

import torch
from rich.progress import track
from torch import Tensor

from inference.autoencoder import PatchAutoencoder
from inference.training.latents import to_video
from inference.training.world import ALL_PLACEMENTS, PATCH, PATCH_FRAMES, Picture, render
from inference.vocabulary import COLOURS

CLIPS_A_PICTURE = 16
POWER_ITERATIONS = 4


def sample_patches(pictures: Sequence[Picture], seed: int) -> Tensor:
    """Patches (N, values) of random clips that are not all background."""
    chooser = random.Random(seed)
    plain = PatchAutoencoder(PATCH_FRAMES, PATCH, 1)
    kept = []
    for picture in track(pictures, "sampling patches"):
        for _ in range(CLIPS_A_PICTURE):
            colour = chooser.choice(COLOURS)
            clip = render(picture, chooser.choice(ALL_PLACEMENTS), colour.red_green_blue)
            patches = plain.patches(to_video(clip)).flatten(0, 3)
            drawn = patches.var(dim=1) > patches.var(dim=1).min() + 1e-4
            kept.append(patches[drawn])
            kept.append(patches[~drawn][:2])
    return torch.cat(kept)


def fit(pictures: Sequence[Picture], channels: int, seed: int = 0) -> PatchAutoencoder:
    """An autoencoder whose latents have a mean square of about 1 over the drawn patches.

    The components are found by randomised subspace iteration (Halko, Martinsson and Tropp 2011).
    """
    torch.manual_seed(seed)
    patches = sample_patches(pictures, seed)
    mean = patches.mean(dim=0)
    centred = patches - mean
    _, deviations, basis = torch.svd_lowrank(centred, q=channels + 16, niter=POWER_ITERATIONS)
    deviations = deviations[:channels] / len(patches) ** 0.5
    scale = deviations.sqrt()
    # Components keep their order of size, but the whole has variance 1.
    scale = scale * (deviations / scale).square().mean().sqrt()
    autoencoder: PatchAutoencoder = PatchAutoencoder(PATCH_FRAMES, PATCH, channels)
    autoencoder.mean.data = mean
    autoencoder.basis.data = basis[:, :channels].T.contiguous()
    autoencoder.scale.data = scale
    return autoencoder


def psnr(one: Tensor, other: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of two videos in -1 to 1."""
    error = (one.clamp(-1, 1) - other.clamp(-1, 1)).square().mean()
    return float(10 * torch.log10(4 / error))
