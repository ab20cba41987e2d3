"""Everything the sandbox remembers, in one SQLite file of its own folder."""

import asyncio
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    chat_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    sender_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    PRIMARY KEY (chat_id, message_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS updates (
    update_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    made_at REAL NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0,
    again INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS updates_pending ON updates (update_id) WHERE confirmed = 0 OR again = 1;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS files (
    file_unique_id TEXT PRIMARY KEY,
    file_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('video', 'photo', 'document')),
    path TEXT NOT NULL UNIQUE,
    mime_type TEXT NOT NULL,
    file_size INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    stored_as TEXT NOT NULL,
    supports_streaming INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commands (
    scope TEXT NOT NULL,
    language_code TEXT NOT NULL,
    commands TEXT NOT NULL,
    PRIMARY KEY (scope, language_code)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS queries (
    query_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('callback', 'inline')),
    asked_at REAL NOT NULL,
    answer TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inline_queries (
    query_id TEXT PRIMARY KEY,
    person INTEGER NOT NULL,
    query TEXT NOT NULL,
    offset_ TEXT NOT NULL,
    is_personal INTEGER NOT NULL,
    fresh_until REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inline_queries_fresh ON inline_queries (query, offset_, fresh_until);
CREATE TABLE IF NOT EXISTS calls (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    method TEXT NOT NULL,
    chat_id INTEGER,
    message_id INTEGER,
    ok INTEGER NOT NULL,
    error TEXT
);
"""


class Signal:
    """Wakes everybody who waits for a change."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def wake(self) -> None:
        """Let all who wait now go on."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, seconds: float) -> bool:
        """True at the next wake, False after that many seconds without one."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            # Not wait_for: on Python 3.11 it can swallow a cancellation that comes with the wake.
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await waiter
                    return True
            return False
        finally:
            self._waiters.discard(waiter)


class State:
    """The open SQLite file, the clock, and the signals that say that something changed.

    Used from one event loop only. A write is visible to others once `transaction` has ended,
    and then survives the process: answers are sent after that.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.files_folder = folder / "files"
        self.files_folder.mkdir(exist_ok=True)
        self.clock = clock
        self.closing = False
        self.changed = Signal()
        self._new_files: list[Path] = []
        self._database = _open_alone(folder / "sandbox.db")

    def close(self) -> None:
        """End long polls and event streams, and close the file."""
        self.stop()
        self._database.close()

    def stop(self) -> None:
        """Let everybody who waits see that the sandbox is closing."""
        self.closing = True
        self.changed.wake()

    async def rest(self, seconds: float) -> None:
        """Wait that long, or until the sandbox closes."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not self.closing and loop.time() < until:
            await self.changed.wait(until - loop.time())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together, or none; files added inside likewise."""
        self._database.execute("BEGIN IMMEDIATE")
        self._new_files.clear()
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            for path in self._new_files:
                path.unlink(missing_ok=True)
            raise
        self.changed.wake()

    def write(self, statement: str, *values: Any) -> int:
        """Run a statement; the number of rows it changed."""
        return self._database.execute(statement, values).rowcount

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self._database.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, if any."""
        row: sqlite3.Row | None = self._database.execute(statement, values).fetchone()
        return row

    def value(self, statement: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement, *values)
        return None if row is None else row[0]

    def setting(self, name: str, default: Any = None) -> Any:
        """A remembered JSON value."""
        value = self.value("SELECT value FROM settings WHERE name = ?", name)
        return default if value is None else json.loads(value)

    def set_setting(self, name: str, value: Any) -> None:
        """Remember a JSON value."""
        self.write(
            "INSERT INTO settings VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            json.dumps(value),
        )

    def add_file(self, content: bytes) -> Path:
        """A new file with that content; gone again if the transaction fails."""
        path = self.files_folder / secrets.token_hex(16)
        self._new_files.append(path)
        path.write_bytes(content)
        return path


def _open_alone(path: Path) -> sqlite3.Connection:
    """The file with its tables, kept from other processes. Raises: OSError, when one has it."""
    database = sqlite3.connect(path, isolation_level=None, timeout=1.0)
    database.row_factory = sqlite3.Row
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing under NORMAL; a power cut may, and that is no matter here.
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA)
    except sqlite3.OperationalError as error:
        database.close()
        if "locked" in str(error):
            raise OSError(f"another sandbox uses the folder {path.parent}") from None
        raise OSError(f"{path} cannot be opened: {error}") from None
    return database


def read_or_make_token(folder: Path, bot_id: int) -> str:
    """The bot's token, from the folder's token file (mode 0600, made when there is none)."""
    path = folder / "token"
    if path.exists():
        return path.read_text().strip()
    token = f"{bot_id}:{secrets.token_urlsafe(26)}"
    write_token(folder, token)
    return token


def write_token(folder: Path, token: str) -> None:
    """Put the token where only this user can read it.

    Raises: ValueError, when it is not of the form that BotFather gives.
    """
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{20,}", token):
        raise ValueError("a token has the form 123456:ABC..., with 20 characters or more")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"token.{secrets.token_hex(4)}"
    draft.touch(mode=0o600)
    draft.write_text(token + "\n")
    draft.rename(folder / "token")
