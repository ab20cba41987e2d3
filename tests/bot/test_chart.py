import io

import pytest
from PIL import Image

from bot.chart import CLIPS, SECONDS, Day, draw


def heights(picture: Image.Image, colour: tuple[int, int, int], days: int) -> list[int]:
    """Pixels of that colour in the middle column of each day."""
    step = (picture.width - 80) / days
    columns = [40 + step * (day + 0.5) for day in range(days)]
    return [
        sum(picture.getpixel((int(x), y)) == colour for y in range(picture.height)) for x in columns
    ]


def test_bars_are_as_high_as_their_numbers() -> None:
    days = [
        Day(label="01-01", clips=0, seconds=None),
        Day(label="01-02", clips=50, seconds=20.0),
        Day(label="01-03", clips=100, seconds=10.0),
    ]
    with Image.open(io.BytesIO(draw(days))) as picture:
        assert picture.format == "PNG"
        none, half, whole = heights(picture, CLIPS, 3)
        assert none == 0
        assert half == pytest.approx(whole / 2, abs=2)
        none, whole, half = heights(picture, SECONDS, 3)
        assert none == 0
        assert half == pytest.approx(whole / 2, abs=2)


@pytest.mark.parametrize("clips", [0, 1, 10**9])
def test_days_without_and_with_enormous_numbers_can_be_drawn(clips: int) -> None:
    days = [Day(label="12-31", clips=clips, seconds=1e6 if clips else None)] * 7
    with Image.open(io.BytesIO(draw(days))) as picture:
        # As Telegram takes photos: sides of at most 10,000 pixels together, 20 to 1.
        assert sum(picture.size) < 10_000


@pytest.mark.parametrize("lower", [1, 5, 40, 700, 4_000])
def test_a_low_day_beside_a_high_one_can_be_drawn(lower: int) -> None:
    days = [
        Day(label="12-30", clips=lower, seconds=lower / 100),
        Day(label="12-31", clips=10_000, seconds=100.0),
    ]
    with Image.open(io.BytesIO(draw(days))) as picture:
        for colour in (CLIPS, SECONDS):
            low, high = heights(picture, colour, 2)
            assert 0 < low < high
