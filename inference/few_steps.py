"""Weights for few steps, merged into a pipeline's own: nothing is computed besides, and no PEFT.

A LoRA adds the product of two thin matrices to a large one (Hu et al. 2021, arXiv:2106.09685).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference.entry import FewStep
from inference.values import ModelUnavailable

_DOWN, _UP, _BIAS = ".lora_A.weight", ".lora_B.weight", ".lora_B.bias"


def merge(pipeline: Any, few: FewStep, files: Mapping[str, Path]) -> None:
    """Change a diffusers pipeline, in main memory, into one for few steps.

    files: safetensors by the component they are for.
    Raises: ModelUnavailable, when one does not fit; SafetensorError, when one is damaged.
    """
    from safetensors.torch import load_file

    for component, path in files.items():
        # Whoever trained them named the layers in a way of their own, which diffusers knows.
        layers = pipeline.lora_state_dict(load_file(path))
        for name in sorted(_names(layers, path)):
            owner, _, inside = name.partition(".")
            part = getattr(pipeline, component if owner == "transformer" else owner, None)
            _add(part, inside, layers, name, path)
    scheduler = pipeline.scheduler
    pipeline.scheduler = type(scheduler).from_config(scheduler.config, **few.scheduler)


def _names(layers: Mapping[str, Any], path: Path) -> set[str]:
    """The layers that are changed; every key must belong to one."""
    names = {key.removesuffix(_DOWN) for key in layers if key.endswith(_DOWN)}
    for key in layers:
        layer = key.removesuffix(_DOWN).removesuffix(_UP).removesuffix(_BIAS)
        if layer not in names or f"{layer}{_UP}" not in layers:
            raise ModelUnavailable(f"{path.name} holds {key}, which is no part of a LoRA.")
    if not names:
        raise ModelUnavailable(f"{path.name} holds no LoRA.")
    return names


def _add(part: Any, inside: str, layers: Mapping[str, Any], name: str, path: Path) -> None:
    import torch

    try:
        layer = part.get_submodule(inside)
        change = layers[f"{name}{_UP}"].float() @ layers[f"{name}{_DOWN}"].float()
        with torch.no_grad():
            # In float32, for what is added is small.
            layer.weight.copy_(layer.weight.float() + change)
            if f"{name}{_BIAS}" in layers:
                layer.bias.copy_(layer.bias.float() + layers[f"{name}{_BIAS}"].float())
    except (AttributeError, RuntimeError) as error:
        raise ModelUnavailable(f"{path.name} does not fit {name} of this model.") from error
