"""The command line, run as people run it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.terminal import save
from inference.catalog import DEFAULT_MODEL, find
from inference.mp4 import decode
from tests.storage.test_full_disk import files_cannot_grow_beyond

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
        timeout=200,
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
        (
            "KINOGRAM_SCREEN_WORDS",
            "no/list.txt",
            "KINOGRAM_SCREEN_WORDS='no/list.txt' cannot be read",
        ),
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


def test_a_wrong_model_file_of_the_operators_stops_the_start_though_another_is_served(
    tmp_path: Path,
) -> None:
    path = tmp_path / "models" / "ours" / "model.toml"
    path.parent.mkdir(parents=True)
    path.write_text('title = "Ours"\nlicense = "MIT"\n')
    token = "123456:" + "A" * 35
    done = kinogram(
        tmp_path, "serve", KINOGRAM_TELEGRAM_TOKEN=token, KINOGRAM_MODELS_DIR=str(path.parents[1])
    )
    assert done.returncode == 2
    assert f"{path}: license is no key here" in " ".join(done.stderr.split("\n"))
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("render", "x" * 300, "-o", "clip.mp4"), "300 characters"),
        (("render", "a cat", "-o", "no/such/folder/clip.mp4"), "no/such/folder"),
        (("render", "a cat", "-o", "clip.mp4", "--model", "sora"), "sora"),
        (("render", "a cat", "-o", "clip.mp4", "--aspect-ratio", "4:3"), "1:1"),
        (("render", "a cat", "-o", "clip.mp4", "--seconds", "600"), "seconds"),
        (("render", "a cat", "-o", "clip.mp4", "--seed", "-1"), "seed"),
        (("render", "a cat", "-o", "clip.mp4", "--image", "none.png"), "none.png"),
        (("render", "a cat", "-o", "clip.mp4", "--extend", "none.mp4"), "none.mp4"),
        (
            ("render", "a cat", "-o", "clip.mp4", "--image", "a.png", "--extend", "a.mp4"),
            "exclude one another",
        ),
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


@pytest.mark.parametrize("option", ["--image", "--extend"])
def test_a_file_that_is_neither_picture_nor_clip_is_refused_with_a_sentence(
    option: str, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    done = kinogram(tmp_path, "render", "a cat", "-o", "clip.mp4", option, "notes.txt")
    assert done.returncode == 2
    assert done.stderr.startswith("kinogram: notes.txt cannot be read as a ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "clip.mp4").exists()


def test_a_clip_starts_with_a_picture_and_another_goes_on_from_it(tmp_path: Path) -> None:
    entry = find(DEFAULT_MODEL)
    Image.new("RGB", (640, 360), (200, 30, 40)).save(tmp_path / "red.png")
    prompt = "a cat moves left"
    words = ("--aspect-ratio", "16:9", "--image", "red.png")
    done = kinogram(tmp_path, "render", prompt, "-o", "first.mp4", *words)
    assert done.returncode == 0, done.stderr
    done = kinogram(tmp_path, "render", prompt, "-o", "both.mp4", "--extend", "first.mp4")
    assert done.returncode == 0, done.stderr
    first, _ = decode(tmp_path / "first.mp4")
    both, frames_per_second = decode(tmp_path / "both.mp4")
    assert np.abs(first[0].astype(int) - (200, 30, 40)).mean() < 16
    assert len(both) == 2 * len(first) - 1
    assert both.shape[1:] == first.shape[1:] == (*entry.shapes["16:9"][::-1], 3)
    assert frames_per_second == entry.frames_per_second
    assert np.abs(both[: len(first)].astype(int) - first).mean() < 4


def test_a_file_that_the_disk_cannot_hold_is_not_left_half_written(tmp_path: Path) -> None:
    with files_cannot_grow_beyond(1000), pytest.raises(OSError, match="too large"):
        save(tmp_path / "clip.mp4", bytes(2000))
    assert list(tmp_path.iterdir()) == []
    save(tmp_path / "clip.mp4", b"mp4")
    with pytest.raises(OSError, match="No space left"):
        save(Path("/dev/full"), b"mp4")
    assert (tmp_path / "clip.mp4").read_bytes() == b"mp4"
