"""Videos, photos and documents: kept in the sandbox's folder, named as Telegram names them."""

import io
import secrets
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from bot.sandbox.errors import bad_request
from bot.sandbox.limits import DOWNLOAD_BYTES, PHOTO_BYTES
from bot.sandbox.parameters import Upload
from bot.sandbox.state import State

_LONGEST_PHOTO_SIDE = 1280


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file to keep.

    kind: "video", "photo" or "document". width, height in pixels; duration in seconds.
    """

    kind: str
    content: bytes = field(repr=False)
    mime_type: str
    width: int = 0
    height: int = 0
    duration: int = 0
    name: str = ""
    supports_streaming: bool = False


def add(state: State, file: NewFile) -> str:
    """Keep a file; its file_unique_id. Inside a transaction. Raises: BotApiError, when empty."""
    if not file.content:
        raise bad_request("file must be non-empty")
    path = state.add_file(file.content)
    unique_id = "AgAD" + secrets.token_urlsafe(8)
    number = state.value("SELECT count(*) FROM files")
    prefix, suffix = {
        "video": ("BAACAgQAA", "mp4"),
        "photo": ("AgACAgQAA", "jpg"),
        "document": ("BQACAgQAA", "file"),
    }[file.kind]
    state.write(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        unique_id,
        f"{prefix}{secrets.token_urlsafe(36)}",
        file.kind,
        f"{file.kind}s/file_{number}.{suffix}",
        file.mime_type,
        len(file.content),
        file.width,
        file.height,
        file.duration,
        file.name,
        path.name,
        file.supports_streaming,
    )
    return unique_id


def photo(upload: Upload) -> NewFile:
    """The photo as Telegram keeps it: a JPEG of at most 1280 pixels a side.

    Raises: BotApiError, when it is no picture, or too large, or too narrow.
    """
    if len(upload.content) > PHOTO_BYTES:
        raise bad_request("file is too big")
    if not upload.content:
        raise bad_request("file must be non-empty")
    try:
        with Image.open(io.BytesIO(upload.content)) as picture:
            width, height = picture.size
            if width + height > 10_000 or max(width, height) > 20 * min(width, height):
                raise bad_request("PHOTO_INVALID_DIMENSIONS")
            small = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    small.thumbnail((_LONGEST_PHOTO_SIDE, _LONGEST_PHOTO_SIDE))
    jpeg = io.BytesIO()
    small.save(jpeg, "JPEG", quality=87)
    return NewFile(
        kind="photo",
        content=jpeg.getvalue(),
        mime_type="image/jpeg",
        width=small.width,
        height=small.height,
    )


def document(upload: Upload) -> NewFile:
    """A file as it is, as Telegram keeps one that is sent as a file."""
    return NewFile(
        kind="document",
        content=upload.content,
        mime_type=upload.content_type,
        name=upload.name,
    )


def by_file_id(state: State, file_id: str, kind: str) -> str:
    """The file_unique_id behind a file_id. Raises: BotApiError, unless it is of that kind."""
    row = state.row("SELECT file_unique_id, kind FROM files WHERE file_id = ?", file_id)
    if row is None:
        if file_id.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        raise bad_request("wrong file identifier/HTTP URL specified")
    if row["kind"] != kind:
        found, wanted = row["kind"].capitalize(), kind.capitalize()
        raise bad_request(f"can't use file of type {found} as {wanted}")
    return str(row["file_unique_id"])


def file_json(state: State, file_id: str) -> dict[str, Any]:
    """Telegram's File object. Raises: BotApiError, when unknown, or over 20 MB."""
    row = state.row("SELECT * FROM files WHERE file_id = ?", file_id)
    if row is None:
        raise bad_request("invalid file_id")
    if row["file_size"] > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**_identity(row), "file_path": row["path"]}


def bot_form(state: State, unique_id: str) -> dict[str, Any]:
    """The `video`, `photo` or `document` field of Telegram's Message object."""
    row = _row(state, unique_id)
    if row["kind"] == "document":
        about = {"file_name": row["file_name"], "mime_type": row["mime_type"]}
        return {"document": {**_identity(row), **about}}
    sizes = {**_identity(row), "width": row["width"], "height": row["height"]}
    if row["kind"] == "photo":
        return {"photo": [sizes]}
    video = {**sizes, "duration": row["duration"], "mime_type": row["mime_type"]}
    if row["file_name"]:
        video["file_name"] = row["file_name"]
    return {"video": video}


def page_form(state: State, unique_id: str) -> dict[str, Any]:
    """The `video`, `photo` or `document` field of the page API's MESSAGE."""
    row = _row(state, unique_id)
    shown = {
        name: row[name] for name in ("file_unique_id", "width", "height", "mime_type", "file_size")
    }
    if row["kind"] == "document":
        shown["file_name"] = row["file_name"]
    if row["kind"] == "video":
        shown["duration"] = row["duration"]
        shown["supports_streaming"] = bool(row["supports_streaming"])
    return {row["kind"]: {**shown, "url": f"/sandbox/file/{unique_id}"}}


def content_of(state: State, unique_id: str) -> tuple[Path, str] | None:
    """Where the file lies, and its MIME type; None when there is none of that id."""
    row = state.row("SELECT stored_as, mime_type FROM files WHERE file_unique_id = ?", unique_id)
    return None if row is None else (state.files_folder / row["stored_as"], row["mime_type"])


def download_of(state: State, file_path: str) -> tuple[Path, str] | None:
    """The same for a `file_path` that getFile named; None above Telegram's 20 MB."""
    statement = "SELECT file_unique_id FROM files WHERE path = ? AND file_size <= ?"
    unique_id = state.value(statement, file_path, DOWNLOAD_BYTES)
    return None if unique_id is None else content_of(state, unique_id)


def _row(state: State, unique_id: str) -> sqlite3.Row:
    row = state.row("SELECT * FROM files WHERE file_unique_id = ?", unique_id)
    if row is None:
        raise LookupError(unique_id)
    return row


def _identity(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in ("file_id", "file_unique_id", "file_size")}
