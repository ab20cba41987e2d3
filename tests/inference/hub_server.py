"""A small Hugging Face hub on this machine: what its client asks of a repository."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

COMMIT = "c0ffee" * 6 + "c0de"
LARGE = (".safetensors", ".bin")


@dataclass
class Repositories:
    """Repositories by name, each a folder, and what shall go wrong.

    cut: paths whose first answers break off in the middle, and how many of them do. other_bytes:
    paths that arrive altered, though as long. other_sizes: what is said of a file's size.
    fetched: paths in the order they were asked for.
    """

    folders: dict[str, Path]
    cut: dict[str, int] = field(default_factory=dict)
    other_bytes: set[str] = field(default_factory=set)
    other_sizes: dict[str, int] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    asked: int = 0

    def tree(self, name: str) -> list[dict[str, Any]]:
        folder = self.folders[name]
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return [self._described(str(path.relative_to(folder)), path) for path in files]

    def _described(self, name: str, path: Path) -> dict[str, Any]:
        data = path.read_bytes()
        size = self.other_sizes.get(name, len(data))
        about: dict[str, Any] = {"type": "file", "path": name, "size": size, "oid": _git(data)}
        if name.endswith(LARGE):
            digest = hashlib.sha256(data).hexdigest()
            about["lfs"] = {"oid": digest, "size": size, "pointerSize": 134}
        return about


def _git(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    repositories: Repositories


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _has(self) -> Repositories:
        assert isinstance(self.server, _Server)
        return self.server.repositories

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        self._has.asked += 1
        parts = unquote(urlparse(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            name = "/".join(parts[2:4])
            if name not in self._has.folders:
                self._refuse("RepoNotFound")
            elif "tree" in parts:
                self._json(self._has.tree(name))
            else:
                self._json({"id": name, "modelId": name, "sha": COMMIT, "siblings": []})
            return
        name, path = "/".join(parts[:2]), "/".join(parts[4:])
        if len(parts) < 5:
            self._refuse("EntryNotFound")
            return
        if parts[3] not in {COMMIT, "main"}:
            self._refuse("RevisionNotFound")
            return
        self._file(path, self._has.folders[name] / path, body=body)

    def _refuse(self, code: str) -> None:
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _file(self, name: str, path: Path, *, body: bool) -> None:
        data = path.read_bytes()
        etag = hashlib.sha256(data).hexdigest() if name.endswith(LARGE) else _git(data)
        if name in self._has.other_bytes:
            data = bytes(byte ^ 1 for byte in data)
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        part = data[start:]
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if not body:
            return
        self._has.fetched.append(name)
        if self._has.cut.get(name, 0) > 0:
            self._has.cut[name] -= 1
            self.wfile.write(part[: len(part) // 2])
            self.wfile.flush()
            self.connection.shutdown(2)
            self.close_connection = True
            return
        self.wfile.write(part)


@contextmanager
def serving(repositories: Repositories) -> Iterator[str]:
    """The address of a hub that has these repositories."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.repositories = repositories
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
