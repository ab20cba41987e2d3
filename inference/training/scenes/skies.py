"""Painters of skies, space and water."""

from collections.abc import Callable

import numpy as np

from inference.training.scenes.shapes import Canvas


def sky(canvas: Canvas) -> None:
    """Blue, with clouds and nothing else."""
    canvas.gradient(canvas.pick("#3f97e8", "#55aef2", "#2f86dc"), "#8fcaf6", "#dff1fd")
    sun = canvas.pick(0.86, 0.14, 0.8)
    canvas.glow(sun, 0.13, 0.4, "#fff6c0", 0.9)
    canvas.disc(sun, 0.13, 0.075, "#ffe66b", "#ffd94a")
    for x in canvas.spread(0.5):
        canvas.cloud(x, canvas.between(0.2, 0.42), canvas.between(0.28, 0.45))
    for x in canvas.spread(0.4):
        canvas.cloud(x, canvas.between(0.74, 0.9), canvas.between(0.4, 0.6))
    for x in canvas.spread(0.3):
        canvas.cloud(x, canvas.between(1.0, 1.05), canvas.between(0.5, 0.65))


def night(canvas: Canvas) -> None:
    """Dark blue, with stars, a moon and black hills."""
    canvas.gradient(canvas.pick("#0a1140", "#101048", "#06183f"), "#1b2a68", "#3d508f")
    canvas.stars(90, 0.72)
    x = canvas.pick(0.8, 0.2, 0.7)
    canvas.glow(x, 0.2, 0.42, "#c6d4ff", 0.7)
    canvas.disc(x, 0.2, 0.105, "#fffbe2", "#f2e6b4")
    for dx, dy, radius in ((-0.035, -0.02, 0.02), (0.03, 0.03, 0.026), (0.02, -0.05, 0.013)):
        canvas.disc(x + dx / canvas.wide, 0.2 + dy / canvas.tall, radius, "#e6d9a2")
    canvas.ridge(0.78, 0.035, "#1a2759", "#131d48", waves=1.2)
    canvas.ridge(0.87, 0.03, "#0d1536", "#080d26", waves=0.9)


def space(canvas: Canvas) -> None:
    """Black and violet, with a nebula and a ringed planet."""
    canvas.gradient("#080414", canvas.pick("#1c0a38", "#0d0b34", "#220830"), "#07030f")
    for _ in range(4):
        x, y = canvas.between(0.1, 0.9), canvas.between(0.35, 0.9)
        colour = ("#8a2fc0", "#c02f8f", "#2f55c8")[int(canvas.random.integers(3))]
        canvas.glow(x, y, canvas.between(0.4, 0.65), colour, 0.55, 0.6)
    canvas.stars(150, colour="#f2ecff")
    x, y = canvas.pick((0.8, 0.2), (0.2, 0.24), (0.78, 0.78))
    planet, shade = canvas.pick(
        ("#ffbf6b", "#b0522f"), ("#6fd8e8", "#2a5fa8"), ("#f58fb8", "#8a3a8f")
    )
    radius = 0.15
    canvas.glow(x, y, 0.3, planet, 0.5)
    canvas.disc(x, y, radius, planet, shade)
    canvas.discs([(x, y - 0.03, radius * 0.85)], "#ffffff", squash=0.18, soft=0.012, opacity=0.3)
    canvas.discs([(x, y + 0.05, radius * 0.8)], shade, squash=0.2, soft=0.012, opacity=0.5)
    turn = np.linspace(0.12, np.pi - 0.12, 24)
    ring = [
        (
            x + 1.75 * radius * float(np.cos(t)) / canvas.wide,
            y + 0.42 * radius * float(np.sin(t)) / canvas.tall,
        )
        for t in turn
    ]
    canvas.line(
        [
            (x - 1.75 * radius / canvas.wide, y),
            *reversed(ring),
            (x + 1.75 * radius / canvas.wide, y),
        ],
        0.018,
        "#e9d9ff",
    )


def sea(canvas: Canvas) -> None:
    """Rows of waves to the horizon under a light sky."""
    canvas.gradient("#79c4f5", "#e6f6fd", bottom=0.45)
    for x in canvas.spread(0.5):
        canvas.cloud(x, canvas.between(0.16, 0.32), canvas.between(0.22, 0.34))
    near = canvas.pick("#0d4f9c", "#0a5c94", "#123f94")
    canvas.gradient(canvas.pick("#58aee0", "#4fb8d4", "#5f9fe4"), near, top=0.42)
    for row, y in enumerate((0.47, 0.53, 0.61, 0.71, 0.83, 0.97)):
        wave_line(canvas, y, 0.006 + 0.006 * row, 0.09 + 0.05 * row, near)


def wave_line(canvas: Canvas, y: float, height: float, length: float, shade: str) -> None:
    """A row of pointed waves with white crests; lengths are fractions of the shorter side."""
    x = np.linspace(-0.05, 1.05, 160)
    phase = x * canvas.wide / length + canvas.between(0, 1)
    lift = np.abs(np.sin(np.pi * phase)) ** 0.8 * 2 - 1
    crest = [(float(a), float(y + height * b / canvas.tall)) for a, b in zip(x, lift, strict=True)]
    depth = height * 5 / canvas.tall
    foot = [(a, b + depth) for a, b in reversed(crest)]
    canvas.fill([*crest, *foot], shade, soft=height * 0.5, opacity=0.35)
    canvas.line(crest, 0.004 + height * 0.2, "#d9f1fb")


