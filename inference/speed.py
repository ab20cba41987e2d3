"""What makes a diffusers pipeline faster: put into effect as its level of quality allows.

Of what leaves the mathematics as it is (attention kernels, compiling), that which is measured to be
faster on this device is kept: from the model's own table, or else by timing a step of each.
"""

import contextlib
import logging
import os
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

from inference.entry import ModelEntry
from inference.quality import LEVELS, STEP_CACHE_FROM, Measured, row
from inference.values import InferenceError, ModelUnavailable, WorkerLost

# Shapes that one block is compiled for; more would be an error in dynamo.
_MOST_COMPILED = 128
log = logging.getLogger(__name__)


class Speed:
    """The choices in effect for one pipeline. Not for two threads at once."""

    def __init__(self, entry: ModelEntry, diffusion: Any, device: str) -> None:
        """Put into effect what needs no measuring.

        Raises: ModelUnavailable, when the level needs what is not there.
        """
        self._choices = LEVELS[entry.quality]
        self._table = entry.measured
        self._device = device
        self._folder = entry.compiled_folder
        self._transformers = [
            part
            for name in ("transformer", "transformer_2")
            if (part := getattr(diffusion, name, None)) is not None
        ]
        self._pinned: set[Hashable] = set()
        self._attention = ""
        self._compiled = False
        self._cached = self._choices.step_cache > 0 and entry.steps >= STEP_CACHE_FROM
        if self._choices.fp8:
            _multiply_in_8_bits(self._transformers, device)
        self._cached = self._cached and self._cache_steps()

    def __str__(self) -> str:
        """For logs and people: what is in effect."""
        said = []
        if self._compiled:
            said.append("compiled")
        if self._attention:
            said.append(f"attention by {self._attention.strip('_')}")
        if self._cached:
            said.append("alike steps taken over")
        if self._choices.fp8:
            said.append("8 bits")
        return ", ".join(said) or "plain"

    def _cache_steps(self) -> bool:
        from diffusers import FirstBlockCacheConfig

        config = FirstBlockCacheConfig(threshold=self._choices.step_cache)
        try:
            for transformer in self._transformers:
                transformer.enable_cache(config)
        except (AttributeError, LookupError, ValueError) as error:
            log.info("no steps can be taken over here: %s", error)
            return False
        return True

    def decide_nothing(self) -> None:
        """Leave out what each of several ranks would decide by itself, and not all alike."""
        if self._cached:
            for transformer in self._transformers:
                transformer.disable_cache()
        self._cached = False
        self._choices = replace(self._choices, attentions=(), compiled=False, step_cache=0)

    def begin(self) -> None:
        """Forget the steps of the render before, which may have been stopped midway."""
        if self._cached:
            for transformer in self._transformers:
                transformer._reset_stateful_cache()

    @contextlib.contextmanager
    def for_shape(self, shape: Hashable) -> Iterator[None]:
        """Run what is compiled, for a shape that was warmed up, and nothing compiled for others.

        To compile takes longer than to render a clip without. shape: None is never compiled for.
        """
        import torch

        if self._compiled and shape not in self._pinned:
            with torch.compiler.set_stance("force_eager"):
                yield
        else:
            yield

    @contextlib.contextmanager
    def set_aside(self) -> Iterator[None]:
        """Run the plain call, but for matrices in 8 bits, which stay."""
        compiled = {
            block: block._compiled_call_impl
            for transformer in self._transformers
            for block in transformer.modules()
        }
        attention, cached = self._attention, self._cached
        for block in compiled:
            block._compiled_call_impl = None
        self._set_attention("")
        if cached:
            for transformer in self._transformers:
                transformer.disable_cache()
        try:
            yield
        finally:
            if cached:
                self._cache_steps()
            self._set_attention(attention)
            for block, call in compiled.items():
                block._compiled_call_impl = call

    def pin(self, shape: Hashable) -> None:
        """Have for_shape() compile for that shape from now on."""
        self._pinned.add(shape)

    @property
    def compiled(self) -> bool:
        """Whether there are shapes to be pinned."""
        return self._compiled

    def tune(self, step_seconds: Callable[[], float]) -> None:
        """Keep what is fastest for this model on this device.

        step_seconds: measures a denoising step as it is now done, of a pinned shape.
        Raises: InferenceError, when not even the plain call works.
        """
        measured = row(self._table, _device_name(self._device))
        if measured is not None:
            self._take(measured)
            return
        best = step_seconds()
        if self._device.startswith("cuda"):
            for attention in self._choices.attentions:
                best = self._keep_if_faster(
                    best, step_seconds, self._attention, attention, self._set_attention
                )
        if self._choices.compiled:
            self._keep_if_faster(best, step_seconds, False, True, self._set_compiled)
        log.info("measured to be the fastest: %s, %.3f s a step", self, best)

    def _keep_if_faster(
        self,
        best: float,
        step_seconds: Callable[[], float],
        before: Any,
        after: Any,
        change: Callable[[Any], None],
    ) -> float:
        """Seconds of a step, after a change that was kept if it works here and is faster."""
        try:
            change(after)
            seconds = step_seconds()
        except WorkerLost:
            raise
        except (ImportError, InferenceError, RuntimeError, ValueError) as error:
            log.info("%s %s does not work here: %s", change.__name__, after, error)
            seconds = float("inf")
        if seconds < best:
            return seconds
        change(before)
        return best

    def _take(self, measured: Measured) -> None:
        if measured.attention and measured.attention in self._choices.attentions:
            self._set_attention(measured.attention)
        self._set_compiled(measured.compiled and self._choices.compiled)

    def _set_attention(self, name: str) -> None:
        from diffusers.models.attention_dispatch import _AttentionBackendRegistry as Everybodys

        usual, _ = Everybodys.get_active_backend()
        for transformer in self._transformers:
            if name:
                transformer.set_attention_backend(name)
                # diffusers makes it that of everybody who has none, and a reset leaves it so.
                Everybodys.set_active_backend(usual)
            else:
                transformer.reset_attention_backend()
        self._attention = name

    def _set_compiled(self, compiled: bool) -> None:
        import torch

        if compiled == self._compiled:
            return
        self._compiled = compiled
        if self._folder is not None:
            os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(self._folder)
        for transformer in self._transformers:
            if compiled:
                torch._dynamo.config.recompile_limit = _MOST_COMPILED
                # A step that may be taken over is decided on in the middle of a block.
                transformer.compile_repeated_blocks(fullgraph=not self._cached, dynamic=False)
            else:
                for block in transformer.modules():
                    block._compiled_call_impl = None


