"""Tests of the one path on which every model runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.footage import Frames
from inference.pipeline import Pipeline, inference_error
from inference.values import (
    InferenceError,
    OutOfMemory,
    Progress,
    RenderCancelled,
    Request,
    RequestRejected,
    Stage,
    WorkerLost,
)
from tests.inference.entries import ARCHITECTURES, TINY, TINY_CONDITION, tiny_request

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def pipeline(models_folder: Path) -> Pipeline:
    return Pipeline.load(TINY, models_folder=models_folder)


@pytest.fixture(scope="module", params=ARCHITECTURES, ids=lambda it: it.name)
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


def test_a_schedule_is_kept_to_in_its_own_number_of_steps_and_left_out_of_others(models_folder):
    """Distilled models name each step; a draft of fewer takes diffusers' own."""
    schedule = [1000, 909.4, 421.9]
    options = {**TINY_CONDITION.options, "timesteps": schedule}
    plain, named = (
        Pipeline.load(entry, models_folder=models_folder)
        for entry in (TINY_CONDITION, replace(TINY_CONDITION, options=options))
    )
    for steps, same in ((3, False), (2, True)):
        request = request_for(plain, steps=steps)
        assert np.array_equal(render(plain, request), render(named, request)) is same


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
        ("gpu later", WorkerLost, "illegal memory access"),
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


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("CUDA out of memory. Tried to allocate memory", OutOfMemory),
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", OutOfMemory),
        ("CUDA error: out of memory", OutOfMemory),
        ("CUDA error: an illegal memory access was encountered", WorkerLost),
        ("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx(...)`", WorkerLost),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", WorkerLost),
        ("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED", InferenceError),
        (
            "CUDA error: CUBLAS_STATUS_NOT_SUPPORTED when calling `cublasLtMatmul(...)`",
            InferenceError,
        ),
        ("shapes do not fit", InferenceError),
    ],
)
def test_a_process_goes_on_only_after_errors_that_leave_its_device_usable(
    said: str, meaning: type[InferenceError]
) -> None:
    assert type(inference_error(RuntimeError(said))) is meaning
