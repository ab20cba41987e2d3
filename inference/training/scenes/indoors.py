"""Painters of rooms and halls."""

import itertools
from collections.abc import Callable

import numpy as np

from inference.training.scenes.shapes import Canvas

BOOKS = ("#b5483f", "#3f6f8f", "#d9a441", "#4f8a5b", "#7d4f86", "#c97b4a", "#e6d3a8")


def planks(canvas: Canvas, top: float, colour: str, below: str, seam: str) -> None:
    """A wooden floor whose boards run away from the eye."""
    canvas.gradient(colour, below, top=top)
    for place in np.linspace(-1.5, 2.5, 25):
        far = 0.5 + (float(place) - 0.5) * 0.6
        canvas.line(((far, top), (float(place), 1.0)), 0.005, seam)


def window(canvas: Canvas, x: float, top: float, width: float, height: float, frame: str) -> None:
    """A window with a view of sky and grass; its place is the middle of its upper edge."""
    half, bottom = width / 2 / canvas.wide, top + height / canvas.tall
    rim_x, rim_y = 0.018 / canvas.wide, 0.018 / canvas.tall
    canvas.box(x - half - rim_x, top - rim_y, x + half + rim_x, bottom + rim_y, frame)
    canvas.box(x - half, top, x + half, bottom, "#7cc4f2", "#e6f6fb")
    canvas.box(x - half, bottom - 0.25 * (bottom - top), x + half, bottom, "#8fd06a", "#6cb850")
    canvas.box(x - rim_x / 2, top, x + rim_x / 2, bottom, frame)
    middle = (top + bottom) / 2
    canvas.box(x - half, middle - rim_y / 2, x + half, middle + rim_y / 2, frame)


def room(canvas: Canvas) -> None:
    """A papered wall, a window with curtains, a picture, a lamp and a rug."""
    wall, shade = canvas.pick(
        ("#f7dfb8", "#efcc98"), ("#cfe3d4", "#b4d0bc"), ("#f2cfd0", "#e4b4b8")
    )
    canvas.gradient(wall, shade, bottom=0.7)
    for x in canvas.spread(0.11, 0):
        canvas.fill(
            ((x - 0.012, 0), (x + 0.012, 0), (x + 0.012, 0.7), (x - 0.012, 0.7)),
            "#ffffff",
            opacity=0.25,
        )
    planks(canvas, 0.7, "#d29a62", "#a86f3f", "#94602f")
    canvas.box(0, 0.675, 1, 0.705, "#fffaf0")
    canvas.discs([(0.5, 0.87, 0.4)], canvas.pick("#c9505a", "#4f7fae", "#7a5f9e"), squash=0.22)
    canvas.discs([(0.5, 0.87, 0.34)], "#f4dcc0", squash=0.21)
    canvas.discs([(0.5, 0.87, 0.3)], canvas.pick("#d9707a", "#6f9ac4", "#9a80ba"), squash=0.2)
    x = canvas.pick(0.24, 0.76, 0.26)
    window(canvas, x, 0.12, 0.26, 0.34, "#ffffff")
    curtain = canvas.pick("#e0704f", "#e8b04a", "#5f9ea0")
    for side in (-1, 1):
        inner, outer = x + side * 0.09 / canvas.wide, x + side * 0.2 / canvas.wide
        foot = 0.16 + 0.44 / canvas.tall
        canvas.fill(
            ((inner, 0.09), (outer, 0.09), (outer, foot), (x + side * 0.15 / canvas.wide, foot)),
            curtain,
        )
    canvas.line(
        ((x - 0.23 / canvas.wide, 0.085), (x + 0.23 / canvas.wide, 0.085)), 0.016, "#8a5a34"
    )
    picture(canvas, 1 - x, 0.2)
    lamp = canvas.pick(0.92, 0.08, 0.93)
    canvas.line(((lamp, 0.78), (lamp, 0.45)), 0.014, "#6b4a34")
    canvas.glow(lamp, 0.42, 0.24, "#fff2b0", 0.8)
    half = 0.07 / canvas.wide
    canvas.fill(
        (
            (lamp - half * 0.6, 0.37),
            (lamp + half * 0.6, 0.37),
            (lamp + half, 0.47),
            (lamp - half, 0.47),
        ),
        "#ffe08a",
    )


