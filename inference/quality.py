"""Named levels of quality: what a model may do to be faster, and how far its clips go from exact.

Standard library only. `inference/training/levels.py` measures the distances; README.md (Speed and
memory) has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Quality(StrEnum):
    """From the plain call of diffusers to the fastest clip."""

    EXACT = "exact"
    HIGH = "high"
    FAST = "fast"
    FASTEST = "fastest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a level allows. Nothing of it is in the plain call.

    compiled: the transformer's blocks are compiled, where that is measured to be faster.
    attentions: diffusers' names of attention kernels to try on a GPU; the fastest is kept.
    light_decoder: the decoder computes in the model's dtype, not in a wider one of its own.
    few_step: the model's weights for few steps are used, where there are any.
    step_cache: most that the first block's residual may differ, as a share, for the other blocks'
        to be taken over from the step before (diffusers' FirstBlockCache); 0 for never.
    fp8: the transformer's large matrices are multiplied in 8 bits.
    """

    compiled: bool = False
    attentions: tuple[str, ...] = ()
    light_decoder: bool = False
    few_step: bool = False
    step_cache: float = 0.0
    fp8: bool = False


# What an own package brings comes first; torch's cuDNN kernels are always there.
ATTENTIONS = ("_flash_3", "flash", "_native_cudnn")
STEP_CACHE = 0.08
STEP_CACHE_FROM = 20  # steps; of fewer, no two are alike enough
LEVELS: Mapping[Quality, Choices] = {
    Quality.EXACT: Choices(),
    Quality.HIGH: Choices(compiled=True, attentions=ATTENTIONS, light_decoder=True),
    Quality.FAST: Choices(
        compiled=True,
        attentions=ATTENTIONS,
        light_decoder=True,
        few_step=True,
        step_cache=STEP_CACHE,
    ),
    Quality.FASTEST: Choices(
        compiled=True,
        attentions=ATTENTIONS,
        light_decoder=True,
        few_step=True,
        step_cache=STEP_CACHE,
        fp8=True,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was found to be fastest for a model on one kind of device.

    attention: diffusers' name of the kernel; "" for its own choice. compiled: whether it pays.
    how: what was measured, where and when.
    """

    how: str
    attention: str = ""
    compiled: bool = False


def row(table: Mapping[str, Measured], device: str) -> Measured | None:
    """The row for a device, such as "NVIDIA H100 80GB HBM3" or "cpu"; None when there is none.

    table: by a part of the device's name, in any case; the longest that fits counts.
    """
    fitting = [part for part in table if part.lower() in device.lower()]
    return table[max(fitting, key=len)] if fitting else None
