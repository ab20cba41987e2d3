"""Models out of the one file in which their authors publish them, under the names they gave.

diffusers' own `from_single_file` keeps the default of a buffer that the file lacks (the mean of an
autoencoder's latents, say), and says nothing; so only its table of names is used here
(diffusers/loaders/single_file_model.py).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference.components import lacking, of_another
from inference.values import ModelUnavailable


def load(file: Path, configs: Path, dtypes: Mapping[str, Any]) -> dict[str, Any]:
    """All that model_index.json takes from diffusers, by its names there, in main memory.

    configs: the folder with that index, and with each component's configuration.
    dtypes: torch dtype by component, and as "default".
    Raises: ModelUnavailable, naming the tensors that are missing or of another shape; besides,
    whatever diffusers and safetensors raise.
    """
    import diffusers

    index = json.loads((configs / "model_index.json").read_text(encoding="utf-8"))
    found = {}
    for name, named in index.items():
        if not isinstance(named, list) or named[0] != "diffusers":
            continue
        kind = getattr(diffusers, named[1])
        config = kind.load_config(configs / name, local_files_only=True)
        if issubclass(kind, diffusers.ModelMixin):
            found[name] = _whole(kind, config, file, dtypes.get(name, dtypes["default"]))
        else:
            found[name] = kind.from_config(config)
    return found


def _whole(kind: Any, config: Mapping[str, Any], file: Path, dtype: Any) -> Any:
    from accelerate import init_empty_weights
    from safetensors.torch import load_file

    try:
        tensors = renamed(kind, config, load_file(file))
    except KeyError as error:  # of an autoencoder by whose shape versions are told apart
        raise lacking(file, [str(error.args[0])]) from error
    with init_empty_weights():
        model = kind.from_config(config)
    wanted = model.state_dict()
    if missing := sorted(wanted.keys() - tensors.keys()):
        raise lacking(file, missing)
    shapes = [(name, tuple(tensors[name].shape), tuple(one.shape)) for name, one in wanted.items()]
    if other := sorted(one for one in shapes if one[1] != one[2]):
        raise of_another(file, other)
    model.load_state_dict({name: tensors[name] for name in wanted}, assign=True)
    return model.to(dtype).eval()


def renamed(kind: Any, config: Mapping[str, Any], tensors: dict[str, Any]) -> dict[str, Any]:
    """Those of a file's tensors that are of that diffusers class, by its own names for them.

    Raises: ModelUnavailable, when diffusers has no such names; KeyError, when it looks at a tensor
    that is not there.
    """
    from diffusers.loaders.single_file_model import SINGLE_FILE_LOADABLE_CLASSES

    known = SINGLE_FILE_LOADABLE_CLASSES.get(kind.__name__)
    if known is None:
        raise ModelUnavailable(f"diffusers reads no {kind.__name__} out of one file.")
    return dict(known["checkpoint_mapping_fn"](config=config, checkpoint=tensors))
