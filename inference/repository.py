"""One commit of a repository of the Hugging Face hub: fetched as far as it is needed, and checked.

Only files that hold numbers and settings are ever asked for: safetensors, configurations,
tokenizers. The files lie in the hub's own cache (HF_HOME), where other programs find them too.
"""

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.values import ModelUnavailable

COMMIT = re.compile(r"[0-9a-f]{40}")
# Of these a pipeline is made; what else lies in its folders is never asked for.
_SETTINGS = (".json", ".txt", ".model", ".jinja")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack")
# As diffusers and transformers name them: a.bf16.safetensors, a.bf16-00001-of-00002.safetensors,
# a-00001-of-00002.bf16.safetensors, a.safetensors.index.bf16.json.
_VARIANT = re.compile(
    r"\.([a-z]\w*)(-\d{5}-of-\d{5})?\.safetensors$|\.safetensors\.index\.(\w+)\.json$"
)
Files = Mapping[str, Any]  # of the hub's RepoFile, by path
log = logging.getLogger(__name__)
Choose = Callable[[Mapping[str, Any], Files], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Where repositories come from, and where they are kept.

    endpoint: None for HF_ENDPOINT, or the hub itself. cache: None for HF_HOME's.
    """

    endpoint: str | None = None
    cache: Path | None = None

    def folder(self) -> Path:
        """Where repositories are kept."""
        from huggingface_hub import constants

        return self.cache or Path(constants.HF_HUB_CACHE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A commit on this machine. folder: its files, as in the repository."""

    commit: str
    folder: Path


def fetch(source: str, revision: str, files: Choose | tuple[str, ...], hub: Hub) -> Fetched:
    """A repository's files on this machine, downloaded where they are not there, and checked.

    revision: a commit; "" for the latest. files: paths, or what chooses them by the repository's
    model_index.json and its list of files. Whoever else on this machine, or on the same shared
    folder, asks for the same meanwhile waits, and downloads nothing.
    Raises: ModelUnavailable, with a sentence. What was downloaded stays for the next time, except
    for files that are not what the hub says.
    """
    with _alone(source, hub), _told(source, revision, hub):
        from huggingface_hub import HfApi, hf_hub_download, snapshot_download
        from huggingface_hub.hf_api import RepoFile

        api = HfApi(endpoint=hub.endpoint)
        commit = revision or str(api.model_info(source).sha)
        listed = api.list_repo_tree(source, recursive=True, revision=commit)
        there = {file.path: file for file in listed if isinstance(file, RepoFile)}
        where: dict[str, Any] = {"revision": commit, "cache_dir": hub.folder()}
        if callable(files):
            if "model_index.json" not in there:
                raise ModelUnavailable(f"{source} holds no pipeline of diffusers.")
            index = hf_hub_download(source, "model_index.json", endpoint=hub.endpoint, **where)
            files = tuple(files(json.loads(Path(index).read_bytes()), there))
        if missing := [path for path in files if path not in there]:
            raise ModelUnavailable(f"{source} has no {missing[0]} at {commit[:8]}.")
        _check_room(source, [there[path] for path in files], hub)
        folder = snapshot_download(
            source, allow_patterns=list(files), endpoint=hub.endpoint, **where
        )
        for path in files:
            _check(Path(folder, path), there[path], source)
        _note_checked(source, commit, [there[path] for path in files], hub)
        return Fetched(commit=commit, folder=Path(folder))


def found(source: str, commit: str, files: Choose | tuple[str, ...], hub: Hub) -> Path | None:
    """The folder of a commit whose files were fetched and are all there; None otherwise.

    Asks no network. The content of weights is not read again, but for what their headers say of
    their size.
    """
    folder = _storage(source, hub) / "snapshots" / commit
    try:
        checked = _checked(source, commit, hub)
        if callable(files):
            files = tuple(files(json.loads((folder / "model_index.json").read_bytes()), checked))
    except (OSError, ValueError, ModelUnavailable):
        return None
    return folder if all(_is_as_checked(folder, path, checked) for path in files) else None


def _is_as_checked(folder: Path, path: str, checked: Mapping[str, int]) -> bool:
    file = folder / path
    return (
        path in checked
        and file.is_file()
        and file.stat().st_size == checked[path]
        and (not path.endswith(".safetensors") or is_whole(file))
    )


def _checked(source: str, commit: str, hub: Hub) -> dict[str, int]:
    """Size by path of the files that were compared with what the hub said of them."""
    note = _note(source, commit, hub)
    return dict(json.loads(note.read_bytes())) if note.exists() else {}


def _note_checked(source: str, commit: str, files: list[Any], hub: Hub) -> None:
    note = _note(source, commit, hub)
    checked = _checked(source, commit, hub) | {file.path: file.size for file in files}
    beside = note.with_suffix(".new")
    beside.write_text(json.dumps(checked, indent=1))
    beside.replace(note)


def _note(source: str, commit: str, hub: Hub) -> Path:
    return _storage(source, hub) / f"kinogram-{commit}.json"


def _storage(source: str, hub: Hub) -> Path:
    return hub.folder() / f"models--{source.replace('/', '--')}"


def choose(variant: str, weights_file: str = "") -> Choose:
    """What a pipeline is made of: its index, and each component's settings and safetensors.

    variant: of weights that come in several, "" for the plain ones. weights_file: in place of the
    folders of all that diffusers names, "" for none.
    """

    def chosen(index: Mapping[str, Any], there: Files) -> list[str]:
        files = ["model_index.json", *([weights_file] if weights_file else [])]
        for name, kind in index.items():
            if name.startswith("_") or not isinstance(kind, list) or not kind[0]:
                continue
            if weights_file and kind[0] == "diffusers":
                continue
            inside = [path for path in there if path.startswith(f"{name}/")]
            if not inside:
                raise ModelUnavailable(f"model_index.json names {name}, which is not there.")
            settings = [
                path for path in inside if path.endswith(_SETTINGS) and ".safetensors." not in path
            ]
            files += settings + _weights(name, inside, variant)
        return files

    return chosen


def _weights(name: str, inside: list[str], variant: str) -> list[str]:
    tensors = [path for path in inside if ".safetensors" in path]
    of: dict[str, list[str]] = {}
    for path in tensors:
        found = _VARIANT.search(Path(path).name)
        of.setdefault((found[1] or found[3]) if found else "", []).append(path)
    wanted = of.get(variant) or of.get("")
    if wanted:
        return wanted
    if tensors:
        known = ", ".join(sorted(of))
        raise ModelUnavailable(f"{name} has weights of the variants {known} alone.")
    if pickles := [path for path in inside if path.endswith(_PICKLES)]:
        raise ModelUnavailable(
            f"{pickles[0]} is no safetensors file; others can hold code, and are never loaded."
        )
    return []


def is_whole(path: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= 100_000_000:  # as safetensors itself allows
                return False
            header = json.loads(file.read(length))
        ends = [one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"]
        return path.stat().st_size == 8 + length + max(ends, default=0)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return False


def _check(path: Path, file: Any, source: str) -> None:
    """Return when a file is what the hub says; remove it and raise otherwise."""
    blob = path.resolve()
    wrong = ""
    if blob.stat().st_size != file.size:
        wrong = f"it has {blob.stat().st_size} bytes, not {file.size}"
    elif _digest(blob, file) != (file.lfs.sha256 if file.lfs else file.blob_id):
        wrong = "its hash is another"
    elif path.suffix == ".safetensors" and not is_whole(blob):
        wrong = "its header is broken"
    if wrong:
        path.unlink()
        blob.unlink(missing_ok=True)
        raise ModelUnavailable(
            f"{path.name} of {source} is not what the hub says: {wrong}. It was removed; try again."
        )


def _digest(path: Path, file: Any) -> str:
    """As the hub gives it: SHA-256 of large files, git's name of the others."""
    if file.lfs:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _check_room(source: str, files: list[Any], hub: Hub) -> None:
    blobs = _storage(source, hub) / "blobs"
    names = {file.lfs.sha256 if file.lfs else file.blob_id: file.size for file in files}
    needed = sum(size for name, size in names.items() if not (blobs / name).exists())
    hub.folder().mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(hub.folder()).free
    if needed > free:
        raise ModelUnavailable(
            f"{source} needs {needed / 1e9:.1f} GB more in {hub.folder()}, where {free / 1e9:.1f} "
            "GB are free; HF_HOME names another folder."
        )


@contextmanager
def _alone(source: str, hub: Hub) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        hub.folder().mkdir(parents=True, exist_ok=True)
        lock = FileLock(hub.folder() / f"kinogram-{source.replace('/', '--')}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            log.info("waiting for another process, which downloads %s", source)
            lock.acquire()
    except OSError as error:
        raise ModelUnavailable(
            f"{hub.folder()} cannot be written: {error.strerror}; HF_HOME names another folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _told(source: str, revision: str, hub: Hub) -> Iterator[None]:
    """Say in one sentence what the hub's client raises, which is errors of many kinds."""
    from huggingface_hub import constants
    from huggingface_hub.errors import (
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )
    from huggingface_hub.utils.logging import set_verbosity_error

    set_verbosity_error()  # It tells of every broken connection, with signed addresses.
    try:
        yield
    except ModelUnavailable:
        raise
    except GatedRepoError as error:
        raise ModelUnavailable(
            f"{source} is only for those who accepted its licence on the hub: do that, and set "
            "HF_TOKEN."
        ) from error
    except RevisionNotFoundError as error:
        raise ModelUnavailable(f"{source} has no commit {revision}.") from error
    except RepositoryNotFoundError as error:
        raise ModelUnavailable(f"The hub has no {source}, or it needs HF_TOKEN.") from error
    except Exception as error:
        said = str(getattr(error, "strerror", None) or error).strip() or type(error).__name__
        reason = re.sub(r"^\[Errno -?\d+\] ", "", said.splitlines()[0])
        if type(error).__name__ in {"ConnectError", "ConnectTimeout", "ProxyError"}:
            reason = f"{hub.endpoint or constants.ENDPOINT} cannot be reached ({reason})."
        raise ModelUnavailable(f"{source} cannot be downloaded: {reason}") from error