def _device_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def _multiply_in_8_bits(transformers: list[Any], device: str) -> None:
    """Have the transformers' matrices multiplied in float8, scaled row by row.

    Raises: ModelUnavailable, when that cannot be done here, or with this model.
    """
    import torch

    # Of the class of CogVideoX diffusers does not know them; torchao scales rows of bfloat16 alone.
    blocks = [
        block
        for transformer in transformers
        for block in transformer.modules()
        if type(block).__name__ in transformer._repeated_blocks
    ]
    if not blocks or any(one.dtype is not torch.bfloat16 for one in transformers):
        raise ModelUnavailable(
            'Quality "fastest" is nothing for this model, whose matrices cannot be multiplied in '
            "8 bits."
        )
    try:
        from torchao.quantization import (
            Float8DynamicActivationFloat8WeightConfig,
            PerRow,
            quantize_,
        )
    except ImportError:
        raise ModelUnavailable(
            'Quality "fastest" needs the package torchao: pip install "kinogram[fp8]".'
        ) from None
    if not device.startswith("cuda") or torch.cuda.get_device_capability(device) < (8, 9):
        raise ModelUnavailable(
            'Quality "fastest" needs a GPU that multiplies in 8 bits (compute capability 8.9 or '
            f"more), and this is {_device_name(device)}."
        )
    for block in blocks:
        quantize_(block, Float8DynamicActivationFloat8WeightConfig(granularity=PerRow()))
