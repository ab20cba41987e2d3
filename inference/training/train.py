"""Train the text encoder and the transformer together by flow matching.

    python -m inference.training.train --pictures .../assets --run RUN --minutes 90

Flow matching with straight paths (Lipman et al. 2023; Liu et al. 2023): the model learns the
velocity noise - clip at (1 - sigma) clip + sigma noise, sigma logit-normal and shifted as in Stable
Diffusion 3 (Esser et al. 2024). Stopped and started again with the same --run, it goes on exactly
where its last checkpoint was.
"""

import csv
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor

from inference.autoencoder import PatchAutoencoder
from inference.training.captions import caption
from inference.training.fit_autoencoder import fit
from inference.training.latents import BACKGROUNDS, LatentWorld, load_world, save_world
from inference.training.model import LATENT_CHANNELS, SHIFT, TextToVideo
from inference.training.sheets import save_sheet
from inference.training.tokenizer import build_tokenizer
from inference.training.world import ALL_PLACEMENTS, Picture, load_picture
from inference.vocabulary import COLOURS, MOTIONS, THINGS

WARM_UP_STEPS = 200
EMA_DECAY = 0.995
EMPTY_CAPTIONS = 0.1
UNNAMED_BACKGROUNDS = 0.1
LONGEST_CAPTION = 24  # tokens
CHECKPOINT_SECONDS = 240.0
SHEET_CHECKPOINTS = 3
MOTION_OF = {meaning.name: meaning for meaning in MOTIONS}
PLACES_OF = {
    meaning.name: [
        number for number, place in enumerate(ALL_PLACEMENTS) if place.motion == meaning.name
    ]
    for meaning in MOTIONS
}


@dataclass(slots=True)
class Batch:
    """Clips (B, TOKENS, channels), and their captions as ids and mask (B, L).

    things, places, colours: what the clips show, as indices of the world's tables.
    """

    things: list[int]
    places: list[int]
    colours: list[int]
    clips: Tensor
    ids: Tensor
    mask: Tensor


def draw_batch(world: LatentWorld, tokenizer: Any, chooser: random.Random, size: int) -> Batch:
    """Random clips with captions; some captions are empty, for classifier-free guidance."""
    things, places, colours, captions = [], [], [], []
    for _ in range(size):
        thing, colour = chooser.randrange(len(THINGS)), chooser.randrange(len(COLOURS))
        motion = chooser.choice(MOTIONS)
        things.append(thing)
        places.append(chooser.choice(PLACES_OF[motion.name]))
        colours.append(colour)
        named = None if chooser.random() < UNNAMED_BACKGROUNDS else COLOURS[colour]
        text = caption(chooser, THINGS[thing], motion, named)
        captions.append("" if chooser.random() < EMPTY_CAPTIONS else text)
    # One length: a compiled transformer is half as fast when it must expect several.
    encoded = tokenizer(
        captions, padding="max_length", max_length=LONGEST_CAPTION, return_tensors="pt"
    )
    clips = world.clips(torch.tensor(things), torch.tensor(places), BACKGROUNDS[colours])
    return Batch(things, places, colours, clips, encoded.input_ids, encoded.attention_mask)


def add_noise(clips: Tensor, noise: Tensor, sigmas: Tensor) -> Tensor:
    """The straight path from clip to noise at sigmas (B,) in 0 to 1."""
    level = sigmas[:, None, None]
    return (1 - level) * clips + level * noise


