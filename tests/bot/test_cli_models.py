"""Tests of `kinogram models` and `kinogram models pull`, as an operator types them."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.catalog import shipped
from tests.inference.entries import TINY_WAN
from tests.inference.hub_server import COMMIT, Repositories, serving
from tests.inference.tiny import save_tiny

COMMAND = (sys.executable, "-c", "from bot.cli import app; app()")
PROJECT = Path(__file__).parent.parent.parent
OURS = """
source = "ours/tiny"
licence = "MIT"
pipeline = "WanPipeline"
frames_per_second = 8
pixel_step = 16
frame_step = 4
fewest_frames = 9
most_frames = 33
steps = 3
guidance_scale = 3.0
memory_gib = 1
gpus = 0
dtype = "float32"

[shapes]
"1:1" = [32, 32]

[options]
max_sequence_length = 32
"""


def kinogram(
    folder: Path, *words: str, command: tuple[str, ...] = COMMAND, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *words],
        cwd=folder,
        env=os.environ
        | {
            "PYTHONPATH": str(PROJECT),
            "HF_HOME": str(folder / "cache"),
            "KINOGRAM_MODELS_DIR": str(folder / "models"),
            "COLUMNS": "200",
        }
        | environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder with a model of the operator's own, whose weights are on a hub."""
    (tmp_path / "models" / "ours").mkdir(parents=True)
    (tmp_path / "models" / "ours" / "model.toml").write_text(OURS)
    return tmp_path


@pytest.fixture
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Repositories:
    folder = tmp_path_factory.mktemp("tiny")
    save_tiny(folder)
    return Repositories(folders={"ours/tiny": folder / TINY_WAN.name})


@pytest.fixture
def hub(repositories: Repositories) -> Iterator[str]:
    with serving(repositories) as endpoint:
        yield endpoint


def row(listed: str, name: str) -> str:
    (found,) = [line for line in listed.splitlines() if name in line.split() and "GiB" in line]
    return found


def test_models_are_listed_with_what_fits_and_what_is_here(ours: Path) -> None:
    done = kinogram(ours, "models", KINOGRAM_MODEL="ours, ltx-2")
    assert done.returncode == 0, done.stderr
    starred = {name for name in ("ours", *shipped()) if row(done.stdout, name).startswith("*")}
    assert starred == {"ours", "ltx-2"}
    for name, entry in shipped().items():
        assert f"{entry.memory_gib:.0f} GiB" in row(done.stdout, name)
    assert " yes " in row(done.stdout, "builtin")
    assert " no " in row(done.stdout, "ours")
    assert "words, a picture, another clip, with sound" in row(done.stdout, "ltx-2")
    assert "of main memory" in done.stdout


def test_a_models_name_stands_whole_in_a_narrow_shell_and_in_a_pipe(ours: Path) -> None:
    done = kinogram(ours, "models", COLUMNS="80")
    assert set(shipped()) <= set(done.stdout.split())


def test_a_model_is_pulled_pinned_and_rendered_without_the_network(
    ours: Path, hub: str, repositories: Repositories
) -> None:
    done = kinogram(ours, "models", "pull", "ours", HF_ENDPOINT=hub)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip(), "model_index.json").is_file()
    assert "100%" in done.stderr, "progress was shown"
    assert "http" not in done.stderr, "and no address, which may hold secrets"
    pins = tomllib.loads((ours / "models" / "models.lock.toml").read_text())
    assert pins == {"ours": {"source": "ours/tiny", "commit": COMMIT}}
    assert " yes " in row(kinogram(ours, "models").stdout, "ours")
    asked = repositories.asked
    words = ("render", "a cat", "--model", "ours", "--seconds", "1", "-o", "clip.mp4")
    done = kinogram(ours, *words, HF_ENDPOINT=hub)
    assert done.returncode == 0, done.stderr
    assert (ours / "clip.mp4").stat().st_size > 0
    assert repositories.asked == asked


def test_a_model_that_cannot_be_pulled_is_told_in_one_sentence(
    ours: Path, hub: str, repositories: Repositories
) -> None:
    shutil.rmtree(repositories.folders["ours/tiny"] / "vae")
    done = kinogram(ours, "models", "pull", "ours", HF_ENDPOINT=hub)
    assert done.returncode == 2
    assert "kinogram: model_index.json names vae, which is not there." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (ours / "models" / "models.lock.toml").exists()
    done = kinogram(ours, "models", "pull", "sora")
    assert done.returncode == 2
    assert 'There is no model "sora"' in done.stderr


def test_a_disk_that_fills_up_meanwhile_is_told_in_one_sentence_and_leaves_no_model(
    ours: Path, hub: str
) -> None:
    # The shell limits files to 16 blocks of 1024 bytes, as a full disk would.
    words = ("bash", "-c", 'ulimit -f 16; exec "$0" "$@"', *COMMAND, "models", "pull", "ours")
    done = kinogram(ours, command=words, HF_ENDPOINT=hub)
    assert done.returncode == 2
    assert "ours/tiny cannot be downloaded: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (ours / "models" / "models.lock.toml").exists()
    assert " no " in row(kinogram(ours, "models").stdout, "ours")
    assert kinogram(ours, "models", "pull", "ours", HF_ENDPOINT=hub).returncode == 0


def test_what_cannot_be_pulled_by_an_admins_mistake_is_told_too(ours: Path) -> None:
    (ours / "models" / "models.lock.toml").write_text("[ours")
    done = kinogram(ours, "models")
    assert done.returncode == 2
    assert "models.lock.toml is no TOML" in done.stderr
    assert "Traceback" not in done.stderr
    # Told before anything is downloaded.
    done = kinogram(ours, "models", "pull", "ours", HF_ENDPOINT="http://127.0.0.1:9")
    assert "models.lock.toml is no TOML" in done.stderr
