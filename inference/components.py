"""A pipeline's models, loaded with every tensor in its place or not at all.

By themselves, transformers makes up random numbers for what a file lacks and diffusers leaves it
without any, and both only write that into their logs: such a model would make noise.
"""

import json
import re
import sys
from collections.abc import Container, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from inference.values import ModelUnavailable

_MOST_NAMED = 3
# diffusers' words for a tensor of another shape, before advice on how to train one.
_SHAPES = re.compile(r"because (\S+) expected shape \D*\[([\d, ]*)\]\), but got \D*\[([\d, ]*)\]")


def load(
    folder: Path,
    *,
    variant: str,
    dtypes: Mapping[str, Any],
    modules: tuple[str, ...],
    without: Container[str] = (),
) -> dict[str, Any]:
    """The models that model_index.json names, by their names there, in main memory.

    The module of the pipeline's class must have been imported before. What else belongs to a
    pipeline (tokenizers, schedulers) is left to diffusers.
    variant: of the weights; "" for the plain ones, which are taken too where there are no others.
    dtypes: torch dtype by component, and as "default". modules: the only ones that the index may
        name beside diffusers and transformers. without: names that are not loaded.
    Raises: ModelUnavailable, naming the tensors that are missing or of another shape; besides,
    whatever diffusers and transformers raise.
    """
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    found = {}
    for name, named in index.items():
        kind = _kind(named, modules)
        if kind is not None and name not in without:
            dtype = dtypes.get(name, dtypes["default"])
            found[name] = _whole(kind, folder / name, variant, dtype)
    return found


def _kind(named: Any, modules: tuple[str, ...]) -> Any:
    """The class of a model; None for anything else."""
    import diffusers
    import transformers

    if not isinstance(named, list) or len(named) != 2 or not all(named):
        return None
    home, name = named
    module = sys.modules.get(f"diffusers.pipelines.{home}")
    if module is None and home in {"diffusers", "transformers", *modules}:
        module = import_module(home)
    kind = getattr(module, name, None)
    models = (diffusers.ModelMixin, transformers.PreTrainedModel)
    return kind if isinstance(kind, type) and issubclass(kind, models) else None


def _whole(kind: Any, folder: Path, variant: str, dtype: Any) -> Any:
    import transformers

    has_variant = variant and any(folder.glob(f"*.{variant}[.-]*"))
    wanted: dict[str, Any] = {"variant": variant} if has_variant else {}
    if issubclass(kind, transformers.PreTrainedModel):
        wanted["ignore_mismatched_sizes"] = True  # It tells them only so.
    try:
        model, told = kind.from_pretrained(
            folder,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            **wanted,
        )
    except ValueError as error:
        if shapes := _SHAPES.search(str(error)):
            raise of_another(folder, [shapes.group(1, 3, 2)]) from error
        raise
    # Neither says of what is tied to another tensor that it is missing.
    if missing := sorted(told["missing_keys"]):
        raise lacking(folder, missing)
    if mismatched := told["mismatched_keys"]:
        raise of_another(folder, sorted(mismatched))
    return model


def lacking(where: Path, tensors: list[str]) -> ModelUnavailable:
    """The error for weights that are not all there. tensors: their names, at least one."""
    return ModelUnavailable(f"{where} lacks {_listed(tensors)}: the weights are not whole.")


def of_another(where: Path, tensors: list[Any]) -> ModelUnavailable:
    """The error for tensors of another shape than the model's.

    tensors: name, shape in the file, shape in the model; shapes as sequences, or written out.
    """
    said = [
        f"{name} is of ({_sides(is_)}), not ({_sides(wanted)})" for name, is_, wanted in tensors
    ]
    return ModelUnavailable(f"{where} holds weights of another model: {_listed(said)}.")


def _sides(shape: Any) -> str:
    return shape if isinstance(shape, str) else ", ".join(map(str, shape))


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
