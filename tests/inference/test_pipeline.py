"""Tests of the one path on which every model runs."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference.catalog import find
from inference.mp4 import Frames
from inference.pipeline import Pipeline, find_weights
from inference.values import (
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    RenderCancelled,
    Request,
    RequestRejected,
    Stage,
    WorkerLost,
)
from tests.inference.entries import TINY, TINY_CONDITION, TINY_WAN, tiny_request

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def pipeline(models_folder: Path) -> Pipeline:
    return Pipeline.load(TINY, models_folder=models_folder)


@pytest.fixture(scope="module", params=[TINY, TINY_CONDITION, TINY_WAN], ids=lambda it: it.name)
def any_pipeline(request: pytest.FixtureRequest, models_folder: Path) -> Pipeline:
    """One of each architecture in the catalog."""
    return Pipeline.load(request.param, models_folder=models_folder)


def request_for(pipeline: Pipeline, **changes: Any) -> Request:
    return tiny_request(model=pipeline.entry.name, **changes)


def render(pipeline: Pipeline, request: Request) -> Frames:
    return pipeline.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)


def test_a_request_becomes_frames_of_the_asked_shape_and_length(any_pipeline):
    frames = render(any_pipeline, request_for(any_pipeline, seconds=1.5))
    width, height = any_pipeline.entry.shapes["1:1"]
    count = {8: 9, 4: 13}[any_pipeline.entry.frame_step]
    assert frames.shape == (count, height, width, 3)
    assert frames.dtype == np.uint8
    assert frames.std() > 0


def test_the_same_seed_gives_the_same_frames_and_another_seed_others(any_pipeline):
    first = render(any_pipeline, request_for(any_pipeline, seed=5))
    assert np.array_equal(first, render(any_pipeline, request_for(any_pipeline, seed=5)))
    assert not np.array_equal(first, render(any_pipeline, request_for(any_pipeline, seed=6)))


def test_a_variation_is_nearer_to_its_clip_than_another_seed_is(any_pipeline):
    clip, varied, other = (
        render(any_pipeline, request_for(any_pipeline, steps=8, **changes)).astype(float)
        for changes in ({"seed": 5}, {"seed": 5, "variation": 9}, {"seed": 6})
    )
    assert 0 < np.abs(varied - clip).mean() < 0.7 * np.abs(other - clip).mean()
    again = render(any_pipeline, request_for(any_pipeline, steps=8, seed=5, variation=9))
    assert np.array_equal(varied, again)


def test_a_variation_of_a_given_picture_is_refused(any_pipeline):
    with pytest.raises(RequestRejected):
        render(any_pipeline, request_for(any_pipeline, variation=9, image=b"picture"))


def test_prompt_and_negative_prompt_reach_the_model(pipeline):
    plain = render(pipeline, tiny_request())
    assert not np.array_equal(plain, render(pipeline, tiny_request(prompt="a dog")))
    assert not np.array_equal(plain, render(pipeline, tiny_request(negative_prompt="blurry")))


def test_progress_tells_of_text_every_step_and_decode_in_order(any_pipeline):
    seen: list[Progress] = []
    any_pipeline.render_frames(
        request_for(any_pipeline, steps=4), on_progress=seen.append, cancelled=lambda: False
    )
    assert [(item.stage, item.step, item.steps) for item in seen] == [
        (Stage.TEXT, 0, 1),
        (Stage.TEXT, 1, 1),
        *((Stage.DENOISE, step, 4) for step in range(5)),
        (Stage.DECODE, 0, 1),
        (Stage.DECODE, 1, 1),
    ]


@pytest.mark.parametrize(
    "last",
    [
        Progress(stage=Stage.TEXT, step=0, steps=1),
        Progress(stage=Stage.DENOISE, step=0, steps=9),
        Progress(stage=Stage.DENOISE, step=4, steps=9),
        Progress(stage=Stage.DENOISE, step=9, steps=9),
        Progress(stage=Stage.DECODE, step=0, steps=1),
    ],
    ids=lambda last: f"{last.stage}-{last.step}",
)
def test_a_cancel_is_the_last_that_is_heard_of_a_render_and_the_pipeline_works_on(
    any_pipeline, last
):
    before = render(any_pipeline, request_for(any_pipeline))
    seen: list[Progress] = []
    with pytest.raises(RenderCancelled):
        any_pipeline.render_frames(
            request_for(any_pipeline, steps=9),
            on_progress=seen.append,
            cancelled=lambda: last in seen,
        )
    assert seen[-1] == last
    assert np.array_equal(before, render(any_pipeline, request_for(any_pipeline)))


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("memory", OutOfMemory, "does not fit"),
        ("gpu", WorkerLost, "illegal memory access"),
        ("numbers", InferenceError, "no picture"),
        ("bug", InferenceError, "shapes do not fit"),
    ],
)
def test_what_breaks_inside_the_model_is_told_as_what_it_means(pipeline, fault, error, words):
    with pytest.raises(InferenceError, match=words) as caught:
        render(pipeline, tiny_request(aspect_ratio=fault))
    assert type(caught.value) is error
    assert render(pipeline, tiny_request()).any(), "it works on"


def test_a_request_the_model_cannot_do_is_refused_before_anything_runs(pipeline):
    seen: list[Progress] = []
    with pytest.raises(RequestRejected):
        pipeline.render_frames(
            tiny_request(seconds=99.0), on_progress=seen.append, cancelled=lambda: False
        )
    assert seen == []


def test_torch_gets_the_threads_it_was_given(models_folder):
    threads = torch.get_num_threads()
    try:
        Pipeline.load(TINY, models_folder=models_folder, threads=1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(threads)


def test_the_operators_copy_comes_before_the_packages_and_the_hub(models_folder, tmp_path):
    assert find_weights(TINY, models_folder) == str(models_folder / "tiny")
    hub = find("wan2.2-ti2v-5b")
    assert find_weights(hub, models_folder) == hub.source
    assert find_weights(hub, None) == hub.source
    (tmp_path / hub.name).mkdir()
    assert find_weights(hub, tmp_path) == hub.source, "a folder without a model is none"
    (tmp_path / hub.name / "model_index.json").touch()
    assert find_weights(hub, tmp_path) == str(tmp_path / hub.name)


def test_a_model_that_is_nowhere_is_unavailable_in_one_sentence(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    entry = replace(TINY, title="Nowhere", source="kinogram/nowhere")
    with pytest.raises(ModelUnavailable, match="Nowhere cannot be loaded from") as caught:
        Pipeline.load(entry)
    assert "\n" not in str(caught.value)


def copy_of(models_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(models_folder / "tiny", tmp_path / "tiny"))


def test_pickled_weights_are_never_loaded(models_folder, tmp_path):
    folder = copy_of(models_folder, tmp_path) / "transformer"
    weights = folder / "diffusion_pytorch_model.safetensors"
    torch.save({}, folder / "diffusion_pytorch_model.bin")
    weights.unlink()
    with pytest.raises(ModelUnavailable, match="safetensors"):
        Pipeline.load(TINY, models_folder=tmp_path)


def test_damaged_weights_are_unavailable(models_folder, tmp_path):
    weights = copy_of(models_folder, tmp_path) / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelUnavailable):
        Pipeline.load(TINY, models_folder=tmp_path)


def test_code_that_comes_with_a_model_is_never_run(models_folder, tmp_path):
    folder = copy_of(models_folder, tmp_path)
    ran = tmp_path / "ran"
    (folder / "pipeline.py").write_text(f"open({str(ran)!r}, 'w')\n")
    (folder / "vae" / "own.py").write_text(f"open({str(ran)!r}, 'w')\n")
    index = json.loads((folder / "model_index.json").read_text())
    index["_class_name"] = ["pipeline", "OwnPipeline"]
    index["vae"] = ["own", "OwnAutoencoder"]
    (folder / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(ModelUnavailable):
        Pipeline.load(TINY, models_folder=tmp_path)
    assert not ran.exists()
