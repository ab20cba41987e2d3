"""Tests that what makes a model faster is kept where it does, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference import loading
from inference.catalog import find
from inference.pipeline import Pipeline
from inference.plan import Plan
from inference.quality import STEP_CACHE_FROM, Measured, Quality
from inference.speed import Speed
from inference.values import (
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    RenderCancelled,
    Stage,
    WorkerLost,
)
from tests.inference.entries import TINY_COGVIDEOX, TINY_WAN, tiny_request

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def words(models_folder: Path) -> Any:
    """The diffusers pipeline of a tiny model."""
    return loading.load(TINY_WAN, models_folder).words


def compiled_blocks(words: Any) -> int:
    return sum(block._compiled_call_impl is not None for block in words.transformer.modules())


def steps(*seconds: float | Exception) -> Callable[[], float]:
    """A clock of steps, which tells these one after another."""
    told = iter(seconds)

    def step_seconds() -> float:
        now = next(told)
        if isinstance(now, Exception):
            raise now
        return now

    return step_seconds


def test_exact_changes_nothing_and_measures_one_step(words):
    speed = Speed(TINY_WAN, words, "cpu")
    speed.tune(steps(1.0))
    assert str(speed) == "plain"
    assert compiled_blocks(words) == 0
    assert not words.transformer.is_cache_enabled


@pytest.mark.parametrize(
    ("measured", "kept"),
    [
        ((2.0, 1.0), True),
        ((1.0, 2.0), False),
        ((1.0, InferenceError("no compiler")), False),
        ((1.0, OutOfMemory("no room")), False),
    ],
    ids=["faster", "slower", "impossible", "too large"],
)
def test_compiling_is_kept_only_where_it_works_and_is_faster(words, measured, kept):
    speed = Speed(TINY_WAN.at(Quality.HIGH), words, "cpu")
    speed.tune(steps(*measured))
    assert speed.compiled == kept
    assert compiled_blocks(words) == (1 if kept else 0)
    assert str(speed) == ("compiled" if kept else "plain")


@pytest.mark.parametrize("measured", [(WorkerLost("gone"),), (1.0, WorkerLost("gone"))])
def test_an_error_of_the_gpu_is_no_measurement(words, measured):
    with pytest.raises(WorkerLost):
        Speed(TINY_WAN.at(Quality.HIGH), words, "cpu").tune(steps(*measured))


@pytest.mark.parametrize("compiled", [True, False])
def test_what_the_models_table_says_of_a_device_is_not_measured_again(words, compiled):
    table = {"cpu": Measured(how="here, today", compiled=compiled)}
    entry = replace(TINY_WAN, measured=table).at(Quality.HIGH)
    speed = Speed(entry, words, "cpu")
    speed.tune(steps())
    assert speed.compiled == compiled
    exact = Speed(entry.at(Quality.EXACT), words, "cpu")
    exact.tune(steps())
    assert not exact.compiled, "the level allows no such thing"


@pytest.mark.parametrize(
    ("entry", "dtype", "said"),
    [
        (TINY_WAN, torch.bfloat16, "torchao" if find_spec("torchao") is None else "GPU"),
        (TINY_WAN, torch.float16, "nothing for this model"),
        (TINY_COGVIDEOX, torch.bfloat16, "nothing for this model"),
    ],
    ids=["here", "of that dtype", "of that architecture"],
)
def test_multiplying_in_8_bits_is_refused_where_it_cannot_be_done(
    models_folder, entry, dtype, said
):
    words = loading.load(entry, models_folder).words
    words.transformer.to(dtype)
    with pytest.raises(ModelUnavailable, match=said):
        Speed(entry.at(Quality.FASTEST), words, "cpu")


@pytest.fixture
def many_steps() -> Pipeline:
    """A pipeline of several blocks that takes over what is alike of the step before."""
    return Pipeline.load(replace(find("builtin"), steps=STEP_CACHE_FROM).at(Quality.FAST))


def render(pipeline: Pipeline, **changes: Any) -> Any:
    seen: list[Progress] = []
    cancel_at = changes.pop("cancel_at", None)
    request = tiny_request(model=pipeline.entry.name, prompt="a cat moves left", **changes)
    return pipeline.render_frames(
        request, on_progress=seen.append, cancelled=lambda: cancel_at in seen
    )


def test_steps_are_taken_over_only_at_a_level_that_allows_it_and_of_many():
    for steps_, quality, cached in (
        (STEP_CACHE_FROM, Quality.FAST, True),
        (STEP_CACHE_FROM, Quality.HIGH, False),
        (STEP_CACHE_FROM - 1, Quality.FAST, False),
    ):
        words = loading.load(find("builtin"), None).words
        speed = Speed(replace(find("builtin"), steps=steps_).at(quality), words, "cpu")
        assert words.transformer.is_cache_enabled == cached
        assert ("taken over" in str(speed)) == cached


def test_a_model_of_which_no_step_can_be_taken_over_is_run_in_full(words):
    """The tiny model has one block, which has to be run to know what is alike."""
    entry = replace(TINY_WAN, steps=STEP_CACHE_FROM).at(Quality.FAST)
    assert str(Speed(entry, words, "cpu")) == "plain"


def test_a_render_that_was_stopped_leaves_no_step_to_the_next(many_steps):
    first = render(many_steps, seed=5)
    middle = Progress(stage=Stage.DENOISE, step=9, steps=STEP_CACHE_FROM)
    with pytest.raises(RenderCancelled):
        render(many_steps, seed=6, cancel_at=middle)
    assert np.array_equal(first, render(many_steps, seed=5))


def test_a_pipeline_says_its_level_and_how_it_is_run(many_steps):
    assert str(many_steps) == f"fast: alike steps taken over; {Plan()}"


def test_what_is_set_aside_for_the_plain_call_comes_back(many_steps):
    before = render(many_steps, seed=5)
    with many_steps.without_speed():
        plain = render(many_steps, seed=5)
    assert np.array_equal(before, render(many_steps, seed=5))
    assert not np.array_equal(before, plain), "steps were taken over, and there were none"


def test_another_attention_kernel_is_nobodys_but_the_transformers_and_not_while_it_is_set_aside(
    models_folder,
):
    """A kernel of cuDNN cannot run on a CPU: where it is used, nothing is rendered."""
    table = {"cpu": Measured(how="for this test", attention="_native_cudnn")}
    entry = replace(TINY_WAN, measured=table).at(Quality.HIGH)
    other, pipeline = (Pipeline.load(one, models_folder=models_folder) for one in (TINY_WAN, entry))
    before = render(other)
    pipeline.warm_up()
    with pytest.raises(InferenceError, match="kernel"):
        render(pipeline)
    with pipeline.without_speed():
        plain = render(pipeline)
    assert np.array_equal(before, plain)
    assert np.array_equal(before, render(other))
    with pytest.raises(InferenceError, match="kernel"):
        render(pipeline)


def test_compiled_blocks_are_not_used_while_they_are_set_aside(words):
    speed = Speed(TINY_WAN.at(Quality.HIGH), words, "cpu")
    speed.tune(steps(2.0, 1.0))
    with speed.set_aside():
        assert compiled_blocks(words) == 0
    assert compiled_blocks(words) == 1
