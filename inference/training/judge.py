"""A network that names what a frame shows: it has seen real composites, and nothing of the model.

Its finder is fully convolutional, in the manner of CenterNet (Zhou, Wang and Kraehenbuehl 2019):
for each cell of 32 x 32 pixels whether the middle of a thing lies there, where exactly and how
large; and for the whole frame, which background. Its namer (namer.py) looks at what lies there.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from inference.analysis import Residual
from inference.layers import LOG_SIZE, PLACES, SHOWN, UNIT, VIEW, Layers, X, Y
from inference.training.latents import BACKGROUNDS
from inference.training.namer import Namer, cut_out
from inference.training.world import Clip

CELL = 32  # pixels a side
WIDTHS = (64, 128, 192)
BLOCKS = (2, 2, 4)
SHIPPED = Path(__file__).parent / "judge.safetensors"
APART = 1  # cells; two things are never named nearer to one another
LEAST_SURE = 0.3


# How a thing is cut out to be named, again and again: the finder sees where a thing ends, and not
# how wide its picture's empty margin is. Log sizes, and shifts as shares of the side.
LOG_SIZES = (0.0, 0.15, 0.3)
SHIFTS = ((0.0, 0.0), (0.1, 0.0), (-0.1, 0.0), (0.0, 0.1), (0.0, -0.1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where a thing is seen in a frame: its middle and log side, in units."""

    x: float
    y: float
    log_size: float


class Finder(nn.Module):
    """Frames (B, 3, H, W), 0 to 1, to cells (B, 4, H / 32, W / 32) and backgrounds.

    Channels of a cell: whether a middle lies there (logit), x and y within the cell (-0.5 to 0.5),
    log size. Backgrounds: (B, backgrounds) logits.
    """

    def __init__(self, backgrounds: int = len(BACKGROUNDS)) -> None:
        super().__init__()
        levels: list[nn.Module] = [nn.Conv2d(48, WIDTHS[0], 3, padding=1)]
        for number, (width, count) in enumerate(zip(WIDTHS, BLOCKS, strict=True)):
            if number:
                levels.append(nn.Conv2d(WIDTHS[number - 1], width, 2, stride=2))
            levels += [Residual(width) for _ in range(count)]
        self.features = nn.Sequential(*levels)
        self.cells = nn.Conv2d(WIDTHS[-1], 4, 1)
        self.background = nn.Linear(WIDTHS[-1], backgrounds)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        halved = functional.avg_pool2d(frames * 2 - 1, 2)
        features = self.features(functional.pixel_unshuffle(halved, 4))
        features = functional.gelu(features)
        return self.cells(features), self.background(features.mean(dim=(2, 3)))


class Judge(nn.Module):
    """A finder and a namer."""

    def __init__(self) -> None:
        super().__init__()
        self.finder = Finder()
        self.namer = Namer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is true of frames, and backgrounds (B,).

    there: (B, rows, columns), whether the middle of a thing lies in a cell. boxes: (B, 3, rows,
    columns) x, y within the cell and log size.
    """

    there: Tensor
    boxes: Tensor
    backgrounds: Tensor


def answers(clips: list[Clip], layers: Layers) -> Answers:
    """What the first frames of these clips truly show, as the view shows it."""
    columns, rows = clips[0].shape
    there = torch.zeros(len(clips), rows, columns, dtype=torch.bool)
    boxes = torch.zeros(len(clips), 3, rows, columns)
    moving = layers.moving()[:, 0]
    for number in range(len(clips)):
        camera = moving[number, VIEW]
        zoom = camera[LOG_SIZE].exp()
        for place in range(PLACES):
            if layers.places[number, place, SHOWN] < 0:
                continue
            at = (moving[number, place, [X, Y]] - camera[[X, Y]]) * zoom * UNIT / CELL
            column, row = float(at[0]) + columns / 2, float(at[1]) + rows / 2
            if not (0 <= column < columns and 0 <= row < rows):
                continue
            there[number, int(row), int(column)] = True
            boxes[number, :, int(row), int(column)] = torch.tensor(
                [
                    column % 1 - 0.5,
                    row % 1 - 0.5,
                    moving[number, place, LOG_SIZE] + camera[LOG_SIZE],
                ]
            )
    backgrounds = torch.tensor([BACKGROUNDS.index(clip.story.background) for clip in clips])
    return Answers(there=there, boxes=boxes, backgrounds=backgrounds)


@torch.no_grad()
def find(judge: Judge, frames: Tensor, most: int = 1) -> list[list[Box]]:
    """The surest things of each frame (B, 3, H, W), at most `most` of each."""
    cells, _ = judge.finder(frames)
    return [_boxes(one, most) for one in cells]


@torch.no_grad()
def name(judge: Judge, frame: Tensor, box: Box) -> int:
    """Which of THINGS lies there in a frame (3, H, W): the surest name of several cut-outs."""
    side = math.exp(box.log_size)
    cuts = [
        cut_out(frame, box.x + x * side, box.y + y * side, box.log_size + larger, UNIT)
        for larger in LOG_SIZES
        for x, y in SHIFTS
    ]
    sure = judge.namer(torch.stack(cuts)).softmax(dim=1)
    return int(sure.amax(dim=0).argmax())


def _boxes(cells: Tensor, most: int) -> list[Box]:
    """The surest things of a frame's cells (4, rows, columns)."""
    rows, columns = cells.shape[1:]
    sure = cells[0].sigmoid().clone()
    seen: list[Box] = []
    while len(seen) < most:
        best = int(sure.argmax())
        row, column = divmod(best, columns)
        if seen and sure[row, column] < LEAST_SURE:
            break
        x, y, log_size = (float(value) for value in cells[1:4, row, column])
        x = (column + 0.5 + x - columns / 2) * CELL / UNIT
        y = (row + 0.5 + y - rows / 2) * CELL / UNIT
        seen.append(Box(x=x, y=y, log_size=log_size))
        around = slice(max(0, row - APART), row + APART + 1)
        sure[around, max(0, column - APART) : column + APART + 1] = 0
    return seen


@torch.no_grad()
def name_backgrounds(judge: Judge, frames: Tensor) -> list[int]:
    """Which of BACKGROUNDS each frame has."""
    return [int(number) for number in judge.finder(frames)[1].argmax(dim=1)]


def save_judge(judge: Judge, path: Path) -> None:
    """Write its weights in half precision."""
    save_file({name: value.half().contiguous() for name, value in judge.state_dict().items()}, path)


def load_judge(path: Path = SHIPPED) -> Judge:
    """Read it again."""
    judge = Judge()
    judge.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    return judge.eval()
