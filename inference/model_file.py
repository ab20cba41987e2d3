"""A model.toml, read and checked key by key (standard library only).

The folder's name is the model's. Every fault is told in one sentence that names file and key.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from inference.entry import GIVEN, SCHEDULES, FewStep, ModelEntry
from inference.quality import ATTENTIONS, Measured
from inference.toml_values import (
    WEIGHTS_FILE,
    Check,
    NoTomlError,
    WrongValueError,
    any_text,
    files,
    flag,
    matching,
    number,
    one_of,
    options,
    own_modules,
    read_table,
    shapes,
    shown,
    shown_key,
    text,
    texts,
    whole,
)
from inference.values import ModelUnavailable

FILE = "model.toml"
# Short enough for a button's data, beside the longest user id.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,35}[a-z0-9])?")
# The diffusers classes that pipeline.py drives, each with the one that also takes a first frame
# over the same components; "" where there is none.
PIPELINES: Mapping[str, str] = {
    "CogVideoXPipeline": "",
    "HunyuanVideo15Pipeline": "",
    "LTX2Pipeline": "LTX2ImageToVideoPipeline",
    "LTXConditionPipeline": "LTXConditionPipeline",
    "LTXPipeline": "LTXConditionPipeline",
    "WanPipeline": "WanImageToVideoPipeline",
}
SOUND_PIPELINES = frozenset({"LTX2Pipeline"})
DTYPES = ("bfloat16", "float16", "float32")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def read(path: Path, *, shipped: bool = False) -> ModelEntry:
    """The entry that the file holds.

    shipped: whether it is one of this package's, whose source may be a folder inside it.
    Raises: ModelUnavailable, with one sentence that names the file and the key.
    """
    name = path.parent.name
    try:
        if not NAME.fullmatch(name):
            raise WrongValueError(
                f"its folder's name {shown(name)} must be at most 37 small letters, digits, '.', "
                "'_' and '-'"
            )
        values = _checked(read_table(path), _KEYS, ModelEntry)
        values.setdefault("title", name)
        if isinstance(values.get("few_step"), dict):
            values["few_step"] = FewStep(**values["few_step"])
        values["measured"] = {
            device: Measured(**row) for device, row in values.get("measured", {}).items()
        }
        values.setdefault("default_aspect_ratio", next(iter(values["shapes"])))
        values.setdefault("decoder_dtype", values.get("dtype", "bfloat16"))
        entry = ModelEntry(name=name, **values)
        _check_whole(entry, shipped=shipped)
        _check_weights_file(entry, path.parent)
    except FileNotFoundError as error:
        raise ModelUnavailable(f"{path} cannot be read: {error.strerror}.") from None
    except NoTomlError as error:
        raise ModelUnavailable(f"{path} {error}.") from None
    except WrongValueError as error:
        raise ModelUnavailable(f"{path}: {error}.") from None
    return entry


def _checked(
    table: Mapping[str, Any], keys: Mapping[str, Check], kind: Any, inside: str = ""
) -> dict[str, Any]:
    """The table's values, each as its key wants it. inside: what to write before a key."""
    for key in table:
        if key not in keys:
            raise WrongValueError(
                f"{inside}{shown_key(key)} is no key here; there are {', '.join(keys)}"
            )
    for field in fields(kind):
        optional = {"name", "title", "default_aspect_ratio"}
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name not in {*table, *optional}:
            raise WrongValueError(f"{inside}{field.name} is missing")
    found = {}
    for key, value in table.items():
        try:
            found[key] = keys[key](value)
        except WrongValueError as error:
            within = str(error).startswith(f"{inside}{key}.")  # a table's key, named in full
            raise WrongValueError(f"{'' if within else f'{inside}{key} '}{error}") from None
    return found


def _check_whole(entry: ModelEntry, *, shipped: bool) -> None:
    """Return only when the values fit each other."""
    if entry.default_aspect_ratio not in entry.shapes:
        raise WrongValueError(f"default_aspect_ratio must be one of {', '.join(entry.shapes)}")
    for ratio, sides in entry.shapes.items():
        for side in sides:
            if side % entry.pixel_step:
                raise WrongValueError(
                    f"shapes {ratio!r}: {side} is not divisible by pixel_step = {entry.pixel_step}"
                )
    if entry.picture_pipeline not in {"", PIPELINES[entry.pipeline]}:
        raise WrongValueError(f"picture_pipeline does not go with pipeline = {entry.pipeline!r}")
    if entry.makes_sound and entry.pipeline not in SOUND_PIPELINES:
        raise WrongValueError(f"makes_sound is nothing that pipeline = {entry.pipeline!r} can do")
    if entry.ends_on_picture and entry.picture_pipeline != "LTXConditionPipeline":
        raise WrongValueError("ends_on_picture needs picture_pipeline = 'LTXConditionPipeline'")
    _check_frames(entry)
    on_the_hub = "/" in entry.source
    if entry.revision and not on_the_hub:
        raise WrongValueError("revision needs a source on the hub, as owner/repository")
    if not shipped and entry.source and not on_the_hub:
        raise WrongValueError(
            "source must be owner/repository of the hub; leave it out for weights beside this file"
        )


