"""Painters of open land."""

import itertools
from collections.abc import Callable

import numpy as np

from inference.training.scenes.shapes import Canvas

FLOWERS = ("#ff5d73", "#ffd23f", "#ffffff", "#c77dff", "#ff9ecb")


def desert(canvas: Canvas) -> None:
    """Orange dunes and cacti under a hot sky."""
    canvas.gradient(canvas.pick("#6ec3e8", "#8fcdf0", "#f2b26a"), "#fdeec2", bottom=0.7)
    x = canvas.pick(0.75, 0.25, 0.5)
    canvas.glow(x, 0.18, 0.4, "#fff7c8")
    canvas.disc(x, 0.18, 0.08, "#fff3a0")
    for y, colour, below in (
        (0.58, "#f2c27a", "#e2a45c"),
        (0.66, "#eba653", "#d2863c"),
        (0.77, "#f0b262", "#c9772f"),
        (0.9, "#e39a45", "#b9662a"),
    ):
        canvas.ridge(y, 0.035, colour, below, waves=0.55)
    for x, y, size in canvas.pick(
        ((0.12, 0.8, 0.34), (0.9, 0.72, 0.2)),
        ((0.88, 0.82, 0.36), (0.2, 0.72, 0.18)),
        ((0.1, 0.74, 0.24), (0.9, 0.84, 0.32)),
    ):
        cactus(canvas, x, y, size)


def cactus(canvas: Canvas, x: float, y: float, height: float) -> None:
    """A cactus with two arms that stands on y."""
    across, tall = height / canvas.wide, height / canvas.tall
    canvas.discs(
        [(x + 0.05 * across, y, height * 0.22)], "#a8602a", squash=0.15, soft=0.008, opacity=0.6
    )
    for points, width in (
        (((x, y), (x, y - tall)), 0.16),
        (
            (
                (x, y - 0.4 * tall),
                (x - 0.24 * across, y - 0.42 * tall),
                (x - 0.25 * across, y - 0.72 * tall),
            ),
            0.11,
        ),
        (
            (
                (x, y - 0.3 * tall),
                (x + 0.23 * across, y - 0.32 * tall),
                (x + 0.24 * across, y - 0.58 * tall),
            ),
            0.11,
        ),
    ):
        canvas.line(points, width * height, "#3f8f4f")
        canvas.disc(*points[-1], width * height / 2, "#3f8f4f")


def snow(canvas: Canvas) -> None:
    """White hills with snowy firs under a pale sky."""
    canvas.gradient(canvas.pick("#9fc6e8", "#b3c8ea", "#a9d4e6"), "#e8f3fb", bottom=0.7)
    canvas.ridge(0.56, 0.035, "#d3e3f3", "#c4d8ec", waves=0.9)
    for x in canvas.spread(0.13):
        canvas.pine(x, canvas.between(0.62, 0.66), canvas.between(0.14, 0.22), "#6f97a6", "#eaf4fb")
    canvas.ridge(0.65, 0.025, "#f6fbff", "#d5e5f4", waves=0.7)
    for x in canvas.pick((0.08, 0.24, 0.92), (0.1, 0.8, 0.95), (0.05, 0.77, 0.92)):
        canvas.pine(x, canvas.between(0.74, 0.82), canvas.between(0.36, 0.56), "#3f7a78", "#ffffff")
    canvas.ridge(0.83, 0.025, "#ffffff", "#c9dcf0", waves=0.6, soft=0.012)


def mountains(canvas: Canvas) -> None:
    """Blue peaks with snow caps over a green valley with a lake."""
    canvas.gradient(canvas.pick("#5aa9e8", "#7fb6ee", "#86a8e6"), "#e6f3fb", bottom=0.7)
    for x in canvas.spread(0.36, 0.15):
        peak(canvas, x, canvas.between(0.22, 0.34), 0.36, "#9db4d4", "#8aa2c6")
    for x in canvas.spread(0.55, 0.15):
        peak(canvas, x, canvas.between(0.16, 0.36), 0.48, "#6a86b4", "#4f6a9a")
    canvas.ridge(0.66, 0.02, "#5fa56a", "#4a9158", waves=1.0)
    canvas.discs([(0.5, 0.78, 0.5)], "#9fdcf2", "#5cb0dc", squash=0.13, soft=0.004)
    canvas.ridge(0.87, 0.02, "#6fbf5a", "#3f8f46", waves=0.7)
    for x in (0.03, 0.12, 0.9, 0.98):
        canvas.pine(x, canvas.between(0.84, 0.93), canvas.between(0.2, 0.32), "#2c6e4f")


