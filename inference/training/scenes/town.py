"""Painters of places that people built outdoors."""

from collections.abc import Callable

import numpy as np

from inference.training.scenes.shapes import Canvas

HOUSES = ("#f2b8a0", "#f7dc9c", "#a9cfe6", "#d9b3d4", "#b5d8b0", "#f0a58a")
NEON = ("#ff3fa4", "#2fe6ff", "#b45cff", "#ffe14a", "#4dff9a")


def street(canvas: Canvas, colour: str, below: str, kerb: str, dash: str) -> None:
    """A pavement and a road that runs from left to right."""
    canvas.box(0, 0.68, 1, 0.76, kerb)
    canvas.gradient(colour, below, top=0.75)
    for x in canvas.spread(0.24, 0):
        canvas.fill(((x, 0.865), (x + 0.1, 0.865), (x + 0.09, 0.89), (x - 0.01, 0.89)), dash)


def city(canvas: Canvas) -> None:
    """Coloured houses along a street by day."""
    canvas.gradient(canvas.pick("#6cb8f0", "#86c6f2", "#9ac4ee"), "#e4f3fb", bottom=0.7)
    canvas.cloud(canvas.between(0.2, 0.8), 0.16, 0.28)
    for x in canvas.spread(0.13):
        width = canvas.between(0.05, 0.08) / canvas.wide
        canvas.box(x - width, canvas.between(0.26, 0.42), x + width, 0.7, "#b4cde0", "#cfdfea")
    edge, index = -0.02, canvas.pick(0, 2, 4)
    while edge < 1:
        width = canvas.between(0.17, 0.26) / canvas.wide
        top = canvas.between(0.3, 0.46) - 0.14 * abs(edge + width / 2 - 0.5)
        canvas.building(edge, top, edge + width, 0.69, HOUSES[index % len(HOUSES)], "#5f86a6")
        canvas.box(edge, top - 0.015, edge + width, top + 0.012, "#8a6f6a")
        canvas.box(edge + width * 0.08, 0.6, edge + width * 0.92, 0.69, "#7fb0c8")
        canvas.box(edge, 0.585, edge + width, 0.61, ("#d9534f", "#3f8f6a", "#e0a030")[index % 3])
        edge, index = edge + width, index + 1
    street(canvas, "#83868f", "#5f626c", "#cfc8bd", "#ffffff")
    for x in (0.06, 0.94):
        canvas.tree(x, 0.74, 0.26, "#74bf5a", "#3f8a45")


def neon(canvas: Canvas) -> None:
    """A dark street of towers with glowing signs and their reflections."""
    canvas.gradient("#0c0722", canvas.pick("#3a1160", "#122a66", "#5a1050"), bottom=0.7)
    canvas.glow(0.5, 0.6, 0.6, canvas.pick("#ff4fb0", "#3fb4ff", "#c060ff"), 0.55)
    canvas.gradient("#1a1036", "#0a0618", top=0.68)
    edge, index = -0.02, canvas.pick(0, 1, 3)
    while edge < 1:
        width = canvas.between(0.13, 0.22) / canvas.wide
        middle = edge + width / 2
        top = canvas.between(0.26, 0.42) - 0.5 * (abs(middle - 0.5) - 0.2)
        canvas.building(edge, top, edge + width, 0.7, "#171033", ("#4a3f8a", "#7a5a4a")[index % 2])
        colour = NEON[index % len(NEON)]
        frame = (
            (edge + 0.006, 0.69),
            (edge + 0.006, top),
            (edge + width - 0.006, top),
            (edge + width - 0.006, 0.69),
        )
        canvas.line(frame, 0.01, colour)
        canvas.glow(middle, 0.62, 0.2, colour, 0.5)
        canvas.box(edge + width * 0.12, 0.6, edge + width * 0.88, 0.665, colour)
        canvas.box(edge + width * 0.2, 0.615, edge + width * 0.8, 0.65, "#2a1a4a")
        canvas.glow(middle, 0.8, 0.26, colour, 0.7, 0.5)
        streak = width * 0.3
        canvas.fill(
            (
                (middle - streak, 0.7),
                (middle + streak, 0.7),
                (middle + streak, 0.95),
                (middle - streak, 0.95),
            ),
            colour,
            "#140a2a",
            soft=0.015,
            opacity=0.5,
        )
        edge, index = edge + width, index + 1
    for x, tone in canvas.pick(
        ((0.1, 0), (0.9, 1)), ((0.13, 2), (0.86, 0)), ((0.08, 1), (0.92, 3))
    ):
        canvas.glow(x, 0.38, 0.2, NEON[tone], 0.8)
        canvas.box(x - 0.035 / canvas.wide, 0.26, x + 0.035 / canvas.wide, 0.5, NEON[tone])
        for y in (0.29, 0.36, 0.43):
            canvas.box(x - 0.02 / canvas.wide, y, x + 0.02 / canvas.wide, y + 0.04, "#fff6ff")


