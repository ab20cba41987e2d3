"""Train the judge that evaluate.py asks what clips show.

python -m inference.training.fit_judge --pictures .../assets --minutes 25

Started again, it goes on from the judge that lies there.
"""

import random
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor
from torch.nn import functional

from inference.training.composites import draw_composites
from inference.training.judge import SHIPPED, Answers, Judge, answers, load_judge, save_judge
from inference.training.loop import train_for
from inference.training.world import Picture, load_pictures

CLIPS = 32
RATE = 1e-3
WARM_UP_STEPS = 100
PLAIN_SHARE = 0.6  # as the clips are that it is to judge
MIDDLE_WEIGHT = 10.0  # of the few cells with a middle against the many without


def judge_loss(judged: tuple[Tensor, Tensor], true: Answers) -> Tensor:
    """How wrong the judge is about middles, things, boxes and backgrounds."""
    cells, backgrounds = judged[0].float(), judged[1].float()
    there = true.things >= 0
    loss = functional.binary_cross_entropy_with_logits(
        cells[:, 0], there.float(), pos_weight=torch.tensor(MIDDLE_WEIGHT)
    )
    loss = loss + functional.cross_entropy(backgrounds, true.backgrounds)
    if there.any():
        named = cells[:, 4:].movedim(1, -1)[there]
        loss = loss + functional.cross_entropy(named, true.things[there], label_smoothing=0.05)
        boxes = cells[:, 1:4].movedim(1, -1)[there]
        loss = loss + 2 * (boxes - true.boxes.movedim(1, -1)[there]).abs().mean()
    return loss


class JudgeTraining:
    """A judge, its optimizer and the world it looks at."""

    def __init__(self, judge: Judge, pictures: dict[str, Picture], out: Path, seed: int) -> None:
        self.judge = judge
        self.pictures = pictures
        self.out = out
        self.chooser = random.Random(seed)
        self.optimizer = torch.optim.AdamW(judge.parameters(), RATE, weight_decay=0.01)
        self.seconds = 0.0
        self.step = 0

    def advance(self, progress: float) -> float:
        """See loop.Training."""
        self.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = RATE * min(1.0, self.step / WARM_UP_STEPS) * (1 - progress)
        with torch.no_grad():
            drawn = draw_composites(self.chooser, self.pictures, CLIPS, PLAIN_SHARE)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            judged = self.judge(drawn.frames)
        loss = judge_loss(judged, answers(drawn.clips, drawn.layers))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.judge.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return float(loss.detach())

    def save(self, last: bool) -> None:
        """See loop.Training."""
        del last
        save_judge(self.judge, self.out)


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    out: Annotated[Path, typer.Option(help="The judge's file.")] = SHIPPED,
    minutes: Annotated[float, typer.Option()] = 25.0,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train for that long."""
    torch.manual_seed(seed)
    judge = load_judge(out).train() if out.is_file() else Judge()
    training = JudgeTraining(judge, load_pictures(pictures), out, seed)
    train_for(training, minutes, out.with_suffix(".csv"))


if __name__ == "__main__":
    typer.run(main)
