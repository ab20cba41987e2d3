"""Tests of the first clips of a model, which nobody waits for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch._dynamo.utils
from torch._dynamo.utils import counters

from inference.pipeline import Pipeline
from inference.plan import Plan
from inference.quality import Measured, Quality
from inference.values import ModelUnavailable
from tests.inference.entries import TINY, TINY_WAN, TINY_WAN_OF_PICTURES, tiny_request

# torch's inductor imports what it warns of itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def frames(pipeline: Pipeline, **changes: Any) -> Any:
    return pipeline.render_frames(
        tiny_request(model=pipeline.entry.name, **changes),
        on_progress=lambda _: None,
        cancelled=lambda: False,
    )


def test_warming_up_changes_no_clip(models_folder: Path):
    cold = Pipeline.load(TINY_WAN, models_folder=models_folder)
    warm = Pipeline.load(TINY_WAN, models_folder=models_folder)
    warm.warm_up()
    assert np.array_equal(frames(cold), frames(warm))


def test_a_model_that_can_make_no_clip_is_unavailable(models_folder: Path):
    broken = replace(TINY, shapes={"bug": TINY.shapes["bug"]}, default_aspect_ratio="bug")
    pipeline = Pipeline.load(broken, models_folder=models_folder)
    with pytest.raises(ModelUnavailable, match="cannot make a clip"):
        pipeline.warm_up()


def test_all_that_people_can_choose_is_compiled_before_and_nothing_after(
    models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "")  # and back, after this
    entry = replace(
        TINY_WAN_OF_PICTURES,
        shapes={"1:1": (32, 32), "2:1": (64, 32)},
        measured={"cpu": Measured(how="for this test", compiled=True)},
    )
    plain = Pipeline.load(entry, models_folder=models_folder)
    pipeline = Pipeline.load(entry.at(Quality.HIGH, tmp_path), models_folder=models_folder)
    counters.clear()
    pipeline.warm_up()
    graphs = counters["stats"]["unique_graphs"]
    assert graphs >= 2
    assert "compiled" in str(pipeline)
    for ratio in entry.shapes:
        usual = {"aspect_ratio": ratio, "seconds": entry.default_seconds}
        one, other = frames(plain, **usual), frames(pipeline, **usual)
        assert np.abs(one.astype(int) - other).max() <= 2
    odd = {"seconds": 2.3}
    assert np.array_equal(frames(plain, **odd), frames(pipeline, **odd)), "it is not compiled"
    pipeline.hold(Plan(streamed=("text_encoder", "transformer"), tiled=True))
    shown = frames(pipeline, seconds=entry.default_seconds)
    assert np.abs(frames(plain, seconds=entry.default_seconds).astype(int) - shown).max() <= 2
    assert counters["stats"]["unique_graphs"] == graphs, "nor is what its weights stream through"
    assert any(tmp_path.rglob("*")), "and kept on disk for the next start"
    torch._dynamo.reset()