def road(canvas: Canvas) -> None:
    """A road that runs straight away over green hills."""
    canvas.gradient(canvas.pick("#69b7f0", "#8fc8f0", "#f7b98a"), "#f0f8fb", bottom=0.55)
    for x in canvas.spread(0.6):
        canvas.cloud(x, canvas.between(0.16, 0.26), canvas.between(0.22, 0.32))
    canvas.ridge(0.46, 0.04, "#86b8b0", "#9cc6a6", waves=0.9)
    canvas.ridge(0.52, 0.012, canvas.pick("#9ccf6a", "#b0c968", "#c9c060"), "#5fa045", waves=0.5)
    x, top = canvas.pick(0.5, 0.42, 0.58), 0.53
    for half, colour in ((0.56, "#d8cdb0"), (0.5, "#ffffff"), (0.475, "#6d7078")):
        canvas.fill(
            (
                (x - half * 0.03, top),
                (x + half * 0.03, top),
                (0.5 + half, 1.01),
                (0.5 - half, 1.01),
            ),
            colour,
        )
    for near in (0.06, 0.17, 0.34, 0.6, 0.92):
        far = near * 0.72
        corners = []
        for depth, side in ((far, -1), (far, 1), (near, 1), (near, -1)):
            corners.append((x + (0.5 - x) * depth + side * 0.022 * depth, top + 0.48 * depth))
        canvas.fill(corners, "#ffd84a")
    for depth in (0.12, 0.3, 0.62):
        for side in (-1, 1):
            place = x + (0.5 - x) * depth + side * (0.1 + 0.62 * depth)
            canvas.tree(place, top + 0.46 * depth, 0.12 + 0.42 * depth, "#6fb956", "#3d8442")


def farm(canvas: Canvas) -> None:
    """A red barn, rows of crops and a white fence."""
    canvas.gradient(canvas.pick("#86cdf5", "#a2d6f2", "#9ac8f4"), "#fdf6da", bottom=0.6)
    canvas.ridge(0.52, 0.02, "#b4d67c", "#9cc65e", waves=0.7)
    crop, soil = canvas.pick(("#f0cf5a", "#d9a93f"), ("#a8cf52", "#84a83c"), ("#e6d45a", "#8fb848"))
    canvas.gradient(crop, soil, top=0.58)
    for place in np.linspace(-2.2, 3.2, 22)[::2]:
        canvas.fill(
            (
                (0.5 + (float(place) - 0.5) * 0.16, 0.58),
                (0.5 + (float(place) - 0.3) * 0.16, 0.58),
                (float(place) + 0.2, 1.0),
                (float(place), 1.0),
            ),
            "#9a7a35",
            opacity=0.35,
        )
    x = canvas.pick(0.78, 0.2, 0.8)
    barn(canvas, x, 0.62, canvas.pick(0.3, 0.34, 0.27))
    canvas.tree(1 - x, 0.62, 0.26, "#7cc05a", "#478f45")
    for y in (0.85, 0.91):
        canvas.box(0, y, 1, y + 0.02, "#fffaf0")
    for place in canvas.spread(0.16, 0):
        half = 0.014 / canvas.wide
        canvas.fill(
            (
                (place - half, 0.82),
                (place, 0.8),
                (place + half, 0.82),
                (place + half, 0.98),
                (place - half, 0.98),
            ),
            "#fffaf0",
        )