def picture(canvas: Canvas, x: float, top: float) -> None:
    """A landscape in a golden frame."""
    half, bottom = 0.12 / canvas.wide, top + 0.18 / canvas.tall
    rim_x, rim_y = 0.02 / canvas.wide, 0.02 / canvas.tall
    canvas.box(x - half - rim_x, top - rim_y, x + half + rim_x, bottom + rim_y, "#c9963f")
    canvas.box(x - half, top, x + half, bottom, "#f7b48a", "#fbe6c0")
    canvas.fill(
        (
            (x - half, bottom),
            (x - half * 0.3, top + 0.4 * (bottom - top)),
            (x + half * 0.5, bottom),
        ),
        "#6f7fae",
    )
    canvas.fill(
        (
            (x - half * 0.2, bottom),
            (x + half * 0.5, top + 0.55 * (bottom - top)),
            (x + half, bottom),
        ),
        "#55679a",
    )


def kitchen(canvas: Canvas) -> None:
    """Tiles, cupboards, a stove, a refrigerator and a chequered floor."""
    canvas.gradient("#fbf8ee", "#eef2ee", bottom=0.75)
    for x in canvas.spread(0.08, 0):
        canvas.line(((x, 0.26), (x, 0.56)), 0.004, "#cfdcdc")
    for y in np.arange(0.3, 0.56, 0.08 / canvas.tall):
        canvas.line(((0, float(y)), (1, float(y))), 0.004, "#cfdcdc")
    door, shade = canvas.pick(
        ("#7cc2b4", "#5fa698"), ("#f0c05a", "#d9a240"), ("#8fb2e0", "#6f94c8")
    )
    flip = canvas.pick(False, True, False)
    cupboards(canvas, 0.03, 0.25, door, shade)
    cupboards(canvas, 0.56, 0.75, door, shade)
    canvas.box(0, 0.75, 1, 0.78, "#8a7a6a")
    canvas.box(0, 0.53, 1, 0.565, "#c98f56", "#a8713f")
    fridge, stove = (0.12, 0.82) if flip else (0.88, 0.18)
    appliance(canvas, stove)
    half = 0.14 / canvas.wide
    canvas.box(fridge - half, 0.2, fridge + half, 0.77, "#f4f8fb", "#cfdae2")
    canvas.line(((fridge - half, 0.4), (fridge + half, 0.4)), 0.01, "#9fb0bc")
    for top, bottom in ((0.3, 0.37), (0.43, 0.56)):
        canvas.line(((fridge - half * 0.7, top), (fridge - half * 0.7, bottom)), 0.016, "#8a9aa6")
    tiled_floor(canvas, 0.78, "#fffaf0", canvas.pick("#d9836a", "#7aa0b8", "#6fae84"))


def cupboards(canvas: Canvas, top: float, bottom: float, colour: str, shade: str) -> None:
    """A row of cupboard doors with knobs."""
    canvas.box(0, top, 1, bottom, shade)
    step = 1 / round(canvas.wide / 0.22)
    for left in np.arange(0, 0.99, step):
        x = float(left)
        canvas.box(x + step * 0.05, top + 0.012, x + step * 0.95, bottom - 0.012, colour)
        canvas.disc(x + step * 0.82, (top + bottom) / 2, 0.012, "#fff4dc")


def appliance(canvas: Canvas, x: float) -> None:
    """A stove with an oven, a pot and a hood above."""
    half = 0.13 / canvas.wide
    canvas.box(x - half, 0.53, x + half, 0.77, "#e4e8ec", "#c4ccd4")
    canvas.box(x - half * 0.75, 0.63, x + half * 0.75, 0.73, "#3f4a55", "#6a5048")
    for knob in (-0.6, -0.2, 0.2, 0.6):
        canvas.disc(x + knob * half, 0.59, 0.014, "#d9534f")
    canvas.box(x - half * 0.55, 0.46, x + half * 0.35, 0.53, "#e0604f", "#b8443a")
    canvas.box(x - half * 0.7, 0.455, x + half * 0.5, 0.475, "#8f3530")
    canvas.fill(
        (
            (x - half * 0.4, 0),
            (x + half * 0.4, 0),
            (x + half * 0.4, 0.18),
            (x + half, 0.28),
            (x - half, 0.28),
            (x - half * 0.4, 0.18),
        ),
        "#c4ced6",
        "#9fadb8",
    )