def peak(canvas: Canvas, x: float, top: float, width: float, colour: str, shade: str) -> None:
    """A mountain with a lit left face, a shaded right face and a cap of snow."""
    half, foot = width / canvas.wide, 0.72
    canvas.fill(((x, top), (x + half, foot), (x - half, foot)), colour)
    canvas.fill(
        ((x, top), (x + half, foot), (x + half * 0.1, foot), (x + half * 0.08, top + 0.18)), shade
    )
    snow_line = [(-0.3, 0.3), (-0.16, 0.25), (-0.06, 0.33), (0.06, 0.25), (0.16, 0.31), (0.3, 0.3)]
    cap = [(x + half * a, top + (foot - top) * b) for a, b in snow_line]
    canvas.fill([(x, top), *reversed(cap)], "#ffffff", "#e3edf8")


def meadow(canvas: Canvas) -> None:
    """Bright green hills full of flowers."""
    canvas.gradient(canvas.pick("#7ecbf6", "#94d4f4", "#8fc4f8"), "#eefafd", bottom=0.65)
    for x in canvas.spread(0.6):
        canvas.cloud(x, canvas.between(0.18, 0.3), canvas.between(0.22, 0.34))
    canvas.ridge(0.55, 0.04, "#a5dd7c", "#8acb62", waves=0.7)
    canvas.ridge(0.64, 0.03, "#8ed45f", "#6cba48", waves=0.6)
    canvas.ridge(0.74, 0.02, canvas.pick("#79cc4c", "#86cf4a", "#6cc75a"), "#3f9a38", waves=0.5)
    for y in np.linspace(0.77, 0.99, 7):
        size = 0.008 + 0.055 * (float(y) - 0.75)
        for x in canvas.spread(0.045 + size * 5, 0.45):
            flower(canvas, x, float(y) + canvas.between(-0.02, 0.02), size)


