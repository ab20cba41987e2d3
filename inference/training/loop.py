"""The loop around every training here: a time budget, a progress bar, losses and checkpoints."""

import csv
import time
from pathlib import Path
from typing import Protocol

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

CHECKPOINT_SECONDS = 240.0
STEPS_A_LINE = 50


class Training(Protocol):
    """Something that gets better step by step; seconds: spent in all, kept by its checkpoints."""

    seconds: float
    step: int

    def advance(self, progress: float) -> float:
        """Make one step; progress, 0 to 1, is the spent share of the time. Returns the loss."""

    def save(self, last: bool) -> None:
        """Write a checkpoint."""


def train_for(training: Training, minutes: float, losses: Path) -> None:
    """Advance until so many minutes are spent in all; losses: a table that is added to.

    Its columns: steps, seconds, the mean loss since the line before.
    """
    budget = minutes * 60
    saved_at, recent = time.monotonic(), list[float]()
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns) as bar, losses.open("a", newline="") as file:
        task = bar.add_task("training", total=budget, completed=int(training.seconds))
        rows = csv.writer(file)
        while training.seconds < budget:
            began = time.monotonic()
            recent.append(training.advance(training.seconds / budget))
            training.seconds += time.monotonic() - began
            if len(recent) == STEPS_A_LINE:
                mean = sum(recent) / len(recent)
                rows.writerow([training.step, round(training.seconds), round(mean, 5)])
                file.flush()
                recent.clear()
                bar.update(task, completed=training.seconds, description=f"loss {mean:.3f}")
            if time.monotonic() - saved_at > CHECKPOINT_SECONDS:
                training.save(last=False)
                saved_at = time.monotonic()
    training.save(last=True)
