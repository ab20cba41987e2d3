"""The commits of models that were pulled, in a file: later starts use exactly those."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from inference.entry import ModelEntry
from inference.repository import COMMIT
from inference.toml_values import NoTomlError, read_table, shown, shown_key
from inference.values import ModelUnavailable
from inference.weights import Pulled

FILE = "models.lock.toml"
_HEAD = "# Written by `kinogram models pull`: starts use these commits, without asking the hub.\n"


def read(path: Path) -> dict[str, dict[str, str]]:
    """What was pinned, by model; nothing where there is no such file.

    Raises: ModelUnavailable, when it is none of ours.
    """
    try:
        found = read_table(path)
    except FileNotFoundError:
        return {}
    except NoTomlError as error:
        raise ModelUnavailable(f"{path} {error}.") from None
    for name, pin in found.items():
        if not isinstance(pin, dict) or not all(isinstance(value, str) for value in pin.values()):
            raise ModelUnavailable(f"{path}: {shown_key(name)} must be a table of texts.")
        for key in ("commit", "few_step_commit"):
            if key in pin and not COMMIT.fullmatch(pin[key]):
                raise ModelUnavailable(
                    f"{path}: {shown_key(name)}.{key} must be a commit, not {shown(pin[key])}."
                )
    return found


def write(path: Path, entry: ModelEntry, pulled: Pulled) -> None:
    """Pin what was pulled; a kill leaves the file as it was or as it shall be.

    Whoever pins another model meanwhile waits.
    Raises: ModelUnavailable, when the file cannot be read or written.
    """
    from filelock import FileLock

    pin = {"source": entry.source, "commit": pulled.commit}
    if entry.few_step and pulled.few_step_commit:
        pin |= {"few_step": entry.few_step.repository, "few_step_commit": pulled.few_step_commit}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            beside = path.with_suffix(".new")
            beside.write_text(_written(read(path) | {entry.name: pin}), encoding="utf-8")
            beside.replace(path)
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be written: {error.strerror}.") from error


def _written(every: Mapping[str, Mapping[str, str]]) -> str:
    text = _HEAD
    for name, values in sorted(every.items()):
        text += f"\n[{json.dumps(name)}]\n"
        text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items() if value)
    return text


def pinned(entry: ModelEntry, path: Path) -> ModelEntry:
    """The entry at the commits that were pulled, as far as they are of the same repositories.

    Raises: ModelUnavailable, as read().
    """
    pin = read(path).get(entry.name, {})
    if pin.get("source") == entry.source and "commit" in pin:
        entry = replace(entry, revision=pin["commit"])
    few = entry.few_step
    if few and pin.get("few_step") == few.repository and "few_step_commit" in pin:
        entry = replace(entry, few_step=replace(few, revision=pin["few_step_commit"]))
    return entry