def barn(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A red barn that stands on y, as wide as `size`, and its silo."""
    half, tall = size / 2 / canvas.wide, size / canvas.tall
    silo = x + half * 1.25
    canvas.box(silo - half * 0.28, y - tall * 1.05, silo + half * 0.28, y, "#dfe3e6", "#b4bcc4")
    canvas.disc(silo, y - tall * 1.05, size * 0.14, "#8f9aa6")
    canvas.box(x - half, y - tall * 0.6, x + half, y, "#d0453c", "#a83430")
    roof = [(-1.12, 0.58), (-0.75, 0.9), (0, 1.1), (0.75, 0.9), (1.12, 0.58)]
    canvas.fill([(x + half * a, y - tall * b) for a, b in roof], "#7a3f3a")
    canvas.fill([(x + half * a * 0.85, y - tall * (b - 0.06)) for a, b in roof], "#d0453c")
    canvas.box(x - half * 0.4, y - tall * 0.42, x + half * 0.4, y, "#fff4e0")
    canvas.box(x - half * 0.33, y - tall * 0.37, x + half * 0.33, y, "#a83430")
    door = ((x - half * 0.33, y), (x + half * 0.33, y - tall * 0.37))
    canvas.line(door, size * 0.035, "#fff4e0")
    canvas.disc(x, y - tall * 0.72, size * 0.09, "#fff4e0")


def park(canvas: Canvas) -> None:
    """Round trees, a lawn, a winding path, a bench and a lamp."""
    canvas.gradient(canvas.pick("#a2dcf5", "#b8e2f0", "#b4d8f6"), "#f4fbf4", bottom=0.6)
    for x in canvas.spread(0.15):
        canvas.tree(x, 0.6, canvas.between(0.26, 0.36), "#a8d88a", "#7dbb70")
    canvas.ridge(0.59, 0.006, "#93d065", "#5caf4c")
    side = canvas.pick(1, -1, 1)
    for width, colour in ((1.12, "#c9a877"), (1.0, "#f0dcb0")):
        edges = []
        for edge in (-1, 1):
            t = np.linspace(0, 1, 24)
            centre = 0.5 + side * (0.16 * np.sin(4.6 * t + canvas.variant) * (0.4 + t))
            half = edge * width * (0.02 + 0.2 * t**1.3)
            edges.append(
                [(float(a), float(b)) for a, b in zip(centre + half, 0.595 + 0.42 * t, strict=True)]
            )
        canvas.fill([*edges[0], *reversed(edges[1])], colour)
    tree, far = canvas.pick((0.1, 0.9), (0.9, 0.08), (0.06, 0.93))
    canvas.tree(tree, 0.78, 0.62, "#74c058", "#3f8f45")
    canvas.tree(
        far,
        0.68,
        0.42,
        canvas.pick("#8acb5f", "#f2a860", "#f59ab8"),
        canvas.pick("#4d9a4a", "#c9703a", "#c9608a"),
    )
    bench(canvas, 0.84 if tree < 0.5 else 0.16, 0.86)
    x = 0.27 if tree < 0.5 else 0.73
    canvas.line(((x, 0.72), (x, 0.42)), 0.013, "#3f4a52")
    canvas.disc(x, 0.41, 0.03, "#fff4c0", "#ffdf80")


def bench(canvas: Canvas, x: float, y: float) -> None:
    """A wooden bench that stands on y."""
    half = 0.13 / canvas.wide
    for leg in (-0.8, 0.8):
        canvas.line(
            ((x + leg * half, y), (x + leg * half, y - 0.13 / canvas.tall)), 0.014, "#4a4f57"
        )
    for lift, thick in ((0.13, 0.022), (0.1, 0.022), (0.055, 0.028)):
        top = y - lift / canvas.tall
        canvas.box(x - half, top, x + half, top + thick / canvas.tall, "#b5703a")


def stadium(canvas: Canvas) -> None:
    """A striped pitch, full stands and floodlights."""
    canvas.gradient(canvas.pick("#4f7fd0", "#2a3f86", "#7ab4ee"), "#bcd8f4", bottom=0.3)
    stand = canvas.pick("#5a6f94", "#6a5a88", "#5f7f8c")
    canvas.box(0, 0.24, 1, 0.58, stand)
    crowd = ("#ff6b6b", "#ffd93d", "#f4f4f4", "#4da3ff", "#ff9f45", "#7be07b")
    for row, y in enumerate(np.linspace(0.28, 0.53, 8)):
        for x in canvas.spread(0.034, 0.2):
            size = 0.009 + 0.0006 * row
            canvas.disc(x, float(y), size, crowd[int(canvas.random.integers(6))])
    for x in canvas.spread(0.33, 0):
        canvas.fill(
            ((x - 0.012, 0.24), (x + 0.012, 0.24), (x + 0.018, 0.58), (x - 0.018, 0.58)), "#c9d2de"
        )
    canvas.box(0, 0.2, 1, 0.25, "#e6ebf2", "#b4c0d0")
    for x in (0.12, 0.88):
        canvas.line(((x, 0.22), (x, 0.08)), 0.012, "#8a94a4")
        canvas.glow(x, 0.07, 0.22, "#ffffff", 0.9)
        canvas.box(x - 0.07 / canvas.wide, 0.04, x + 0.07 / canvas.wide, 0.1, "#fffde6")
    for index, left in enumerate(np.linspace(0, 1, 7)[:-1]):
        canvas.box(
            float(left),
            0.56,
            float(left) + 1 / 6,
            0.61,
            ("#d83f4f", "#2f6fd0", "#f4c430")[index % 3],
        )
    canvas.gradient("#5cbf52", "#2f8f3c", top=0.61)
    for place in range(-8, 10, 2):
        far = 0.5 + (place / 8 - 0.06) * 0.5
        near = 0.5 + (place / 8 - 0.06) * 1.3
        canvas.fill(
            ((far, 0.61), (far + 0.0625, 0.61), (near + 0.1625, 1), (near, 1)),
            "#8ada6a",
            opacity=0.45,
        )
    canvas.box(0, 0.645, 1, 0.655, "#ffffff")
    middle = canvas.pick(0.5, 0.3, 0.7)
    canvas.discs([(middle, 0.82, 0.3)], "#ffffff", squash=0.33)
    canvas.discs([(middle, 0.82, 0.283)], "#52b34c", squash=0.31)
    canvas.fill(
        ((middle - 0.006, 0.65), (middle + 0.006, 0.65), (middle + 0.012, 1), (middle - 0.012, 1)),
        "#ffffff",
    )


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "city": city,
    "neon city": neon,
    "road": road,
    "farm": farm,
    "park": park,
    "stadium field": stadium,
}
