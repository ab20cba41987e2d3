"""The clips on disk: written whole or not at all."""

import os
import re
import tempfile
from pathlib import Path

NAME = re.compile(r"(\d+)\.\d+\.mp4")


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
        target = self._folder / f"{job_id}.{attempt}.mp4"
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

    def sweep(self, wanted: frozenset[str]) -> int:
        """Delete what a crash left: files that no `wanted` path names. Returns how many."""
        left = [
            file
            for file in self._folder.iterdir()
            if file.suffix == ".part"
            or (NAME.fullmatch(file.name) and str(file.relative_to(self._data_dir)) not in wanted)
        ]
        for file in left:
            file.unlink(missing_ok=True)
        return len(left)

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
