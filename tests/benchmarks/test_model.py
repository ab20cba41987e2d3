"""`kinogram bench model`, small, run as people run it."""

import json
from pathlib import Path

import pytest

from tests.bot.test_cli import kinogram

PLAIN = {"NO_COLOR": "1", "TERM": "dumb"}


def test_a_model_is_measured_by_stage_and_beside_the_plain_call(tmp_path: Path) -> None:
    words = ("builtin", "--random-weights", "--steps", "2", "--repeats", "1")
    done = kinogram(tmp_path, "bench", "model", *words, "--json", "measured.json", **PLAIN)
    assert done.returncode == 0, done.stderr
    measured = json.loads((tmp_path / "measured.json").read_text())
    assert measured["machine"]["cores"] >= 1
    assert (measured["model"], measured["weights"], measured["steps"]) == ("builtin", "random", 2)
    assert measured["kinogram"].keys() == measured["plain"].keys()
    assert f"{measured['arithmetic']['forward_tflop']:.4g} TFLOP a forward" in done.stdout
    for stage in ("text", "denoise, a step", "decode", "mp4", "diffusers' plain call"):
        assert stage in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sora",), "builtin, cogvideox-2b"),
        (("builtin", "--quality", "lovely"), "fastest"),
        (("builtin", "--seconds", "60"), "up to 5.1 seconds, not 60"),
    ],
)
def test_what_cannot_be_measured_is_said(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = kinogram(tmp_path, "bench", "model", *words, **PLAIN)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