def tiled_floor(canvas: Canvas, top: float, light: str, dark: str) -> None:
    """A chequered floor that runs away from the eye."""
    canvas.gradient(light, top=top)
    rows = [top + (1.0 - top) * t for t in (0.0, 0.16, 0.38, 0.66, 1.0)]
    for row, (far, near) in enumerate(itertools.pairwise(rows)):
        for column in range(-10, 11):
            if (row + column) % 2:
                continue
            corners = []
            for y, side in ((far, 0), (far, 1), (near, 1), (near, 0)):
                scale = 0.11 + 0.11 * (y - top) / (1 - top)
                corners.append((0.5 + (column + side) * scale / canvas.wide, y))
            canvas.fill(corners, dark)


def library(canvas: Canvas) -> None:
    """Shelves full of books from wall to wall, and a ladder."""
    wood, shade = canvas.pick(
        ("#7a4f30", "#5a3820"), ("#6a4038", "#4a2a26"), ("#8a6238", "#664626")
    )
    canvas.gradient(shade, "#3a2418", bottom=0.75)
    rows = max(4, round(0.7 * canvas.tall / 0.17))
    for row in range(rows):
        bottom = 0.02 + 0.7 * (row + 1) / rows
        edge = 0.0
        while edge < 1:
            width = canvas.between(0.022, 0.045) / canvas.wide
            tall = canvas.between(0.6, 0.85) * 0.7 / rows
            book = BOOKS[int(canvas.random.integers(len(BOOKS)))]
            canvas.box(edge, bottom - tall, edge + width * 0.92, bottom, book)
            canvas.box(
                edge, bottom - tall * 0.8, edge + width * 0.92, bottom - tall * 0.7, "#f0d890"
            )
            edge += width * (1 if canvas.between(0, 1) < 0.94 else 1.8)
        canvas.box(0, bottom, 1, bottom + 0.02, wood)
    for x in canvas.spread(0.34, 0):
        half = 0.018 / canvas.wide
        canvas.box(x - half, 0, x + half, 0.74, wood)
    planks(canvas, 0.74, "#a8683a", "#7a4826", "#643a1c")
    canvas.box(0, 0.72, 1, 0.75, shade)
    canvas.discs([(0.5, 0.9, 0.42)], canvas.pick("#2f6f5a", "#8f3540", "#3a5488"), squash=0.18)
    canvas.discs([(0.5, 0.9, 0.37)], "#e0b860", squash=0.17)
    canvas.discs([(0.5, 0.9, 0.35)], canvas.pick("#3f8a70", "#a84550", "#4f6ca4"), squash=0.165)
    ladder = canvas.pick(0.14, 0.84, 0.2)
    for side in (-0.05, 0.05):
        canvas.line(
            ((ladder + side / canvas.wide, 0.04), (ladder + side * 1.5 / canvas.wide, 0.84)),
            0.018,
            "#e0b070",
        )
    for y in np.linspace(0.1, 0.78, 8):
        reach = 0.055 * (1 + 0.4 * float(y)) / canvas.wide
        canvas.line(((ladder - reach, float(y)), (ladder + reach, float(y))), 0.016, "#e0b070")
    canvas.glow(0.5, 0.35, 0.6, "#ffdf9a", 0.45)


