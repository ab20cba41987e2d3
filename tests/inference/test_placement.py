"""Tests that a model held in any way makes the same clip, and can be held in another."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.testing._internal.two_tensor import TwoTensor

from inference import loading, placement
from inference.catalog import find
from inference.pipeline import Pipeline
from inference.plan import Plan, holdings
from inference.values import ModelUnavailable, Progress, RenderCancelled, Stage
from tests.inference.entries import ARCHITECTURES, TINY, tiny_request

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(params=ARCHITECTURES, ids=lambda entry: entry.name)
def entry(request: pytest.FixtureRequest) -> Any:
    return request.param


def frames(pipeline: Pipeline, prompt: str = "a cat") -> Any:
    return pipeline.render_frames(
        tiny_request(model=pipeline.entry.name, prompt=prompt),
        on_progress=lambda _: None,
        cancelled=lambda: False,
    )


def test_needs_are_counted_from_the_weights(models_folder: Path):
    diffusion = loading.load(TINY, models_folder)
    needs = placement.needs(diffusion.words, TINY.memory_gib)
    assert set(needs.weights) == {"text_encoder", "transformer", "vae"}
    numbers = sum(one.numel() for one in diffusion.words.transformer.parameters())
    assert needs.weights["transformer"] * 2**30 == pytest.approx(4 * numbers, rel=0.1)
    assert needs.working == pytest.approx(TINY.memory_gib, rel=0.01)


def test_weights_are_counted_as_they_are_held(models_folder: Path):
    """As those in 8 bits are: a tensor that says bfloat16 of itself, of others that it holds."""
    words = loading.load(TINY, models_folder).words
    before = placement.weights_gib(words)
    for part in words.transformer.modules():
        if isinstance(part, torch.nn.Linear):
            eighths = part.weight.detach().to(torch.float8_e4m3fn)
            part.weight = torch.nn.Parameter(TwoTensor(eighths, eighths), requires_grad=False)
    linear = sum(
        part.weight.numel()
        for part in words.transformer.modules()
        if isinstance(part, torch.nn.Linear)
    )
    after = placement.weights_gib(words)
    assert (before["transformer"] - after["transformer"]) * 2**30 == pytest.approx(2 * linear)
    assert after["vae"] == before["vae"]


def test_what_a_model_holds_of_a_device_already_is_room_that_it_has_there(models_folder: Path):
    """As random weights do, which are made on the GPU that they are measured on."""
    words = loading.load(TINY, models_folder).words
    weights = placement.needs(words, TINY.memory_gib).weights
    assert placement.held_gib(words, "meta") == 0
    assert placement.held_gib(words, "cpu") == pytest.approx(sum(weights.values()))
    words.transformer.to("meta")
    assert placement.held_gib(words, "meta") == pytest.approx(weights["transformer"])


@pytest.mark.skipif(placement.gpus() > 0, reason="there is a GPU here")
def test_a_model_for_a_gpu_is_refused_before_its_weights_are_fetched_where_there_is_none():
    with pytest.raises(ModelUnavailable, match="needs a GPU"):
        Pipeline.load(find("cogvideox-2b"), device="cuda")


def test_a_clip_is_the_same_however_its_model_is_held(entry, models_folder):
    diffusion = loading.load(entry, models_folder)
    ways = holdings(placement.needs(diffusion.words, entry.memory_gib))
    ways = (*ways, *reversed(ways))
    prompts = [f"cat {number}" for number in range(len(ways))]  # each new to the text encoder
    pipeline = Pipeline(entry, diffusion)
    assert pipeline.plan == Plan(), "on a CPU nothing has to make room"
    plain = [frames(pipeline, prompt) for prompt in prompts]
    diffusion = loading.load(entry, models_folder)
    pipeline = Pipeline(entry, diffusion)
    for way, prompt, same in zip(ways, prompts, plain, strict=True):
        placement.place(diffusion.words, way, "cpu")
        assert diffusion.words.vae.use_tiling == way.tiled
        assert np.array_equal(frames(pipeline, prompt), same)


def test_a_clip_that_does_not_fit_is_made_in_a_gentler_way_and_the_next_as_before(models_folder):
    diffusion = loading.load(TINY, models_folder)
    pipeline = Pipeline(TINY, diffusion)
    before = frames(pipeline)
    seen: list[Progress] = []
    tight = tiny_request(aspect_ratio="tight")
    clip = pipeline.render_frames(tight, on_progress=seen.append, cancelled=lambda: False)
    assert clip.std() > 0
    begun = Progress(stage=Stage.TEXT, step=0, steps=1)
    assert seen.count(begun) == 2, "it began again, once"
    assert seen[-1] == Progress(stage=Stage.DECODE, step=1, steps=1)
    assert not diffusion.words.vae.use_tiling
    assert np.array_equal(frames(pipeline), before)


def test_a_cancel_is_heard_in_the_second_try_too(models_folder):
    diffusion = loading.load(TINY, models_folder)
    pipeline = Pipeline(TINY, diffusion)
    seen: list[Progress] = []
    begun = Progress(stage=Stage.TEXT, step=0, steps=1)
    with pytest.raises(RenderCancelled):
        pipeline.render_frames(
            tiny_request(aspect_ratio="tight"),
            on_progress=seen.append,
            cancelled=lambda: seen.count(begun) == 2,
        )
    assert seen[-1] == begun
    assert not diffusion.words.vae.use_tiling
