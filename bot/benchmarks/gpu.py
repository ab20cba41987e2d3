"""`kinogram bench gpu`: every model at every level on this machine's GPUs, and the targets.

Each measurement is a process of its own, `kinogram bench model ...`, so that one that fails, or a
GPU that does, costs no other.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from bot.benchmarks.report import Results
from inference.entry import ModelEntry
from inference.quality import LEVELS, Quality

STEPS = 4  # A step takes the same time whatever their number is; weights for few have their own.
MOST_SECONDS = 3600.0
_KINOGRAM = (sys.executable, "-c", "from bot.cli import app; app()")
# Of one H100, warm, mp4 included.
_WAN_SMALL, _WAN_5B = "wan2.1-t2v-1.3b", "wan2.2-ti2v-5b"
Found: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measurement. steps: None for the few-step weights' own."""

    model: str
    quality: Quality
    random: bool
    steps: int | None
    gpus: int = 1

    def words(self, repeats: int) -> list[str]:
        """The command after `kinogram`."""
        words = ["bench", "model", self.model, "--quality", self.quality.value]
        words += ["--repeats", str(repeats), "--gpus", str(self.gpus)]
        words += ["--random-weights"] if self.random else []
        return words + ([] if self.steps is None else ["--steps", str(self.steps)])


def runs(entries: Iterable[ModelEntry], here: Callable[[ModelEntry], bool], gpus: int) -> list[Run]:
    """What there is to measure, the smallest models first.

    here: whether a model's weights, and those for few steps, are on this machine. gpus: of it.
    """
    found = []
    for entry in sorted(entries, key=lambda entry: entry.memory_gib):
        if not entry.gpus:
            continue
        random = not here(entry)
        for quality in Quality:
            few = entry.few_step is not None and LEVELS[quality].few_step
            steps = None if few else STEPS
            found.append(Run(model=entry.name, quality=quality, random=random, steps=steps))
        if gpus > 1:  # Such a worker makes use of no level's means, but for few steps.
            found.append(
                Run(model=entry.name, quality=Quality.EXACT, random=random, steps=STEPS, gpus=2)
            )
    return found


def measure(
    todo: Sequence[Run], repeats: int, results: Results, told: Callable[[str], None]
) -> None:
    """Every run in turn; each is in `results` as soon as it is there, and so are the targets."""
    found: list[Found] = []
    for number, run in enumerate(todo, 1):
        gpus = f", {run.gpus} GPUs" if run.gpus > 1 else ""
        told(f"{number} of {len(todo)}: {run.model}, {run.quality}{gpus}")
        found.append(start(run.words(repeats)))
        if "error" in found[-1]:
            told(found[-1]["error"])
        results.add("runs", found)
        results.add("targets", [dict(zip(TARGET_KEYS, row, strict=True)) for row in targets(found)])


def start(words: Sequence[str]) -> Found:
    """What one command measured; its words and "error" when it ended early."""
    with tempfile.TemporaryDirectory(prefix="kinogram-bench-") as folder:
        file = Path(folder, "measured.json")
        try:
            done = subprocess.run(
                [*_KINOGRAM, *words, "--json", str(file)],
                capture_output=True,
                text=True,
                timeout=MOST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"words": list(words), "error": f"not done after {MOST_SECONDS:.0f} s"}
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
            return {"words": list(words), "error": said[-1]}
        read: Found = json.loads(file.read_text(encoding="utf-8"))
        return read | {"words": list(words)}


TARGET_KEYS = ("what", "target", "measured")


def targets(found: Sequence[Found]) -> list[tuple[str, str, str]]:
    """What was aimed at on one H100, the target, and what was measured; "" for what was not."""

    def of(model: str, quality: Quality) -> Found | None:
        fitting = (
            one
            for one in found
            if (one.get("model"), one.get("quality"), one.get("gpus")) == (model, quality, 1)
        )
        return next(fitting, None)

    def shown(one: Found | None, form: str, *path: str) -> str:
        value: Any = one
        for key in path:
            value = value[key] if value else None
        return "" if value is None else form.format(value)

    small, large = of(_WAN_SMALL, Quality.HIGH), of(_WAN_5B, Quality.HIGH)
    small_few, large_few = of(_WAN_SMALL, Quality.FAST), of(_WAN_5B, Quality.FAST)
    # Weights for few steps need no guidance, which doubles the forwards.
    guided = " (with guidance)" if small_few and small_few["guidance_scale"] > 1 else ""
    rows = [
        (
            "Wan2.1-1.3B, 832x480, 81 frames: denoiser in bf16",
            "570 TFLOP/s or more",
            shown(small, "{:.0f} TFLOP/s", "arithmetic", "tflops"),
        ),
        (
            "the same: a forward",
            "0.50 s",
            shown(small, "{:.3f} s", "kinogram", "forward"),
        ),
        (
            "the same in 3 to 4 steps: seconds of clip a second, mp4 included",
            "1.25 or more",
            shown(small_few, "{:.2f}" + guided, "clip_seconds_per_second_with_mp4"),
        ),
        (
            "Wan2.2-5B, 1280x704, 121 frames: a forward",
            "0.91 s or less",
            shown(large, "{:.3f} s", "kinogram", "forward"),
        ),
        (
            "the same in 3 to 4 steps: a clip, mp4 included",
            "10 s or less",
            shown(large_few, "{:.1f} s", "kinogram", "clip"),
        ),
    ]
    rows += [
        (
            f"{name}: times the plain call of diffusers at the same steps",
            "1.7 or more",
            shown(of(model, Quality.FAST), "{:.2f}", "faster_than_plain"),
        )
        for name, model in (("Wan2.1-1.3B", _WAN_SMALL), ("Wan2.2-5B", _WAN_5B))
    ]
    return rows
