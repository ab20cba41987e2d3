import subprocess
import sys
from pathlib import Path

import pytest

from bot.data_folder import DataFolderError, only_process_in, probe_disk

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
