"""The clips on disk: written whole or not at all."""

import os
import re
import tempfile
from pathlib import Path

NAME = re.compile(r"(\d+\.\d+)(\.small)?\.mp4")


class ClipsFolder:
    """The folder `clips` in the data folder. A clip's path is relative to the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._folder = data_dir / "clips"
        self._folder.mkdir(parents=True, exist_ok=True)

    def save(self, job_id: int, attempt: int, mp4: bytes) -> str:
        """The relative path of the clip, which is on the disk when this returns.

        Raises: OSError, such as a full disk; nothing half-written is left then.
        """
        return self._write(self._folder / f"{job_id}.{attempt}.mp4", mp4)

    def save_smaller(self, path: str, mp4: bytes) -> str:
        """The same for a clip encoded smaller; it lies beside the whole one and goes with it."""
        return self._write(self._smaller(path), mp4)

    def smaller(self, path: str) -> tuple[str, int] | None:
        """Relative path and bytes of the clip encoded smaller, if there is one."""
        small = self._smaller(path)
        if not small.exists():
            return None
        return str(small.relative_to(self._data_dir)), small.stat().st_size

    def _smaller(self, path: str) -> Path:
        return (self._data_dir / path).with_suffix(".small.mp4")

    def _write(self, target: Path, mp4: bytes) -> str:
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(mp4)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
            self._sync_folder()
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        return str(target.relative_to(self._data_dir))

    def read(self, path: str) -> bytes:
        """The clip's mp4. Raises: OSError, when it is not there."""
        return (self._data_dir / path).read_bytes()

    def file(self, path: str) -> Path:
        """Where the clip's file is."""
        return self._data_dir / path

    def remove(self, path: str) -> None:
        """Delete a clip that nothing refers to."""
        (self._data_dir / path).unlink(missing_ok=True)
        self._smaller(path).unlink(missing_ok=True)

    def sweep(self, wanted: frozenset[str]) -> int:
        """Delete what a crash left: files that no `wanted` path names. Returns how many."""
        left = [file for file in self._folder.iterdir() if self._is_left(file, wanted)]
        for file in left:
            file.unlink(missing_ok=True)
        return len(left)

    def _is_left(self, file: Path, wanted: frozenset[str]) -> bool:
        name = NAME.fullmatch(file.name)
        if name is None:
            return file.suffix == ".part"
        whole = file.with_name(f"{name[1]}.mp4")
        return str(whole.relative_to(self._data_dir)) not in wanted

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
