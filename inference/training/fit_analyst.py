"""Train the autoencoder's analyst: which of a frame's pixels are things.

python -m inference.training.fit_analyst --pictures .../assets --run RUN --minutes 12

Started again, it goes on from vae/.
"""

import random
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch.nn import functional

from inference.autoencoder import LayeredAutoencoder
from inference.training.composites import coverage, draw_composites
from inference.training.loop import train_for
from inference.training.train import open_autoencoder
from inference.training.world import Picture, load_pictures

CLIPS = 24
RATE = 1.5e-3
WARM_UP_STEPS = 50


class AnalystTraining:
    """The analyst of an autoencoder, its optimizer and its world."""

    def __init__(
        self, autoencoder: LayeredAutoencoder, pictures: dict[str, Picture], run: Path, seed: int
    ) -> None:
        self.autoencoder = autoencoder
        self.pictures = pictures
        self.run = run
        self.chooser = random.Random(seed)
        self.optimizer = torch.optim.AdamW(autoencoder.analyst.parameters(), RATE, weight_decay=0.0)
        self.seconds = 0.0
        self.step = 0

    def advance(self, progress: float) -> float:
        """See loop.Training."""
        self.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = RATE * min(1.0, self.step / WARM_UP_STEPS) * (1 - progress)
        with torch.no_grad():
            drawn = draw_composites(self.chooser, self.pictures, CLIPS)
            covered = coverage(drawn.layers)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.autoencoder.analyst(drawn.frames)
        loss = functional.binary_cross_entropy_with_logits(logits.float(), covered)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.autoencoder.analyst.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return float(loss.detach())

    def save(self, last: bool) -> None:
        """See loop.Training."""
        del last
        self.autoencoder.save_pretrained(self.run / "vae")


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    run: Annotated[Path, typer.Option(help="A run's folder; its vae/ is written anew.")],
    minutes: Annotated[float, typer.Option()] = 12.0,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train for that long."""
    torch.manual_seed(seed)
    loaded = load_pictures(pictures)
    autoencoder = open_autoencoder(run, loaded)
    train_for(AnalystTraining(autoencoder, loaded, run, seed), minutes, run / "analyst.csv")


if __name__ == "__main__":
    typer.run(main)
