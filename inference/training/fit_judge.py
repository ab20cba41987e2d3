"""Train the judge that evaluate.py asks what clips show.

python -m inference.training.fit_judge --pictures .../assets --minutes 25

Started again, it goes on from the judge that lies there.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn
from torch.nn import functional

from inference.training.composites import draw_composites
from inference.training.judge import SHIPPED, Answers, Judge, answers, load_judge, save_judge
from inference.training.loop import train_for
from inference.training.namer import CutOuts
from inference.training.world import Picture, load_pictures

CLIPS = 32
CUTS = 96
NAMER_SHARE = 0.6
RATE = 1e-3
WARM_UP_STEPS = 100
PLAIN_SHARE = 0.6  # as the clips are that it is to judge
MIDDLE_WEIGHT = 10.0  # of the few cells with a middle against the many without


def finder_loss(found: tuple[Tensor, Tensor], true: Answers) -> Tensor:
    """How wrong the finder is about middles, boxes and backgrounds."""
    cells, backgrounds = found[0].float(), found[1].float()
    loss = functional.binary_cross_entropy_with_logits(
        cells[:, 0], true.there.float(), pos_weight=torch.tensor(MIDDLE_WEIGHT)
    )
    loss = loss + functional.cross_entropy(backgrounds, true.backgrounds)
    if true.there.any():
        boxes = cells[:, 1:].movedim(1, -1)[true.there]
        loss = loss + 2 * (boxes - true.boxes.movedim(1, -1)[true.there]).abs().mean()
    return loss


class JudgeTraining:
    """One half of a judge, its optimizer, and what it looks at."""

    def __init__(
        self, judge: Judge, half: nn.Module, loss: Callable[[], Tensor], out: Path
    ) -> None:
        self.judge = judge
        self.out = out
        self.optimizer = torch.optim.AdamW(half.parameters(), RATE, weight_decay=0.01)
        self.seconds = 0.0
        self.step = 0
        self._half = half
        self._loss = loss

    def advance(self, progress: float) -> float:
        """See loop.Training."""
        self.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = RATE * min(1.0, self.step / WARM_UP_STEPS) * (1 - progress)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = self._loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._half.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return float(loss.detach())

    def save(self, last: bool) -> None:
        """See loop.Training."""
        del last
        save_judge(self.judge, self.out)


def train_finder(
    judge: Judge, pictures: dict[str, Picture], out: Path, seed: int, minutes: float
) -> None:
    """Train it on frames of the world."""
    chooser = random.Random(seed)

    def loss() -> Tensor:
        with torch.no_grad():
            drawn = draw_composites(chooser, pictures, CLIPS, PLAIN_SHARE)
        return finder_loss(judge.finder(drawn.frames), answers(drawn.clips, drawn.layers))

    train_for(JudgeTraining(judge, judge.finder, loss, out), minutes, out.with_suffix(".csv"))


def train_namer(
    judge: Judge, pictures: dict[str, Picture], out: Path, seed: int, minutes: float
) -> None:
    """Train it on cut-outs."""
    cut_outs = CutOuts(pictures, seed)

    def loss() -> Tensor:
        cuts, things = cut_outs.draw(CUTS)
        return functional.cross_entropy(judge.namer(cuts).float(), things, label_smoothing=0.05)

    train_for(JudgeTraining(judge, judge.namer, loss, out), minutes, out.with_suffix(".csv"))


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    out: Annotated[Path, typer.Option(help="The judge's file.")] = SHIPPED,
    minutes: Annotated[float, typer.Option()] = 25.0,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train for that long."""
    torch.manual_seed(seed)
    judge = load_judge(out).train() if out.is_file() else Judge()
    loaded = load_pictures(pictures)
    train_namer(judge, loaded, out, seed, minutes * NAMER_SHARE)
    train_finder(judge, loaded, out, seed, minutes * (1 - NAMER_SHARE))


if __name__ == "__main__":
    typer.run(main)
