import subprocess
import sys
from pathlib import Path

from bot.clips_folder import ClipsFolder

# In a process of its own: pytest's own output must not meet the limit.
SAVE_ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from bot.clips_folder import ClipsFolder
clips = ClipsFolder(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    clips.save(3, 1, bytes(5000))
except OSError:
    sys.exit(7)
"""


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "clips").iterdir())


def test_a_saved_clip_is_read_back(tmp_path: Path) -> None:
    clips = ClipsFolder(tmp_path)
    path = clips.save(3, 1, b"mp4")
    assert path == "clips/3.1.mp4"
    assert clips.read(path) == b"mp4"
    assert files(tmp_path) == ["3.1.mp4"]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SAVE_ON_A_FULL_DISK, str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == 7
    assert files(tmp_path) == []


def test_sweep_removes_what_a_crash_left_and_nothing_else(tmp_path: Path) -> None:
    clips = ClipsFolder(tmp_path)
    kept = clips.save(1, 1, b"kept")
    clips.save(1, 2, b"forgotten")
    (tmp_path / "clips" / "x.part").write_bytes(b"half")
    (tmp_path / "clips" / "notes.txt").write_bytes(b"the operator's")
    assert clips.sweep(frozenset({kept})) == 2
    assert files(tmp_path) == ["1.1.mp4", "notes.txt"]
