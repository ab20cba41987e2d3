"""One model measured: warm seconds by stage, beside the plain call in turns, and the arithmetic."""

import functools
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from inference import catalog, loading, machine, placement, weights
from inference.diffusion import Diffusion
from inference.entry import ModelEntry
from inference.measuring import random_weights
from inference.measuring.arithmetic import forward_flops, matmul_flops_a_second
from inference.measuring.clips import Clock, Measurement
from inference.measuring.followers import led
from inference.measuring.plain import Plain
from inference.pipeline import Pipeline
from inference.quality import LEVELS, STEP_CACHE_FROM
from inference.ranks import Ranks
from inference.values import ModelUnavailable, Request


def device_for(entry: ModelEntry) -> str:
    """Where a model is measured: on the GPU, if it is one for a GPU and there is one."""
    import torch

    return "cuda" if entry.gpus and torch.cuda.is_available() else "cpu"


def measure(
    entry: ModelEntry,
    models_folder: Path | None,
    *,
    random: bool,
    request: Request,
    repeats: int,
    gpus: int = 1,
    told: Callable[[str], None],
) -> dict[str, Any]:
    """All that is measured, for JSON: seconds, GiB and FLOPs.

    request: the clip, of two steps at least. repeats: clips of each, Kinogram's and plain by turns.
    gpus: that share each clip; of a model for a CPU, processes.
    Raises: InferenceError: RequestRejected, ModelUnavailable when it is not here or does not fit.
    """
    catalog.check(entry, request)
    device = device_for(entry)
    build_on = _room(entry, device)
    if not random and not weights.is_here(entry, models_folder):
        raise ModelUnavailable(
            f"{entry.title} is not on this machine: kinogram models pull {entry.name}, "
            "or measure it with --random-weights."
        )
    if device == "cuda" and gpus > placement.gpus():
        raise ModelUnavailable(f"There are {placement.gpus()} GPUs here, not {gpus}.")
    build = functools.partial(_build, entry, models_folder, build_on if random else "")
    with led(entry, build, device, gpus) as ranks:
        return _measured(entry, build, request, repeats, device, ranks, told) | {
            "weights": "random" if random else "real",
            "gpus": gpus,
        }


def _build(entry: ModelEntry, models_folder: Path | None, random_on: str) -> Diffusion:
    """random_on: the device to make random weights on; "" for the model's own."""
    if random_on:
        return random_weights.load(entry, models_folder, device=random_on)
    return loading.load(entry, models_folder)


def _measured(
    entry: ModelEntry,
    build: Callable[[], Diffusion],
    request: Request,
    repeats: int,
    device: str,
    ranks: Ranks | None,
    told: Callable[[str], None],
) -> dict[str, Any]:
    told(f"loading {entry.name}")
    began = time.perf_counter()
    diffusion = build()
    # What is parted among ranks cannot be run by one of them, so there is no plain call beside it.
    plain = None if ranks else _plain(entry, diffusion.words, device, told)
    pipeline = Pipeline(entry, diffusion, device=device)
    if ranks is not None:
        pipeline.share(ranks)
    loaded = time.perf_counter()
    told("warming up")
    pipeline.warm_up(request)
    warm = time.perf_counter()
    clock = Clock(pipeline, diffusion.words, plain, device)
    flops = 0
    if plain is not None:
        told("counting a forward's arithmetic")
        flops = forward_flops(
            plain.words.transformer, lambda: plain.render(pipeline, replace(request, steps=2))
        )
        plain.render(pipeline, replace(request, steps=2))  # warms it up
    size, rate = matmul_flops_a_second(device, clock.dtype)
    ours: list[Measurement] = []
    plains: list[Measurement] = []
    resident = 0.0
    for number in range(repeats):
        told(f"clip {number + 1} of {repeats}")
        other = replace(request, prompt=f"{request.prompt} {number}", seed=number)
        ours.append(clock.kinogram(other))
        resident = resident or machine.peak_resident_gib()
        if plain is not None:
            plains.append(clock.plain(other))
    width, height = catalog.shape(entry, request.aspect_ratio)
    frames = catalog.frames(entry, request.seconds)
    found: dict[str, Any] = {
        "model": entry.name,
        "title": entry.title,
        "quality": entry.quality.value,
        "device": clock.name,
        "threads": clock.threads,
        "dtype": str(clock.dtype).removeprefix("torch."),
        "run": str(pipeline),
        "width": width,
        "height": height,
        "frames": frames,
        "clip_seconds": frames / entry.frames_per_second,
        "steps": catalog.denoising_steps(entry, request),
        "guidance_scale": entry.guidance_scale,
        "load_seconds": loaded - began,
        "warm_up_seconds": warm - loaded,
        "peak_memory_gib": ours[0].peak_gib or resident,
        "kinogram": _summary(ours),
        "plain": _summary(plains) if plains else None,
        "measurements": {
            "kinogram": [asdict(one) for one in ours],
            "plain": [asdict(one) for one in plains],
        },
    }
    if LEVELS[entry.quality].step_cache and found["steps"] >= STEP_CACHE_FROM:
        flops = 0  # Forwards are left out in part, and as much as these weights allow.
    found |= _conclusions(found, flops, size, rate)
    return found


def _room(entry: ModelEntry, device: str) -> str:
    """Where the weights are made: on the device, or in main memory if it cannot hold them all.

    Raises: ModelUnavailable, when that cannot hold them either.
    """
    if device != "cpu" and entry.memory_gib <= placement.free_gib(device):
        return device
    free = machine.available_gib()
    if entry.memory_gib > free:
        raise ModelUnavailable(
            f"{entry.title} needs {entry.memory_gib:.0f} GiB of memory, "
            f"and {free:.1f} GiB are free here."
        )
    return "cpu"


def _plain(entry: ModelEntry, words: Any, device: str, told: Callable[[str], None]) -> Plain | None:
    try:
        return Plain(entry, words, device)
    except (MemoryError, RuntimeError) as error:
        told(f"no room for the plain call beside it: {error}")
        return None


def _summary(measured: list[Measurement]) -> dict[str, float]:
    """Medians over clips, in seconds."""
    middle = statistics.median
    return {
        "text": middle(one.text for one in measured),
        "denoise": middle(sum(one.steps) for one in measured),
        "step": middle(step for one in measured for step in one.steps),
        "forward": middle(sum(one.steps) / one.forwards for one in measured),
        "forwards": measured[0].forwards,
        "decode": middle(one.decode for one in measured),
        "encode": middle(one.encode for one in measured),
        "clip": middle(one.model_seconds + one.encode for one in measured),
        "peak_gib": max(one.peak_gib for one in measured),
    }


def _conclusions(found: dict[str, Any], flops: int, size: int, rate: float) -> dict[str, Any]:
    """What follows from the times."""
    ours, plain = found["kinogram"], found["plain"]
    reached = flops / ours["forward"]
    gpu_seconds = ours["text"] + ours["denoise"] + ours["decode"]
    return {
        "clip_seconds_per_device_second": found["clip_seconds"] / gpu_seconds,
        "clip_seconds_per_second_with_mp4": found["clip_seconds"] / ours["clip"],
        "faster_than_plain": plain["clip"] / ours["clip"] if plain else None,
        "denoise_faster_than_plain": plain["denoise"] / ours["denoise"] if plain else None,
        "arithmetic": {
            "forward_tflop": flops / 1e12,
            "forward_seconds": ours["forward"],
            "tflops": reached / 1e12,
            "matmul_size": size,
            "matmul_tflops": rate / 1e12,
            "share_of_matmul": reached / rate,
        }
        if flops
        else None,
    }
