"""Tests of weights for few steps: merged exactly where they belong, or refused by name."""

import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import UniPCMultistepScheduler
from safetensors.torch import save_file

from inference import loading
from inference.catalog import shipped
from inference.entry import FewStep, ModelEntry
from inference.pipeline import Pipeline
from inference.quality import Quality
from inference.values import ModelUnavailable, Progress, Stage
from tests.inference.entries import (
    TINY_LTX2,
    TINY_WAN,
    TINY_WAN_OF_PICTURES,
    TINY_WAN_OF_TWO,
    tiny_request,
)

FILES = {"transformer": "4/high.safetensors", "transformer_2": "4/low.safetensors"}
ENTRY = replace(
    TINY_WAN_OF_TWO,
    few_step=FewStep(
        repository="ours/few",
        files=FILES,
        steps=2,
        guidance_scale=1.0,
        options={"guidance_scale_2": 1.0},
        scheduler={"flow_shift": 5.0},
    ),
)
FAST: ModelEntry = ENTRY.at(Quality.FAST)
WIDTH = 24  # of the tiny transformer


def lora(seed: int, rank: int = 2, alpha: float = 4.0) -> dict[str, Any]:
    """Of the first block's queries, in the names that trainers of Wan give them."""
    chance = torch.Generator().manual_seed(seed)
    name = "diffusion_model.blocks.0.self_attn.q"
    return {
        f"{name}.lora_down.weight": torch.randn(rank, WIDTH, generator=chance),
        f"{name}.lora_up.weight": torch.randn(WIDTH, rank, generator=chance),
        f"{name}.alpha": torch.tensor(alpha),
    }


@pytest.fixture
def models(models_folder: Path, tmp_path: Path) -> Path:
    """A models folder with the weights for few steps beside the others."""
    folder = tmp_path / ENTRY.name
    shutil.copytree(models_folder / ENTRY.name, folder)
    (folder / "4").mkdir()
    for seed, file in enumerate(FILES.values()):
        save_file(lora(seed), folder / file)
    return tmp_path


def queries(words: Any) -> list[torch.Tensor]:
    return [part.blocks[0].attn1.to_q.weight for part in (words.transformer, words.transformer_2)]


def test_each_transformer_gets_its_own_and_nothing_else_changes(models):
    plain, fast = (loading.load(entry, models).words for entry in (ENTRY, FAST))
    for seed, (before, after) in enumerate(zip(queries(plain), queries(fast), strict=True)):
        down, up, alpha = lora(seed).values()
        assert torch.allclose(after, before + alpha / 2 * (up @ down), atol=1e-5)
    changed = [
        name
        for name, weight in plain.transformer.named_parameters()
        if not torch.equal(weight, fast.transformer.get_parameter(name))
    ]
    assert changed == ["blocks.0.attn1.to_q.weight"]
    assert (plain.scheduler.config.flow_shift, fast.scheduler.config.flow_shift) == (3.0, 5.0)
    assert type(fast.scheduler) is type(plain.scheduler)


def test_a_clip_takes_few_steps_and_is_another(models):
    frames = []
    for entry in (ENTRY, FAST):
        pipeline = Pipeline.load(entry, models_folder=models)
        request = tiny_request(model=entry.name, steps=2)
        frames.append(
            pipeline.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)
        )
    assert FAST.steps == 2
    assert frames[0].shape == frames[1].shape
    assert not np.array_equal(*frames)


# Every model with weights for few steps, the tiny one of its kind, and a layer as trainers name it.
SHIPPED = {
    "wan2.1-t2v-1.3b": (TINY_WAN, "blocks.0.self_attn.q"),
    "wan2.2-ti2v-5b": (TINY_WAN_OF_PICTURES, "blocks.0.self_attn.q"),
    "wan2.2-t2v-a14b": (TINY_WAN_OF_TWO, "blocks.0.self_attn.q"),
    "ltx-2": (TINY_LTX2, "transformer_blocks.0.attn1.to_q"),
}


def test_every_model_with_weights_for_few_steps_is_driven_here():
    assert {name for name, entry in shipped().items() if entry.few_step} == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_clip_takes_the_steps_that_the_catalog_says(name, models_folder, tmp_path):
    (tiny, layer), few = SHIPPED[name], shipped()[name].few_step
    assert few is not None
    folder = Path(shutil.copytree(models_folder / tiny.name, tmp_path / tiny.name))
    for file in few.files.values():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        width = 16 if tiny is TINY_LTX2 else WIDTH
        pair = {"A": torch.randn(2, width), "B": torch.randn(width, 2)}
        save_file(
            {f"diffusion_model.{layer}.lora_{key}.weight": one for key, one in pair.items()},
            folder / file,
        )
    entry = replace(tiny, few_step=few).at(Quality.FAST)
    pipeline = Pipeline.load(entry, models_folder=tmp_path)
    told: list[Progress] = []
    frames = pipeline.render_frames(
        tiny_request(model=entry.name), on_progress=told.append, cancelled=lambda: False
    )
    assert len(frames) == 9
    steps = [one.step for one in told if one.stage is Stage.DENOISE]
    assert steps == list(range(few.steps + 1))
    assert not entry.has_negative_prompt, "one pass a step"


def test_the_steps_of_rcm_are_eulers_at_nearly_the_authors_noise():
    few = shipped()["wan2.1-t2v-1.3b"].few_step
    assert few is not None
    flow = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True)
    scheduler = type(flow).from_config(flow.config, **few.scheduler)
    scheduler.set_timesteps(few.steps)
    times = torch.tensor([math.atan(80), 1.5, 1.4, 1.0]).tan()
    assert torch.allclose(scheduler.sigmas[:-1], times / (1 + times), atol=0.02)
    stepped = plain = torch.randn(2, 3, generator=torch.Generator().manual_seed(0))
    for time, noise, less in zip(
        scheduler.timesteps, scheduler.sigmas, scheduler.sigmas[1:], strict=False
    ):
        stepped = scheduler.step(stepped.tanh() + noise, time, stepped).prev_sample
        plain = plain + (less - noise) * (plain.tanh() + noise)
    assert torch.allclose(stepped, plain, atol=1e-5)


def renamed(layers: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("blocks.0", "blocks.7"): one for key, one in layers.items()}


def widened(layers: dict[str, Any]) -> dict[str, Any]:
    return {key: one.repeat(1, 2) if one.ndim else one for key, one in layers.items()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _layers: {}, "high.safetensors holds no LoRA"),
        (renamed, "high.safetensors does not fit transformer.blocks.7.attn1.to_q"),
        (widened, "high.safetensors does not fit transformer.blocks.0.attn1.to_q"),
    ],
    ids=["nothing", "another layer", "another width"],
)
def test_weights_that_do_not_fit_are_named(models, change, words):
    save_file(change(lora(0)), models / ENTRY.name / FILES["transformer"])
    with pytest.raises(ModelUnavailable, match=words):
        loading.load(FAST, models)


def test_damaged_weights_are_unavailable(models):
    (models / ENTRY.name / FILES["transformer"]).write_bytes(b"no weights")
    with pytest.raises(ModelUnavailable):
        loading.load(FAST, models)