def castle(canvas: Canvas) -> None:
    """A stone hall with pillars, arched windows, banners, torches and a red carpet."""
    stone, dark = canvas.pick(
        ("#b4aca4", "#8a827c"), ("#a4aab4", "#787f8c"), ("#bcae98", "#918470")
    )
    canvas.gradient(dark, stone, bottom=0.7)
    for row, y in enumerate(np.arange(0, 0.7, 0.07 / canvas.tall)):
        canvas.line(((0, float(y)), (1, float(y))), 0.004, dark)
        for x in canvas.spread(0.16, 0):
            left = x + (row % 2) * 0.08 / canvas.wide
            canvas.line(((left, float(y)), (left, float(y) + 0.07 / canvas.tall)), 0.004, dark)
    tiled_floor(canvas, 0.7, "#c4bcb0", "#a0988e")
    canvas.fill(((0.42, 0.7), (0.58, 0.7), (0.8, 1.01), (0.2, 1.01)), "#e0b040")
    canvas.fill(((0.43, 0.7), (0.57, 0.7), (0.77, 1.01), (0.23, 1.01)), "#b8303a", "#d0404a")
    banner = canvas.pick("#3a4fa0", "#8a2f3a", "#2f7a56")
    for x in (0.5, *canvas.pick((0.28, 0.72), (0.29, 0.71), (0.27, 0.73))):
        arch(canvas, x, 0.2, "#6f6862", 0.075)
        arch(canvas, x, 0.21, canvas.pick("#bfe4fa", "#ffd9a0", "#cfe8c8"), 0.06)
        canvas.line(((x, 0.14), (x, 0.46)), 0.008, "#6f6862")
    for x in (0.1, 0.9):
        half = 0.065 / canvas.wide
        canvas.box(x - half, 0, x + half, 0.74, stone, dark)
        canvas.box(x - half * 0.75, 0, x - half * 0.25, 0.74, "#dcd5cc", stone)
        for y in (0.0, 0.7):
            canvas.box(x - half * 1.35, y, x + half * 1.35, y + 0.06, dark)
    for x in (0.185, 0.815):
        half = 0.04 / canvas.wide
        canvas.fill(
            ((x - half, 0.06), (x + half, 0.06), (x + half, 0.36), (x, 0.4), (x - half, 0.36)),
            banner,
        )
        canvas.disc(x, 0.19, 0.024, "#f4cf5a")
        canvas.line(((x, 0.52), (x, 0.6)), 0.018, "#5a4030")
        canvas.glow(x, 0.49, 0.2, "#ffb84a", 0.85)
        canvas.discs([(x, 0.495, 0.02), (x, 0.48, 0.014), (x, 0.465, 0.008)], "#fff0a0", "#ff8a2a")


def arch(canvas: Canvas, x: float, top: float, colour: str, half: float) -> None:
    """A tall window with a round head, its half width a length."""
    canvas.disc(x, top, half, colour)
    canvas.box(x - half / canvas.wide, top, x + half / canvas.wide, 0.47, colour)


def stage(canvas: Canvas) -> None:
    """Heavy curtains around a spotlight on boards."""
    curtain, fold = canvas.pick(
        ("#c0283a", "#8a1628"), ("#b0243f", "#7a1230"), ("#c83a30", "#921f1c")
    )
    canvas.gradient("#2a1030", canvas.pick("#4a1f50", "#2f2a5c", "#55203a"), bottom=0.74)
    planks(canvas, 0.74, "#c98a50", "#8f5a2f", "#7d4c26")
    for x, spread in canvas.pick(((0.5, 0.3),), ((0.35, 0.26), (0.65, 0.26)), ((0.42, 0.3),)):
        cone = ((x - 0.03, -0.02), (x + 0.03, -0.02), (0.5 + spread, 0.86), (0.5 - spread, 0.86))
        canvas.fill(cone, "#fff6cf", soft=0.02, opacity=0.35)
    canvas.discs([(0.5, 0.86, 0.34)], "#fff3c4", squash=0.22, soft=0.015, opacity=0.75)
    for side in (0, 1):
        for index in range(5):
            left = 0.045 * index
            right, waist = left + 0.05, 0.78 - 0.05 * index
            corners = (
                (left, 0),
                (right, 0),
                (right * waist, 0.55),
                (right * 0.95, 0.9),
                (left * 0.95, 0.9),
                (left * waist, 0.55),
            )
            colour, below = (curtain, fold) if index % 2 else (fold, curtain)
            canvas.fill([(1 - x if side else x, y) for x, y in corners], colour, below, soft=0.004)
        canvas.line(((abs(side - 0.0), 0.55), (abs(side - 0.13), 0.53)), 0.025, "#f0c040")
    swags = [(x, 0.06, 0.13) for x in canvas.spread(0.2, 0)]
    canvas.discs(swags, "#f0c040", squash=1.08)
    canvas.discs([(x, y - 0.02, 0.125) for x, y, _ in swags], curtain, fold, squash=1.08)
    for x in canvas.spread(0.12, 0):
        canvas.glow(x, 0.965, 0.07, "#fff0a0", 0.9)
        canvas.disc(x, 0.975, 0.02, "#fff6cf")


PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "room": room,
    "kitchen": kitchen,
    "library": library,
    "castle hall": castle,
    "stage": stage,
}
