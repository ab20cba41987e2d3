"""How far the clips of each level of quality are from diffusers' plain call.

python -m inference.training.levels

On the built-in model, whose weights are real: the same prompts and seeds, PSNR and SSIM of each
clip against the plain call's at the same steps. Prints the table in README.md. A choice that this
model or a CPU has no use for is measured by what stands in for it, and the table says so.
"""

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn import functional

from inference import catalog, loading
from inference.entry import ModelEntry
from inference.footage import Frames
from inference.measuring.plain import Plain
from inference.pipeline import Pipeline
from inference.quality import STEP_CACHE_FROM, Measured, Quality
from inference.values import Request

PROMPTS = (
    "an astronaut riding a horse in space",
    "a red car moves right in a city",
    "a blue cat on a yellow background",
    "a penguin jumps in the snow",
    "three balloons rise over a meadow",
    "a whale swims in the sea at night",
    "a rocket flies up, zoom out",
    "一只熊猫在森林里跳舞",
    "一艘船在海上向左航行",
    "一朵花在雨中旋转",
    "两只小狗在公园里",
    "一个汉堡包变大",
)
SEED = 20
BUILTIN = catalog.find("builtin")
_COMPILED = {"cpu": Measured(how="for this measurement", compiled=True)}
_PLAIN = {"cpu": Measured(how="for this measurement")}
# Structural similarity as its authors set it (Wang et al. 2004, doi 10.1109/TIP.2003.819861).
_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2
_HIGHEST_FLOAT8 = 448.0  # of float8_e4m3fn


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One choice of a level. entry: at that level. change: of the loaded diffusers pipeline."""

    level: Quality
    choice: str
    entry: ModelEntry
    change: Callable[[Any], None] = lambda _: None


def squared_error(one: Frames, other: Frames) -> float:
    """Mean squared difference of two clips (T, H, W, 3) uint8, of the whole range squared."""
    difference = torch.from_numpy(one).double() - torch.from_numpy(other).double()
    return float((difference / 255).square().mean())


def decibels(error: float) -> float:
    """Peak signal-to-noise ratio of a squared error; infinite for none."""
    return -10 * math.log10(error) if error else math.inf


def ssim(one: Frames, other: Frames) -> float:
    """Mean structural similarity of the brightness of two clips (T, H, W, 3) uint8; 1 is the same.

    In windows of 11 pixels, weighted by a Gaussian, as its authors set it.
    """
    at = torch.arange(_WINDOW, dtype=torch.float32) - _WINDOW // 2
    row = torch.exp(-(at**2) / (2 * _SIGMA**2))
    window = torch.outer(row, row)[None, None] / row.sum() ** 2

    def mean(pictures: torch.Tensor) -> torch.Tensor:
        return functional.conv2d(pictures, window)

    x, y = _brightness(one), _brightness(other)
    mean_x, mean_y = mean(x), mean(y)
    spread_x, spread_y = mean(x * x) - mean_x**2, mean(y * y) - mean_y**2
    together = mean(x * y) - mean_x * mean_y
    alike = (2 * mean_x * mean_y + _C1) * (2 * together + _C2)
    return float((alike / ((mean_x**2 + mean_y**2 + _C1) * (spread_x + spread_y + _C2))).mean())


def _brightness(frames: Frames) -> torch.Tensor:
    """(T, 1, H, W), 0 to 1, by BT.601."""
    weights = torch.tensor([0.299, 0.587, 0.114])
    return (torch.from_numpy(frames).float() / 255 @ weights)[:, None]


def another_attention(words: Any) -> None:
    """Have attention computed in plain matrix products, not by torch's fused kernel."""
    words.transformer.set_attention_backend("_native_math")


def decoder_in_bfloat16(words: Any) -> None:
    """Round the decoder's numbers, and the latents it is given, to bfloat16.

    This model's own computes in float32 and in nothing else.
    """
    plain = words.vae.decode
    for numbers in (*words.vae.parameters(), *words.vae.buffers()):
        if numbers.is_floating_point():
            numbers.data = numbers.data.bfloat16().float()

    def decode(latents: torch.Tensor, *others: Any, **named: Any) -> Any:
        return plain(latents.bfloat16().float(), *others, **named)

    words.vae.decode = decode


def rounded_to_8_bits(words: Any) -> None:
    """Round what the blocks' matrices multiply as float8 does, scaled row by row.

    Products of the rounded numbers in float32: what a GPU adds up to, but for its own rounding.
    """
    for block in words.transformer.modules():
        if type(block).__name__ not in words.transformer._repeated_blocks:
            continue
        for layer in block.modules():
            if isinstance(layer, torch.nn.Linear):
                layer.weight.data = _in_float8(layer.weight.data)
                layer.register_forward_pre_hook(lambda _, given: (_in_float8(given[0]),))


def _in_float8(rows: torch.Tensor) -> torch.Tensor:
    scale = rows.abs().amax(-1, keepdim=True).clamp(min=1e-12) / _HIGHEST_FLOAT8
    return (rows / scale).to(torch.float8_e4m3fn).to(rows.dtype) * scale


def cases() -> tuple[Case, ...]:
    """What a CPU can tell of each level, from the plain call to the fastest."""
    plain = replace(BUILTIN, measured=_PLAIN)
    many = replace(plain, steps=STEP_CACHE_FROM)
    return (
        Case(level=Quality.EXACT, choice="nothing", entry=plain),
        Case(
            level=Quality.HIGH,
            choice="compiled blocks",
            entry=replace(BUILTIN, measured=_COMPILED).at(Quality.HIGH),
        ),
        Case(
            level=Quality.HIGH,
            choice="another attention kernel (plain matrix products, not torch's fused one)",
            entry=plain,
            change=another_attention,
        ),
        Case(
            level=Quality.HIGH,
            choice="the decoder in bfloat16 (its numbers rounded so, on a CPU)",
            entry=plain,
            change=decoder_in_bfloat16,
        ),
        Case(
            level=Quality.FAST,
            choice=f"steps taken over, of {STEP_CACHE_FROM}",
            entry=many.at(Quality.FAST),
        ),
        Case(
            level=Quality.FASTEST,
            choice="8 bits (rounded so on a CPU, multiplied in float32)",
            entry=plain,
            change=rounded_to_8_bits,
        ),
    )


def distance(case: Case, prompts: Iterable[str]) -> tuple[float, float]:
    """PSNR of all clips together, in dB, and mean SSIM, against the plain call's clips."""
    exact = replace(case.entry, quality=Quality.EXACT)
    diffusion, reference = loading.load(case.entry, None), loading.load(exact, None)
    case.change(diffusion.words)
    plain = Plain(exact, reference.words, "cpu")
    beside = Pipeline(exact, reference)
    pipeline = Pipeline(case.entry, diffusion)
    found = []
    for number, prompt in enumerate(prompts):
        request = Request(prompt=prompt, seed=SEED + number, model=BUILTIN.name)
        if number == 0:
            pipeline.warm_up(request)
        made = pipeline.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)
        expected = plain.render(beside, request)
        found.append((squared_error(made, expected), ssim(made, expected)))
    errors, alike = zip(*found, strict=True)
    return decibels(statistics.mean(errors)), statistics.mean(alike)


def main() -> None:
    """Print the table."""
    print("| level | what it changes | PSNR | SSIM |\n|---|---|---|---|")
    for case in cases():
        ratio, alike = distance(case, PROMPTS)
        shown = "identical" if ratio == math.inf else f"{ratio:.1f} dB"
        print(f"| `{case.level}` | {case.choice} | {shown} | {alike:.4f} |", flush=True)


if __name__ == "__main__":
    main()
