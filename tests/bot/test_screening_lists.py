"""The operator's own lists of words, in place of those that Kinogram comes with."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import open_app
from bot.screening.screen import Screen, ScreenListError
from bot.settings import Settings


def test_a_list_of_the_operators_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    words, allowed = tmp_path / "words.txt", tmp_path / "allowed.txt"
    words.write_text("\ufeff# mine\r\n\r\nBroccoli  # ugh\r\nпривет\r\n西兰花\r\nr18\r\n", "utf-8")
    allowed.write_text("broccoli soup\n", "utf-8")
    screen = Screen.from_files(words, allowed)
    assert screen.refuses("BR0CC0LI") == "Broccoli"
    assert screen.refuses("hot broccoli-soup") is None
    assert screen.refuses("ПРИВЕТ, друг") == "привет"
    assert screen.refuses("приветик") is None
    assert screen.refuses("煮 西·兰·花") == "西兰花"
    assert screen.refuses("R-18") == "r18"
    assert screen.refuses("porn") is None


def test_the_shipped_lists_tell_neighbours_apart() -> None:
    screen = Screen.from_files()
    refused = [
        "fu©k",
        "po®n",
        "po rn",
        "a Na ked girl",
        "nak ed",
        "se x",
        "an x-rated film",
        "topless",
        "一丝不挂",
        "母亲自慰",
    ]
    allowed = [
        "the pen is red",
        "go re-enter",
        "size S 3X",
        "naked trees in winter",
        "市长亲自慰问灾民",
        "女性爱吃的甜点",
        "一只小鸡巴掌大",
    ]
    assert [text for text in refused + allowed if screen.refuses(text)] == refused


def test_an_empty_list_refuses_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing\n")
    assert Screen.from_files(empty).refuses("porn 色情") is None
    assert Screen.from_files(None, empty).refuses("a same-sex wedding") == "sex"


@pytest.mark.parametrize("setting", ["KINOGRAM_SCREEN_WORDS", "KINOGRAM_SCREEN_ALLOW"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), (b"\xff\xfe\x00", "not UTF-8"), (b"cat\n!!!\n", "line 2: '!!!'")],
)
async def test_a_list_that_cannot_be_read_stops_the_start(
    setting: str, content: bytes | None, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.txt"
    if content is not None:
        path.write_bytes(content)
    name = setting.removeprefix("KINOGRAM_").lower()
    settings = Settings(
        telegram_token=SecretStr("123456:" + "A" * 35),
        data_dir=tmp_path / "data",
        **{name: path},
    )
    with pytest.raises(ScreenListError) as caught:
        async with open_app(settings):
            pytest.fail("it started")
    assert f"{setting}='{path}'" in str(caught.value)
    assert reason in str(caught.value)
