import subprocess
import sys
from pathlib import Path

import pytest

from bot.data_folder import DataFolderError, only_process_in, people_key, probe_disk

TRY_TO_ENTER = (
    "import sys; from pathlib import Path; from bot.data_folder import only_process_in\n"
    "with only_process_in(Path(sys.argv[1])): print('entered')"
)


def enter(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", TRY_TO_ENTER, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_second_process_is_kept_out_until_the_first_leaves(tmp_path: Path) -> None:
    with only_process_in(tmp_path):
        refused = enter(tmp_path)
        assert refused.returncode == 1
        assert "in use by another Kinogram" in refused.stderr
    assert enter(tmp_path).stdout == "entered\n"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DataFolderError, match="KINOGRAM_DATA_DIR"),
        only_process_in(tmp_path / "file" / "data"),
    ):
        pass


def test_a_disk_that_takes_no_data_is_noticed(tmp_path: Path) -> None:
    probe_disk(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="No such file"):
        probe_disk(tmp_path / "gone")


def test_the_key_is_made_once_and_is_readable_by_its_user_alone(tmp_path: Path) -> None:
    key = people_key(tmp_path)
    assert len(key) == 32
    assert people_key(tmp_path) == key
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_each_folder_has_a_key_of_its_own(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    assert people_key(tmp_path / "a") != people_key(tmp_path / "b")


@pytest.mark.parametrize("content", [b"", b"x" * 31])
def test_a_damaged_key_stops_the_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "people.key").write_bytes(content)
    with pytest.raises(DataFolderError, match="damaged"):
        people_key(tmp_path)
