"""Train the autoencoder's refiner: decoded frames in, clean frames out.

    python -m inference.training.fit_refiner --pictures .../assets --run RUN --minutes 4

The latents get some noise, since those that the transformer makes are not exact either.
"""

import random
import time
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from inference.autoencoder import PatchAutoencoder
from inference.training.latents import to_video
from inference.training.world import ALL_PLACEMENTS, FRAMES, load_picture, render
from inference.vocabulary import COLOURS, THINGS

CLIPS = 3
FRAMES_A_CLIP = 6
LATENT_NOISE = 0.15
RATE = 2e-3


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    run: Annotated[Path, typer.Option(help="The run's folder, with vae/, which is written anew.")],
    minutes: Annotated[float, typer.Option()] = 4.0,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train for that long."""
    torch.manual_seed(seed)
    chooser = random.Random(seed)
    loaded = [load_picture(pictures, thing) for thing in THINGS]
    autoencoder = PatchAutoencoder.from_pretrained(run / "vae")
    optimizer = torch.optim.AdamW(autoencoder.refiner.parameters(), RATE, weight_decay=0.0)
    began, budget = time.monotonic(), minutes * 60
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("refining", total=budget)
        while (spent := time.monotonic() - began) < budget:
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 - spent / budget) + 1e-5
            wanted, decoded = [], []
            for _ in range(CLIPS):
                colour = chooser.choice(COLOURS).red_green_blue
                clip = render(chooser.choice(loaded), chooser.choice(ALL_PLACEMENTS), colour)
                video = to_video(clip)
                with torch.no_grad():
                    latents = autoencoder.encode(video).latent_dist.mean
                    level = LATENT_NOISE * chooser.random()
                    rough = autoencoder.decode_patches(latents + level * torch.randn_like(latents))
                shown = chooser.sample(range(FRAMES), FRAMES_A_CLIP)
                wanted.append(video[:, :, shown])
                decoded.append(rough[:, :, shown])
            refined = autoencoder.refine(torch.cat(decoded))
            loss = (refined - torch.cat(wanted)).square().mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            bar.update(task, completed=spent, description=f"loss {float(loss.detach()):.5f}")
    autoencoder.save_pretrained(run / "vae")


if __name__ == "__main__":
    typer.run(main)
