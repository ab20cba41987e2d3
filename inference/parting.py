"""The tokens of a clip parted among GPUs: diffusers' context parallelism (DeepSpeed Ulysses).

The plans that diffusers 0.42 has for LTX-Video and LTX-2 fail in the first step (tried): they part
the text too, and its mask has more heads then than what it is for; they know no times of single
tokens, which every clip from a picture has; and they take the positions of LTX-2 for another
shape. Here each process reads the whole text for its own tokens, as diffusers has it for Wan.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from inference.values import ModelUnavailable

# Attentions of the LTX family that ask with whole tokens for whole ones, or with parted ones for
# whole ones: they need to hear of no other process.
_ALONE = frozenset({"attn2", "audio_attn1", "audio_attn2", "audio_to_video_attn"})
_TEXT = frozenset({"encoder_hidden_states", "encoder_attention_mask"})


def part(diffusion: Any, transformers: Iterable[str], size: int) -> None:
    """Part the tokens of these components among the processes of torch's group, `size` in all.

    "Anything": some shapes are no whole number of tokens for each (Wan's 624x624 has 31,941).
    Raises: ModelUnavailable.
    """
    from diffusers import (
        ContextParallelConfig,
        LTX2VideoTransformer3DModel,
        LTXVideoTransformer3DModel,
    )

    for name in transformers:
        transformer = diffusion.components[name]
        if transformer._cp_plan is None:
            raise ModelUnavailable(
                f"The work of {type(transformer).__name__} cannot be shared by {size} GPUs: "
                "diffusers has no plan for it."
            )
        config = ContextParallelConfig(ulysses_degree=size, ulysses_anything=True)
        of_ltx = isinstance(transformer, (LTX2VideoTransformer3DModel, LTXVideoTransformer3DModel))
        plan = _plan(transformer) if of_ltx else None
        try:
            transformer.enable_parallelism(config=config, cp_plan=plan)
        except ValueError as error:
            raise ModelUnavailable(
                f"The work of {name} cannot be shared by {size} GPUs: {error}"
            ) from error
        if of_ltx:
            _leave_alone(transformer)
            transformer.register_forward_pre_hook(_part_times, with_kwargs=True)


def _plan(transformer: Any) -> dict[str, Any]:
    """The plan of diffusers for a transformer of the LTX family, without the text."""
    from diffusers.models._modeling_parallel import ContextParallelInput

    own = transformer._cp_plan
    plan = {**own, "": {name: how for name, how in own[""].items() if name not in _TEXT}}
    if getattr(transformer.config, "rope_type", "") == "split":  # (B, heads, tokens, numbers)
        how = ContextParallelInput(split_dim=2, expected_dims=4, split_output=True)
        plan["rope"] = {0: how, 1: how}
    if hasattr(transformer, "cross_attn_rope"):
        plan["cross_attn_rope"] = plan["rope"]
    return plan


def _leave_alone(transformer: Any) -> None:
    for name, module in transformer.named_modules():
        if name.rpartition(".")[2] in _ALONE:
            module.processor._parallel_config = None


def _part_times(_module: Any, given: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
    """The arguments of a forward, with the times (B, tokens) of this process's tokens alone."""
    from torch import distributed

    times = named["timestep"]
    if times.ndim == 2 and times.shape[1] > 1:
        parts = times.tensor_split(distributed.get_world_size(), dim=1)
        named = {**named, "timestep": parts[distributed.get_rank()]}
    return given, named