def underwater(canvas: Canvas) -> None:
    """Blue-green depth with rays of light, sand, weed and coral."""
    canvas.gradient(canvas.pick("#7ff0ea", "#8ae6f7", "#74efd2"), "#1fa0c4", "#0a5a92")
    for x in canvas.spread(0.22):
        top, slant = canvas.between(0.02, 0.05), canvas.between(-0.12, -0.04)
        ray = (
            (x - top, -0.02),
            (x + top, -0.02),
            (x + slant + top * 2.2, 0.85),
            (x + slant - top * 2.2, 0.85),
        )
        canvas.fill(ray, "#d8fff6", soft=0.02, opacity=0.2)
    canvas.ridge(0.8, 0.03, "#0d6f94", waves=1.0)
    canvas.ridge(0.88, 0.02, "#f0d99a", "#b99a63", waves=0.8)
    for x in canvas.spread(0.11):
        if abs(x - 0.5) > 0.2:
            weed(canvas, x, canvas.between(0.91, 0.98), canvas.between(0.18, 0.42))
    for x in canvas.spread(0.2, 0.5):
        colour = ("#ff6f7d", "#ff9d4d", "#c86fe0")[int(canvas.random.integers(3))]
        fans = [
            (x + d / canvas.wide, 0.95 - h, 0.03)
            for d, h in ((-0.03, 0.01), (0.03, 0.01), (0, 0.035))
        ]
        canvas.discs(fans, colour, soft=0.003)
    for _ in range(14):
        x, y = canvas.between(0.02, 0.98), canvas.between(0.1, 0.8)
        canvas.discs([(x, y, canvas.between(0.008, 0.02))], "#e6ffff", opacity=0.55)


def weed(canvas: Canvas, x: float, y: float, height: float) -> None:
    """A swaying strand of seaweed that grows from y."""
    turn = canvas.between(0, 6)
    colour = ("#1f9a63", "#3bb55a", "#128074")[int(canvas.random.integers(3))]
    for t in np.linspace(0, 1, 9)[:-1]:
        sway = 0.02 * np.sin(turn + 5 * t) / canvas.wide
        side = -1 if round(float(t) * 8) % 2 else 1
        place = float(x + sway), float(y - t * height / canvas.tall)
        canvas.leaf(*place, height * 0.3, -np.pi / 2 + 0.45 * side, colour, breadth=0.16)


def sunset(canvas: Canvas) -> None:
    """Violet to orange over dark water, with a low sun and its path."""
    canvas.gradient(
        canvas.pick("#4b2a7d", "#3b2f86", "#6a2a6f"), "#d2487f", "#ff8a4a", "#ffd873", bottom=0.66
    )
    x = canvas.pick(0.5, 0.3, 0.7)
    for y in (0.16, 0.3, 0.42):
        places = [
            (canvas.between(0, 1), y + canvas.between(-0.03, 0.03), canvas.between(0.1, 0.25))
            for _ in range(3)
        ]
        canvas.discs(places, "#ff9aa0", squash=0.1, soft=0.012, opacity=0.6)
    canvas.glow(x, 0.62, 0.6, "#fff0a0", 0.9)
    canvas.disc(x, 0.6, 0.15, "#fff3a6", "#ffb347")
    canvas.gradient("#f2925a", "#8a3a78", "#2d1a55", top=0.66)
    for y in np.linspace(0.68, 0.98, 10):
        half = canvas.between(0.09, 0.15) * (1.2 - abs(float(y) - 0.75))
        canvas.discs(
            [(x + canvas.between(-0.02, 0.02), float(y), half)],
            "#ffe08a",
            squash=0.07,
            soft=0.003,
            opacity=0.8,
        )
    for side in (0.0, 1.0):
        hill = [
            (side + d / canvas.wide, 0.665, r) for d, r in ((0, 0.1), (0.13, 0.06), (-0.13, 0.06))
        ]
        canvas.discs(hill, "#4a2260", squash=0.5, soft=0.003)
        canvas.discs(hill, "#7a3566", squash=0.16, soft=0.006, opacity=0.5)


def moon(canvas: Canvas) -> None:
    """Grey ground with craters under a black sky with the Earth."""
    canvas.gradient("#030308", "#0c0d16")
    canvas.stars(80, 0.62, "#ffffff")
    x, y = canvas.pick((0.22, 0.22), (0.8, 0.2), (0.35, 0.17))
    canvas.glow(x, y, 0.24, "#6fb4ff", 0.7)
    canvas.disc(x, y, 0.12, "#5fb2ff", "#1b55b8")
    for dx, dy, radius in (
        (-0.04, -0.04, 0.036),
        (-0.015, -0.01, 0.03),
        (0.05, 0.03, 0.036),
        (0.03, -0.06, 0.02),
    ):
        canvas.discs(
            [(x + dx / canvas.wide, y + dy / canvas.tall, radius)],
            "#4fb865",
            squash=0.8,
            soft=0.004,
        )
    for dy in (-0.07, 0.015, 0.07):
        canvas.discs(
            [(x, y + dy / canvas.tall, 0.07)], "#ffffff", squash=0.12, soft=0.004, opacity=0.75
        )
    canvas.ridge(0.66, 0.02, "#8d8f98", "#6d6f79", waves=1.2)
    canvas.ridge(0.74, 0.015, canvas.pick("#b9bac2", "#c2bfbb", "#a9aebb"), "#7c7e88", waves=0.7)
    for row, y in enumerate((0.78, 0.86, 0.95)):
        for x in canvas.spread(0.3 + 0.08 * row, 0.35):
            size = canvas.between(0.035, 0.055) * (1 + 0.5 * row)
            canvas.discs([(x, y, size * 1.18)], "#dcdde3", squash=0.36, soft=0.003)
            canvas.discs([(x, y + 0.004, size)], "#5f616b", "#8d8f99", squash=0.33, soft=0.003)


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "sky": sky,
    "night": night,
    "space": space,
    "sea": sea,
    "underwater": underwater,
    "sunset": sunset,
    "moon surface": moon,
}
