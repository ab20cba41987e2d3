"""The data folder: one process at a time works in it, and it must take writes."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

PROBE_BYTES = 64 * 1024


class DataFolderError(Exception):
    """The data folder cannot be used; the text says why."""


@contextlib.contextmanager
def only_process_in(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system gives it back whatever becomes of this process.

    Raises: DataFolderError, when the folder cannot be made or another process holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        raise DataFolderError(
            f"KINOGRAM_DATA_DIR={str(folder)!r} cannot be used: {error.strerror}"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataFolderError(
                f"KINOGRAM_DATA_DIR={str(folder)!r} is in use by another Kinogram"
            ) from None
        yield


def probe_disk(folder: Path) -> None:
    """Write and sync a little. Raises: OSError, when the disk takes no data."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(PROBE_BYTES))
        file.flush()
        os.fsync(file.fileno())
