"""`kinogram bench service`, small, run as people run it."""

import json
from pathlib import Path

import pytest

from bot.benchmarks.samples import spread
from tests.bot.test_cli import kinogram

SMALL = ("--jobs", "6", "--people", "3", "--longest-line", "100", "--memory-jobs", "20")


def test_the_service_is_measured_and_nothing_is_left_behind(tmp_path: Path) -> None:
    folders = tmp_path / "temporary"
    folders.mkdir()
    done = kinogram(
        tmp_path,
        *("bench", "service", *SMALL, "--rounds", "0", "--json", "measured.json"),
        TMPDIR=str(folders),
    )
    assert done.returncode == 0, done.stderr
    assert list(folders.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["measured.json", "temporary"]
    measured = json.loads((tmp_path / "measured.json").read_text())
    assert measured["command"] == "bench service"
    assert measured["machine"]["cores"] >= 1
    assert measured["machine"]["versions"]["torch"]
    assert measured["accepts"]["accepts_per_second"] > 0
    assert measured["accepts"]["latency"]["count"] == 6
    instant = measured["instant model"]
    assert instant["gap"]["count"] == 5
    assert 0 < instant["first_card"]["median_ms"] < instant["clip"]["median_ms"]
    assert instant["claims_per_second"] > 0
    (grown,) = measured["growth"]
    assert grown["waiting"] == 100
    assert grown["steps"].keys() == {"accept", "place in line", "first card", "claim"}
    assert measured["memory"]["jobs"] == 20
    assert "durable accepts" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--json", "missing/file.json"), "cannot be written"),
        (("--jobs", "1"), "--jobs"),
        (("--longest-line", "5"), "--longest-line"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_measured(
    tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    done = kinogram(tmp_path, "bench", "service", *words, NO_COLOR="1", TERM="dumb")
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_spread_has_the_nearest_rank_for_its_percentile() -> None:
    found = spread([number / 1000 for number in range(1, 201)])
    assert (found.median_ms, found.p99_ms, found.least_ms, found.most_ms) == (100.5, 198, 1, 200)
    assert spread([0.002]).p99_ms == 2
