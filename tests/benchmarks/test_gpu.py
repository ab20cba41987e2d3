"""`kinogram bench gpu`: what it would run, and what it says where there is no GPU."""

from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from bot.benchmarks import gpu
from bot.benchmarks.model_tables import print_gpu
from inference.catalog import shipped
from inference.quality import Quality
from tests.bot.test_cli import kinogram


def test_every_model_for_a_gpu_is_run_at_every_level_and_shared_by_two() -> None:
    one = gpu.runs(shipped().values(), lambda _: False, 1)
    names = [entry.name for entry in shipped().values() if entry.gpus]
    assert [(run.model, run.quality) for run in one] == [
        (name, quality) for name in names for quality in Quality
    ]
    assert all(run.random for run in one)
    two = gpu.runs(shipped().values(), lambda entry: entry.name == names[0], 2)
    assert [run.model for run in two if run.gpus == 2] == names
    assert {run.model for run in two if not run.random} == {names[0]}
    fast = next(run for run in one if (run.model, run.quality) == ("wan2.2-ti2v-5b", "fast"))
    assert "--steps" not in fast.words(2), "the weights for few steps say how many"


def measured(model: str, quality: str, **values: Any) -> dict[str, Any]:
    return {
        "model": model,
        "quality": quality,
        "gpus": 1,
        "device": "H200",
        "weights": "random",
        "steps": 4,
        "guidance_scale": 1.0,
        "kinogram": {"forward": 0.5, "clip": 3.25},
        "plain": {},
        "arithmetic": {"tflops": 571.4, "share_of_matmul": 0.81},
        "clip_seconds_per_second_with_mp4": 1.26,
        "faster_than_plain": 1.75,
        "peak_memory_gib": 20.0,
    } | values


def test_each_target_stands_beside_what_was_measured_or_a_blank() -> None:
    found = [
        measured("wan2.1-t2v-1.3b", "high"),
        measured("wan2.1-t2v-1.3b", "fast", guidance_scale=5.0),
        measured("wan2.2-ti2v-5b", "fast", gpus=2),
        {"words": ["bench", "model", "ltx-2", "--quality", "exact"], "error": "out of memory"},
    ]
    rows = gpu.targets(found)
    assert [row[2] for row in rows] == [
        "571 TFLOP/s",
        "0.500 s",
        "1.26 (with guidance)",
        "",
        "",
        "1.75",
        "",
    ]
    console = Console(record=True, width=300)
    print_gpu(
        {
            "runs": found,
            "targets": [dict(zip(gpu.TARGET_KEYS, row, strict=True)) for row in rows],
        },
        console,
    )
    shown = console.export_text()
    assert "out of memory" in shown
    assert "570 TFLOP/s or more" in shown
    assert "Measured on H200" in shown, "whatever it was aimed at"


def test_what_a_run_that_ends_early_said_is_kept() -> None:
    found = gpu.start(["bench", "model", "sora"])
    assert "there are builtin" in found["error"]
    assert found["words"] == ["bench", "model", "sora"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_nothing_is_measured(tmp_path: Path) -> None:
    done = kinogram(tmp_path, "bench", "gpu", "--json", "measured.json")
    assert done.returncode == 2
    assert "no GPU" in done.stderr
    assert list(tmp_path.iterdir()) == []
