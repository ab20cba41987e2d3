"""The command line, run as people run it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-c", "from bot.cli import app; app()")
PROJECT = Path(__file__).parent.parent.parent


def kinogram(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is expected to end by itself."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_serve_without_token_or_flag_refuses_and_names_both(tmp_path: Path) -> None:
    done = kinogram(tmp_path, "serve")
    assert done.returncode == 2
    assert "KINOGRAM_TELEGRAM_TOKEN" in done.stderr
    assert "--sandbox" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("KINOGRAM_HTTP_PORT", "http", "HTTP_PORT='http'"),
        ("KINOGRAM_MODEL", "sora", "sora"),
        ("KINOGRAM_DATA_DIR", "/proc/nowhere", "/proc/nowhere"),
        ("KINOGRAM_TELEGRAM_API_URL", "localhost", "TELEGRAM_API_URL='localhost'"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(
    key: str, value: str, part: str, tmp_path: Path
) -> None:
    token = "123456:" + "A" * 35
    done = kinogram(tmp_path, "serve", **{"KINOGRAM_TELEGRAM_TOKEN": token, key: value})
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert token not in done.stderr


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("render", "x" * 300, "-o", "clip.mp4"), "300 characters"),
        (("render", "a cat", "-o", "no/such/folder/clip.mp4"), "no/such/folder"),
        (("render", "a cat", "-o", "clip.mp4", "--model", "sora"), "sora"),
        (("render", "a cat", "-o", "clip.mp4", "--aspect-ratio", "16:9"), "1:1"),
        (("render", "a cat", "-o", "clip.mp4", "--seconds", "600"), "seconds"),
        (("render", "a cat", "-o", "clip.mp4", "--seed", "-1"), "seed"),
        (("try", "a cat", "--output", "no/such/folder/clip.mp4"), "no/such/folder"),
    ],
)
def test_bad_input_is_refused_with_a_sentence_and_leaves_nothing(
    words: tuple[str, ...], part: str, tmp_path: Path
) -> None:
    done = kinogram(tmp_path, *words)
    assert done.returncode == 2
    assert part in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
