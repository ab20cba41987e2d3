"""A picture of some days: clips a day above, seconds a clip below. Pure.

It holds numbers alone, so that it reads the same in every language and needs no font but Pillow's.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

WIDTH, PANEL, MARGIN, GAP = 960, 260, 40, 50
PAPER, INK, FAINT = (255, 255, 255), (40, 44, 52), (222, 226, 232)
CLIPS, SECONDS = (52, 120, 246), (240, 140, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day's numbers. label: its date. seconds: a clip took to render, None for no clips."""

    label: str
    clips: int
    seconds: float | None


def draw(days: Sequence[Day]) -> bytes:
    """A PNG of those days, the first on the left; at least one."""
    picture = Image.new("RGB", (WIDTH, 2 * (PANEL + GAP) + MARGIN), PAPER)
    pen = ImageDraw.Draw(picture)
    _panel(pen, MARGIN, CLIPS, [(day.label, float(day.clips), f"{day.clips:,}") for day in days])
    seconds = [
        (day.label, day.seconds or 0.0, "" if day.seconds is None else f"{day.seconds:,.1f} s")
        for day in days
    ]
    _panel(pen, MARGIN + PANEL + GAP, SECONDS, seconds)
    png = io.BytesIO()
    picture.save(png, "PNG", optimize=True)
    return png.getvalue()


def _panel(
    pen: ImageDraw.ImageDraw,
    top: int,
    colour: tuple[int, int, int],
    bars: Sequence[tuple[str, float, str]],
) -> None:
    """Bars of (label below, height, words above), the highest as high as there is room."""
    font = ImageFont.load_default(22)
    bottom, room = top + PANEL - MARGIN, PANEL - 2 * MARGIN
    highest = max((height for _, height, _ in bars), default=0.0) or 1.0
    step = (WIDTH - 2 * MARGIN) / len(bars)
    pen.line((MARGIN, bottom, WIDTH - MARGIN, bottom), fill=FAINT, width=2)
    for number, (label, height, words) in enumerate(bars):
        middle = MARGIN + step * (number + 0.5)
        peak = bottom - room * height / highest
        if height:
            half = step * 0.32
            pen.rounded_rectangle(
                (middle - half, peak, middle + half, bottom),
                # Pillow draws no bar that is lower than its own corners.
                radius=min(6, (bottom - peak) // 2),
                fill=colour,
                corners=(True, True, False, False),
            )
        pen.text((middle, peak - 6), words, font=font, fill=INK, anchor="mb")
        pen.text((middle, bottom + 10), label, font=font, fill=INK, anchor="mt")
