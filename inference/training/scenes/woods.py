"""Painters of trees."""

from collections.abc import Callable

import numpy as np

from inference.training.scenes.nature import flower
from inference.training.scenes.shapes import Canvas


def forest(canvas: Canvas) -> None:
    """Rows of firs that fade into a light green mist."""
    canvas.gradient(canvas.pick("#cfeec6", "#d6f0d8", "#e6efb8"), "#a5d6a0", "#5f9c5c")
    canvas.glow(0.5, 0.3, 0.6, "#fbffdf", 0.8)
    for y, size, colour, step in (
        (0.66, 0.42, "#8dc48c", 0.12),
        (0.72, 0.52, "#5ea468", 0.19),
    ):
        for x in canvas.spread(step):
            canvas.pine(
                x, y + canvas.between(-0.01, 0.02), size * canvas.between(0.8, 1.15), colour
            )
    canvas.ridge(0.7, 0.012, canvas.pick("#4f9150", "#4a8a5a", "#6a9447"), "#2c5f35")
    near = canvas.pick("#24623a", "#1f5e45", "#3a6a2c")
    for x in (-0.02, 0.14, 0.87, 1.03):
        canvas.pine(x, canvas.between(0.82, 0.9), canvas.between(0.7, 0.9), near)
    canvas.ridge(0.9, 0.012, "#2f6e3a", "#1d4a2a")
    for x in canvas.spread(0.25):
        y = canvas.between(0.92, 0.96)
        canvas.box(x - 0.008, y, x + 0.008, y + 0.03, "#f4ead2")
        canvas.discs([(x, y, 0.022)], "#d8452f", squash=0.6)


def jungle(canvas: Canvas) -> None:
    """Deep green, framed by large leaves and lianas."""
    canvas.gradient("#1f6b3f", canvas.pick("#4fae5a", "#3fa878", "#74b04a"), "#17502f")
    canvas.glow(0.5, 0.42, 0.6, "#e8ffb0", 0.75)
    for x in canvas.spread(0.24):
        width = canvas.between(0.015, 0.03)
        canvas.box(x - width, -0.02, x + width, 0.78, "#4d8f58", "#3a7a48")
    canvas.ridge(0.72, 0.02, "#2f8a45", "#14482c", waves=1.2)
    for x in canvas.spread(0.16, 0.5):
        reach = canvas.between(0.12, 0.4) * abs(x - 0.5) * 2 + 0.05
        sway = canvas.between(-0.05, 0.05)
        canvas.line(
            [
                (x + sway * float(t) * (1 - float(t)) * 2, reach * float(t))
                for t in np.linspace(0, 1, 9)
            ],
            0.012,
            "#2c6b2c",
        )
    greens = ("#1b6b38", "#2a8a3f", "#0f5238", "#3fa046")
    for x, y, middle in (
        (-0.03, -0.02, 0.7),
        (1.03, -0.02, 2.4),
        (-0.03, 1.02, -0.75),
        (1.03, 1.02, -2.4),
    ):
        for turn in (-0.75, 0.75, -0.35, 0.35, 0.0):
            colour = greens[int(canvas.random.integers(4))]
            length = canvas.between(0.36, 0.5)
            canvas.leaf(x, y, length, middle + turn, colour, breadth=0.2, below="#0c3d28")
    for x in canvas.spread(0.13):
        for turn in (-2.3, -1.9, -1.57, -1.2, -0.85):
            canvas.leaf(
                x, 1.03, canvas.between(0.13, 0.2), turn, greens[int(canvas.random.integers(4))]
            )
    for x in canvas.pick((0.12, 0.86), (0.2, 0.94), (0.07, 0.8)):
        flower(canvas, x, canvas.between(0.8, 0.88), 0.03)


def swamp(canvas: Canvas) -> None:
    """Murky green water with bare trees, reeds and lily pads, in a mist."""
    canvas.gradient(canvas.pick("#8a9a6a", "#7a9484", "#a09a68"), "#c4c894", bottom=0.62)
    for x in canvas.spread(0.15):
        bare_tree(canvas, x, 0.62, canvas.between(0.3, 0.45), "#8c9270")
    canvas.gradient("#8a9458", "#4a5f38", "#26382a", top=0.6)
    canvas.discs(
        [(x, 0.61, 0.16) for x in canvas.spread(0.2)],
        "#d6dab0",
        squash=0.25,
        soft=0.03,
        opacity=0.6,
    )
    for x, y, size in canvas.pick(
        ((0.1, 0.74, 0.66), (0.92, 0.7, 0.52)),
        ((0.9, 0.75, 0.7), (0.16, 0.69, 0.5)),
        ((0.04, 0.7, 0.56), (0.84, 0.76, 0.68)),
    ):
        canvas.discs([(x, y, 0.11)], "#39452a", squash=0.22, soft=0.006)
        bare_tree(canvas, x, y, size, "#3f3a2c")
    for _ in range(9):
        x, y = canvas.between(0.05, 0.95), canvas.between(0.74, 0.95)
        canvas.discs([(x, y, 0.06 * (y - 0.2))], "#7fae4a", "#5c8f3a", squash=0.35)
    for x in canvas.spread(0.1, 0.5):
        if abs(x - 0.5) > 0.22:
            top = canvas.between(0.74, 0.84)
            canvas.line(((x, 1.02), (x, top)), 0.007, "#5a6b2f")
            canvas.line(((x, top), (x, top + 0.06)), 0.02, "#6b4226")


def bare_tree(canvas: Canvas, x: float, y: float, height: float, colour: str) -> None:
    """A crooked trunk without leaves that stands on y."""
    across, tall = height / canvas.wide, height / canvas.tall
    bend = canvas.between(-0.06, 0.06)
    canvas.fill(
        (
            (x - 0.09 * across, y),
            (x + 0.09 * across, y),
            (x + (bend + 0.02) * across, y - tall),
            (x + (bend - 0.02) * across, y - tall),
        ),
        colour,
    )
    for start, dx, dy in (
        (0.5, -0.28, 0.22),
        (0.62, 0.28, 0.2),
        (0.78, -0.18, 0.2),
        (0.85, 0.16, 0.16),
    ):
        knee = (x + (bend * start + dx * 0.6) * across, y - (start + dy * 0.35) * tall)
        end = (x + (bend * start + dx) * across, y - (start + dy) * tall)
        canvas.line(
            ((x + bend * start * across, y - start * tall), knee, end), 0.035 * height, colour
        )


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "forest": forest,
    "jungle": jungle,
    "swamp": swamp,
}
