"""The data folder: one process at a time works in it, it must take writes, and it holds a key."""

import contextlib
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

DATABASE_FILE = "kinogram.db"
SANDBOX_FOLDER = "sandbox"  # within it, what `serve --sandbox` uses instead
PROBE_BYTES = 64 * 1024
KEY_BYTES = 32


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


def people_key(folder: Path) -> bytes:
    """The key that hashes the ids of people who were forgotten, made at the first start.

    Only this user may read its file. Without it, credits and blocks of forgotten people are lost.
    Raises: DataFolderError.
    """
    path = folder / "people.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise DataFolderError(f"{path} cannot be used: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise DataFolderError(f"{path} is damaged: it has {len(key)} bytes, not {KEY_BYTES}")
    return key


def _write_key(path: Path) -> None:
    # Whole or not at all, whatever is killed when.
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # readable by this user alone (0600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # Two processes may be the first at once; one key stays.
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