def flower(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Five petals around a yellow eye, on a stalk."""
    colour = FLOWERS[int(canvas.random.integers(len(FLOWERS)))]
    canvas.line(((x, y), (x, y + size * 3)), size * 0.4, "#2f7d32")
    turns = np.arange(5) * 2 * np.pi / 5
    petals = [
        (
            float(x + size * np.cos(t) / canvas.wide),
            float(y + size * np.sin(t) / canvas.tall),
            size * 0.75,
        )
        for t in turns
    ]
    canvas.discs(petals, colour)
    canvas.disc(x, y, size * 0.6, "#f2a900" if colour != "#ffd23f" else "#a8641e")


def beach(canvas: Canvas) -> None:
    """Turquoise water, yellow sand, a palm and a parasol."""
    canvas.gradient(canvas.pick("#5bbcf2", "#6fc8f4", "#4fb0ee"), "#d9f4fd", bottom=0.42)
    canvas.cloud(canvas.between(0.3, 0.7), 0.2, 0.3)
    canvas.gradient("#1e9fd0", "#4fd8d4", top=0.4, bottom=0.7)
    canvas.ridge(0.635, 0.012, "#ffffff", waves=0.8, soft=0.008)
    canvas.ridge(0.66, 0.012, canvas.pick("#f8dfa0", "#fbe3b4", "#f4d694"), "#e8bd74", waves=0.8)
    palm, shade = canvas.pick((0.06, 0.84), (0.74, 0.15), (0.1, 0.86))
    canvas.palm(palm, 0.86, 0.72)
    parasol(canvas, shade, 0.85, 0.24)
    for _ in range(6):
        x, y = canvas.between(0.05, 0.95), canvas.between(0.85, 0.97)
        canvas.discs([(x, y, 0.014)], "#ff9d80", squash=0.7)


def parasol(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A striped sunshade that stands on y."""
    tall = size / canvas.tall
    canvas.line(((x, y), (x, y - tall)), 0.012, "#f4f0e6")
    turns = np.linspace(np.pi, 2 * np.pi, 7)
    rim = [
        (
            float(x + 0.62 * size * np.cos(t) / canvas.wide),
            float(y - 0.65 * tall + 0.42 * tall * np.sin(t)),
        )
        for t in turns
    ]
    for index, (left, right) in enumerate(itertools.pairwise(rim)):
        canvas.fill(((x, y - 0.62 * tall), left, right), "#ff5a5f" if index % 2 else "#ffffff")


def cave(canvas: Canvas) -> None:
    """Brown rock all around a dim hollow, with stalactites and glowing crystals."""
    light = canvas.pick("#5a4a72", "#3f5a78", "#6a4a58")
    canvas.gradient("#2a1f24", "#3a2a2c", "#241a1c")
    for scale, colour in ((1.0, "#4a3836"), (0.82, "#5b4642"), (0.64, "#4d3f4e")):
        bumps = [
            (
                0.5 + 0.3 * scale * float(np.cos(t)),
                0.5 + 0.28 * scale * float(np.sin(t)),
                0.22 * scale * canvas.between(0.9, 1.15),
            )
            for t in np.arange(9) * 2 * np.pi / 9
        ]
        canvas.discs([*bumps, (0.5, 0.5, 0.3 * scale)], colour, soft=0.006)
    canvas.glow(0.5, 0.5, 0.5, light, 1.0)
    canvas.glow(0.5, 0.5, 0.36, "#b9a6d8", 0.5)
    canvas.ridge(0.77, 0.015, "#6b5148", "#33241f", waves=1.3)
    for x in canvas.spread(0.12, 0.4):
        reach = canvas.between(0.07, 0.16) + 0.28 * abs(x - 0.5)
        half = canvas.between(0.025, 0.045) / canvas.wide
        canvas.fill(((x - half, -0.02), (x + half, -0.02), (x, reach)), "#3a2a26", "#7d6154")
    for x in canvas.spread(0.17, 0.4):
        reach = (0.04 + 0.3 * abs(x - 0.5)) * canvas.between(0.7, 1.1)
        half = canvas.between(0.035, 0.06) / canvas.wide
        canvas.fill(((x, 0.93 - reach), (x + half, 1.02), (x - half, 1.02)), "#8a6c5c", "#3c2b26")
    crystal = canvas.pick("#6ff0ff", "#ff8af0", "#9dff8a")
    for x, y in canvas.pick(
        ((0.13, 0.82), (0.88, 0.9)), ((0.1, 0.9), (0.85, 0.82)), ((0.2, 0.92), (0.92, 0.85))
    ):
        canvas.glow(x, y - 0.04, 0.2, crystal, 0.7)
        for turn in (-2.2, -0.95, -1.57):
            canvas.leaf(x, y, 0.14, turn, "#ffffff", breadth=0.16, below=crystal)


def volcano(canvas: Canvas) -> None:
    """A fire mountain over black rock with streams of lava."""
    canvas.gradient("#2a0d1c", canvas.pick("#7a1f22", "#6a1a35", "#84301a"), "#e8622a", bottom=0.7)
    x = canvas.pick(0.5, 0.35, 0.65)
    smoke = [
        (x + canvas.between(-0.12, 0.12) - 0.03 * i, 0.16 - 0.05 * i, 0.07 + 0.03 * i)
        for i in range(5)
    ]
    canvas.discs(smoke, "#4a2a35", soft=0.03, opacity=0.85)
    canvas.glow(x, 0.27, 0.32, "#ffb347", 0.95)
    half = 0.55 / canvas.wide
    canvas.fill(
        ((x - 0.2 * half, 0.28), (x + 0.2 * half, 0.28), (x + half, 0.72), (x - half, 0.72)),
        "#4f2a2c",
        "#2a1518",
    )
    canvas.discs([(x, 0.28, 0.11)], "#ffe27a", squash=0.25)
    for bend in (-0.16, 0.02, 0.2):
        flow = [
            (x + bend * half * (0.6 + 3 * float(t)) * float(t) ** 0.5, 0.28 + 0.3 * float(t))
            for t in np.linspace(0, 1, 8)
        ]
        canvas.line(flow, 0.03, "#ff5a1f")
        canvas.line(flow, 0.013, "#ffc94a")
    canvas.ridge(0.68, 0.02, "#2c171b", "#160b0f", waves=1.4)
    for y, width in ((0.76, 0.02), (0.85, 0.035), (0.96, 0.05)):
        turn = canvas.between(0, 6)
        stream = [
            (float(a), y + 0.02 * float(np.sin(7 * a + turn))) for a in np.linspace(-0.05, 1.05, 40)
        ]
        for scale, colour in ((1.7, "#8a1f14"), (1.0, "#ff5a1f"), (0.4, "#ffd24a")):
            canvas.line(stream, width * scale, colour)


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "desert": desert,
    "snow field": snow,
    "mountains": mountains,
    "meadow": meadow,
    "beach": beach,
    "cave": cave,
    "lava": volcano,
}