class Trainer:
    """Model, its moving average, optimizer and random states: all that a checkpoint holds."""

    def __init__(self, vocabulary: int, rate: float, seed: int) -> None:
        torch.manual_seed(seed)
        self.model = TextToVideo(vocabulary)
        self.average = TextToVideo(vocabulary)
        self.average.load_state_dict(self.model.state_dict())
        self.average.requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.chooser = random.Random(seed)
        self.rate = rate
        self.step = 0
        self.seconds = 0.0

    def train(self, batch: Batch, progress: float) -> float:
        """One step; progress, 0 to 1, sets the rate. Returns the loss."""
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * warm * (0.02 + 0.98 * fall)
        sigmas = torch.sigmoid(torch.randn(len(batch.clips)))
        sigmas = SHIFT * sigmas / (1 + (SHIFT - 1) * sigmas)
        noise = torch.randn_like(batch.clips)
        noisy = add_noise(batch.clips, noise, sigmas)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            velocity = self.model(noisy, sigmas, batch.ids, batch.mask)
        loss = (velocity.float() - (noise - batch.clips)).square().mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            averages: list[Tensor] = list(self.average.parameters())
            newest: list[Tensor] = list(self.model.parameters())
            torch._foreach_lerp_(averages, newest, 1 - decay)
        return float(loss.detach())

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "chooser": self.chooser.getstate(),
            "torch": torch.get_rng_state(),
            "step": self.step,
            "seconds": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.chooser.setstate(state["chooser"])
        torch.set_rng_state(state["torch"])
        self.step, self.seconds = state["step"], state["seconds"]


def prepare(run: Path, pictures: Path) -> tuple[list[Picture], PatchAutoencoder, LatentWorld]:
    """The pictures; the autoencoder and the encoded world, made once a run."""
    loaded = [load_picture(pictures, thing) for thing in THINGS]
    if not (run / "vae").is_dir():
        fit(loaded, LATENT_CHANNELS).save_pretrained(run / "vae")
    autoencoder = PatchAutoencoder.from_pretrained(run / "vae")
    if not (run / "world.pt").is_file():
        save_world(LatentWorld.encode(autoencoder, loaded), run / "world.pt")
    return loaded, autoencoder, load_world(run / "world.pt")


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints, losses and sheets.")],
    minutes: Annotated[float, typer.Option(help="Training time in all, over all starts.")] = 90.0,
    batch_size: Annotated[int, typer.Option()] = 32,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option()] = 0,
    compiled: Annotated[bool, typer.Option(help="torch.compile the transformer.")] = True,
) -> None:
    """Train until the time is spent; start again to go on."""
    run.mkdir(parents=True, exist_ok=True)
    _, autoencoder, world = prepare(run, pictures)
    tokenizer = build_tokenizer()
    trainer = Trainer(len(tokenizer), rate, seed)
    if (run / "checkpoint.pt").is_file():
        trainer.restore(torch.load(run / "checkpoint.pt", weights_only=False))
    if compiled:
        trainer.model.transformer.compile()
    budget = minutes * 60
    saved_at, saves, losses = time.monotonic(), 0, []
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns) as bar, (run / "loss.csv").open("a", newline="") as file:
        task = bar.add_task("training", total=budget, completed=int(trainer.seconds))
        rows = csv.writer(file)
        while trainer.seconds < budget:
            began = time.monotonic()
            batch = draw_batch(world, tokenizer, trainer.chooser, batch_size)
            losses.append(trainer.train(batch, trainer.seconds / budget))
            trainer.seconds += time.monotonic() - began
            if len(losses) == 50:
                mean = sum(losses) / len(losses)
                samples = trainer.step * batch_size
                rows.writerow([trainer.step, samples, round(trainer.seconds), round(mean, 4)])
                file.flush()
                losses.clear()
                bar.update(task, completed=trainer.seconds, description=f"loss {mean:.3f}")
            last = trainer.seconds >= budget
            if last or time.monotonic() - saved_at > CHECKPOINT_SECONDS:
                saved_at, saves = time.monotonic(), saves + 1
                torch.save(trainer.state(), run / "checkpoint.part")
                (run / "checkpoint.part").replace(run / "checkpoint.pt")
                if last or saves % SHEET_CHECKPOINTS == 1:
                    path = run / f"sheet-{trainer.step:06d}.png"
                    save_sheet(trainer.average, tokenizer, autoencoder, path)


if __name__ == "__main__":
    typer.run(main)
