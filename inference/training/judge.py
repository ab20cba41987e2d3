"""A network that names what a frame shows: it has seen real composites, and nothing of the model.

A fully convolutional network in the manner of CenterNet (Zhou, Wang and Kraehenbuehl 2019): for
each cell of 32 x 32 pixels whether the middle of a thing lies there, which thing, where exactly and
how large; and for the whole frame, which background.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from inference.analysis import Residual
from inference.layers import LOG_SIZE, PLACES, SECOND, SHOWN, UNIT, VIEW, Layers, X, Y
from inference.training.latents import BACKGROUNDS
from inference.training.world import Clip
from inference.vocabulary import THINGS

CELL = 32  # pixels a side
WIDTHS = (64, 128, 192)
BLOCKS = (2, 2, 4)
SHIPPED = Path(__file__).parent / "judge.safetensors"
APART = 1  # cells; two things are never named nearer to one another
LEAST_SURE = 0.3
NUMBERS_OF_THINGS = {thing.picture: number for number, thing in enumerate(THINGS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A thing seen in a frame: which of THINGS, its middle and side in units, how surely."""

    thing: int
    x: float
    y: float
    log_size: float
    sure: float


class Judge(nn.Module):
    """Frames (B, 3, H, W), 0 to 1, to cells (B, 4 + things, H / 32, W / 32) and backgrounds.

    Channels of a cell: whether a middle lies there (logit), x and y within the cell (-0.5 to 0.5),
    log size, then a logit a thing. Backgrounds: (B, backgrounds) logits.
    """

    def __init__(self, things: int = len(THINGS), backgrounds: int = len(BACKGROUNDS)) -> None:
        super().__init__()
        levels: list[nn.Module] = [nn.Conv2d(48, WIDTHS[0], 3, padding=1)]
        for number, (width, count) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
            if number:
                levels.append(nn.Conv2d(WIDTHS[number - 1], width, 2, stride=2))
            levels += [Residual(width) for _ in range(count)]
        self.features = nn.Sequential(*levels)
        self.cells = nn.Conv2d(WIDTHS[-1], 4 + things, 1)
        self.background = nn.Linear(WIDTHS[-1], backgrounds)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        halved = functional.avg_pool2d(frames * 2 - 1, 2)
        features = self.features(functional.pixel_unshuffle(halved, 4))
        features = functional.gelu(features)
        return self.cells(features), self.background(features.mean(dim=(2, 3)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is true of frames: (B, rows, columns) each, and backgrounds (B,).

    things: the thing whose middle lies in a cell, -1 for none. boxes: (B, 3, rows, columns) x, y
    within the cell and log size.
    """

    things: Tensor
    boxes: Tensor
    backgrounds: Tensor


def answers(clips: list[Clip], layers: Layers) -> Answers:
    """What the first frames of these clips truly show, as the view shows it."""
    columns, rows = clips[0].shape
    things = torch.full((len(clips), rows, columns), -1)
    boxes = torch.zeros(len(clips), 3, rows, columns)
    moving = layers.moving()[:, 0]
    for number, clip in enumerate(clips):
        camera = moving[number, VIEW]
        zoom = camera[LOG_SIZE].exp()
        for place in range(PLACES):
            if layers.places[number, place, SHOWN] < 0:
                continue
            at = (moving[number, place, [X, Y]] - camera[[X, Y]]) * zoom * UNIT / CELL
            column, row = float(at[0]) + columns / 2, float(at[1]) + rows / 2
            if not (0 <= column < columns and 0 <= row < rows):
                continue
            thing = clip.story.second if place == SECOND else clip.story.first
            cell = (number, int(row), int(column))
            things[cell] = -1 if thing is None else NUMBERS_OF_THINGS[thing.picture]
            boxes[number, :, int(row), int(column)] = torch.tensor(
                [
                    column % 1 - 0.5,
                    row % 1 - 0.5,
                    moving[number, place, LOG_SIZE] + camera[LOG_SIZE],
                ]
            )
    backgrounds = torch.tensor([BACKGROUNDS.index(clip.story.background) for clip in clips])
    return Answers(things=things, boxes=boxes, backgrounds=backgrounds)


@torch.no_grad()
def look(judge: Judge, frames: Tensor, most: int = 1) -> list[list[Sight]]:
    """The surest things of each frame (B, 3, H, W), at most `most` of each."""
    cells, _ = judge(frames)
    return [_sights(one, most) for one in cells]


def _sights(cells: Tensor, most: int) -> list[Sight]:
    rows, columns = cells.shape[1:]
    sure = cells[0].sigmoid().clone()
    seen: list[Sight] = []
    while len(seen) < most:
        best = int(sure.argmax())
        row, column = divmod(best, columns)
        if seen and sure[row, column] < LEAST_SURE:
            break
        x, y, log_size = (float(value) for value in cells[1:4, row, column])
        seen.append(
            Sight(
                thing=int(cells[4:, row, column].argmax()),
                x=(column + 0.5 + x - columns / 2) * CELL / UNIT,
                y=(row + 0.5 + y - rows / 2) * CELL / UNIT,
                log_size=log_size,
                sure=float(sure[row, column]),
            )
        )
        around = slice(max(0, row - APART), row + APART + 1)
        sure[around, max(0, column - APART) : column + APART + 1] = 0
    return seen


@torch.no_grad()
def name_backgrounds(judge: Judge, frames: Tensor) -> list[int]:
    """Which of BACKGROUNDS each frame has."""
    return [int(number) for number in judge(frames)[1].argmax(dim=1)]


def save_judge(judge: Judge, path: Path) -> None:
    """Write its weights in half precision."""
    save_file({name: value.half().contiguous() for name, value in judge.state_dict().items()}, path)


def load_judge(path: Path = SHIPPED) -> Judge:
    """Read it again."""
    judge = Judge()
    judge.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    return judge.eval()