def _check_weights_file(entry: ModelEntry, folder: Path) -> None:
    if not entry.weights_file:
        return
    if "/" not in entry.source:
        raise WrongValueError("weights_file needs a source on the hub, as owner/repository")
    if not (folder / "config" / "model_index.json").is_file():
        raise WrongValueError(
            "weights_file needs config/ beside this file: model_index.json, and a folder with the "
            "configuration of each component"
        )


def _check_frames(entry: ModelEntry) -> None:
    for key in ("fewest_frames", "most_frames"):
        frames = getattr(entry, key)
        if (frames - 1) % entry.frame_step:
            raise WrongValueError(
                f"{key} = {frames} must be 1 + a multiple of frame_step = {entry.frame_step}"
            )
    if entry.fewest_frames > entry.most_frames:
        raise WrongValueError(
            f"fewest_frames = {entry.fewest_frames} is more than most_frames = {entry.most_frames}"
        )


def _options(value: Any) -> dict[str, Any]:
    found = options(value)
    for name, one in found.items():
        if name in GIVEN:
            raise WrongValueError(f"{name} is given by each prompt, or by a key of its own")
        if name in SCHEDULES and not isinstance(one, list):
            raise WrongValueError(f"{name} must be a list of numbers")
    return found


_STEPS = whole(1, 100)
_GUIDANCE = number(0.0, 50.0)
_COMMIT_KEY = matching(_COMMIT, "a commit of 40 hexadecimal digits")
_REPOSITORY_KEY = matching(_REPOSITORY, "owner/repository")
_FEW_STEP_KEYS: Mapping[str, Check] = {
    "repository": _REPOSITORY_KEY,
    "revision": _COMMIT_KEY,
    "files": files,
    "steps": _STEPS,
    "guidance_scale": _GUIDANCE,
    "options": _options,
    "scheduler": options,
    "cites": texts,
}


def _few_step(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongValueError("must be a table")
    return _checked(value, _FEW_STEP_KEYS, FewStep, "few_step.")


_MEASURED_KEYS: Mapping[str, Check] = {
    "how": text,
    "attention": one_of(("", *ATTENTIONS)),
    "compiled": flag,
}


def _measured(value: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(row, dict) for row in value.values()):
        raise WrongValueError("must be a table of tables, each by a part of a device's name")
    return {
        device: _checked(row, _MEASURED_KEYS, Measured, f"measured.{shown_key(device)}.")
        for device, row in value.items()
    }


_KEYS: Mapping[str, Check] = {
    "title": text,
    "source": matching(re.compile(rf"builtin|{_REPOSITORY.pattern}"), "owner/repository"),
    "revision": _COMMIT_KEY,
    "licence": text,
    "pipeline": one_of(tuple(PIPELINES)),
    "picture_pipeline": one_of(tuple(sorted({*PIPELINES.values()} - {""}))),
    "default_aspect_ratio": text,
    "frames_per_second": whole(1, 120),
    "pixel_step": whole(2, 256),
    "frame_step": whole(1, 256),
    "fewest_frames": whole(1, 10_000),
    "most_frames": whole(1, 10_000),
    "steps": _STEPS,
    "guidance_scale": _GUIDANCE,
    "negative_prompt": any_text,
    "variant": matching(re.compile(r"[a-z0-9_]+"), "a word such as bf16"),
    "weights_file": WEIGHTS_FILE,
    "makes_sound": flag,
    "dtype": one_of(DTYPES),
    "decoder_dtype": one_of(DTYPES),
    "gpus": whole(0, 64),
    "cpus": whole(1, 1024),
    "memory_gib": number(0.1, 10_000.0),
    "closed_vocabulary": flag,
    "ends_on_picture": flag,
    "modules": own_modules,
    "replaces": flag,
    "cites": texts,
    "shapes": shapes,
    "options": _options,
    "few_step": _few_step,
    "measured": _measured,
}
