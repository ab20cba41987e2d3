"""Train the autoencoder's refiner: frames as the transformer makes them in, clean frames out.

    python -m inference.training.fit_refiner --pictures .../assets --run RUN --minutes 20

What it sees are the transformer's own guesses of known clips under noise, since what the service
decodes is made by the transformer and never exact. Started again, it goes on from vae/.
"""

import csv
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from inference.autoencoder import PatchAutoencoder
from inference.training.latents import LATENT_FRAMES, from_tokens, to_video
from inference.training.model import TextToVideo
from inference.training.tokenizer import build_tokenizer
from inference.training.train import Batch, add_noise, draw_batch, prepare
from inference.training.world import (
    ALL_PLACEMENTS,
    PATCH_FRAMES,
    SIZE,
    THING_PIXELS,
    Picture,
    corner,
    render,
)
from inference.vocabulary import COLOURS

CLIPS = 8
FRAMES_A_CLIP = 8
WINDOW = 80  # pixels a side; the rest of a frame is background
LEAST_SIGMA, MOST_SIGMA = 0.02, 0.85  # With more noise the guess may be of another clip.
RATE = 1e-3  # With 2e-3 nothing is learned.
WARM_UP_STEPS = 50
ABSOLUTE_SHARE = 0.1
SAVE_SECONDS = 120.0
STEPS_A_LINE = 50


@torch.no_grad()
def guess(model: TextToVideo, batch: Batch, sigmas: Tensor) -> Tensor:
    """What the model takes noisy clips for, (B, TOKENS, channels)."""
    noisy = add_noise(batch.clips, torch.randn_like(batch.clips), sigmas)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        velocity = model(noisy, sigmas, batch.ids, batch.mask)
    clean: Tensor = noisy - sigmas[:, None, None] * velocity.float()
    return clean


def pairs(
    autoencoder: PatchAutoencoder,
    model: TextToVideo,
    pictures: Sequence[Picture],
    batch: Batch,
    chooser: random.Random,
) -> tuple[Tensor, Tensor]:
    """Rough and clean windows around things, each (CLIPS * FRAMES_A_CLIP, 3, WINDOW, WINDOW).

    The first frame of each clip, and frames of one of its later latent frames.
    """
    sigmas = LEAST_SIGMA + (MOST_SIGMA - LEAST_SIGMA) * torch.rand(len(batch.clips))
    latents = from_tokens(guess(model, batch, sigmas))
    later = chooser.randrange(1, LATENT_FRAMES)
    decoded = autoencoder.decode_patches(latents[:, :, [0, later]])  # 1 + PATCH_FRAMES frames
    picked = [0, *(1 + chooser.randrange(PATCH_FRAMES) for _ in range(FRAMES_A_CLIP - 1))]
    shown = [frame and frame + (later - 1) * PATCH_FRAMES for frame in picked]
    rough, clean = [], []
    drawn = zip(batch.things, batch.places, batch.colours, strict=True)
    for number, (thing, place, colour) in enumerate(drawn):
        placement, background = ALL_PLACEMENTS[place], COLOURS[colour].red_green_blue
        wanted = to_video(render(pictures[thing], placement, background, shown))[0]
        for index, frame in enumerate(shown):
            left, top = (
                min(max(0, at - chooser.randrange(WINDOW - THING_PIXELS)), SIZE - WINDOW)
                for at in corner(placement, frame)
            )
            window = (slice(None), slice(top, top + WINDOW), slice(left, left + WINDOW))
            rough.append(decoded[number, :, picked[index]][window])
            clean.append(wanted[:, index][window])
    return torch.stack(rough), torch.stack(clean)


def save(autoencoder: PatchAutoencoder, run: Path) -> None:
    """Write the autoencoder to a run as plain, contiguous weights."""
    autoencoder.refiner.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    autoencoder.save_pretrained(run / "vae")
    autoencoder.refiner.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    run: Annotated[Path, typer.Option(help="A trained run; its vae/ is written anew.")],
    minutes: Annotated[float, typer.Option()] = 20.0,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train for that long."""
    torch.manual_seed(seed)
    chooser = random.Random(seed)
    loaded, autoencoder, world = prepare(run, pictures)
    tokenizer = build_tokenizer()
    model = TextToVideo(len(tokenizer))
    model.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=False)["average"])
    autoencoder.refiner.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(autoencoder.refiner.parameters(), RATE, weight_decay=0.0)
    began, budget = time.monotonic(), minutes * 60
    saved_at, steps = began, 0
    losses: list[float] = []
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns) as bar, (run / "refiner.csv").open("a", newline="") as file:
        rows = csv.writer(file)
        task = bar.add_task("refining", total=budget)
        while (spent := time.monotonic() - began) < budget:
            steps += 1
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, steps / WARM_UP_STEPS) * (1 - spent / budget)
            batch = draw_batch(world, tokenizer, chooser, CLIPS)
            with torch.no_grad():
                rough, clean = pairs(autoencoder, model, loaded, batch, chooser)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                redrawn = autoencoder.refiner(rough)
            # The squared error learns fast; some absolute error makes edges crisp, areas flat.
            error = redrawn.float() - clean
            loss = error.square().mean() + ABSOLUTE_SHARE * error.abs().mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(autoencoder.refiner.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(float(loss.detach()))
            bar.update(task, completed=spent, description=f"loss {losses[-1]:.4f}")
            if len(losses) == STEPS_A_LINE:
                mean = sum(losses) / STEPS_A_LINE
                rows.writerow([round(spent), round(mean, 5)])
                file.flush()
                losses.clear()
            if time.monotonic() - saved_at > SAVE_SECONDS:
                save(autoencoder, run)
                saved_at = time.monotonic()
    save(autoencoder, run)


if __name__ == "__main__":
    typer.run(main)
