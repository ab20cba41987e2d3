import errno
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clips_folder import ClipsFolder


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process may grow past 1,000 bytes, as on a disk with that much left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "clips").iterdir())


def test_a_saved_clip_is_read_back(tmp_path: Path) -> None:
    clips = ClipsFolder(tmp_path)
    path = clips.save(3, 1, b"mp4")
    assert path == "clips/3.1.mp4"
    assert clips.read(path) == b"mp4"
    assert files(tmp_path) == ["3.1.mp4"]


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    clips = ClipsFolder(tmp_path)
    with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        clips.save(3, 1, bytes(5000))
    assert files(tmp_path) == []


def test_sweep_removes_what_a_crash_left_and_nothing_else(tmp_path: Path) -> None:
    clips = ClipsFolder(tmp_path)
    kept = clips.save(1, 1, b"kept")
    clips.save(1, 2, b"forgotten")
    (tmp_path / "clips" / "x.part").write_bytes(b"half")
    (tmp_path / "clips" / "notes.txt").write_bytes(b"the operator's")
    assert clips.sweep(frozenset({kept})) == 2
    assert files(tmp_path) == ["1.1.mp4", "notes.txt"]
