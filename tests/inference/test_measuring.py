"""Tests that a model's speed is measured, with its weights and without."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.entry import FewStep
from inference.measuring import random_weights
from inference.measuring.arithmetic import forward_flops
from inference.measuring.model import measure
from inference.quality import Measured, Quality
from inference.values import ModelUnavailable
from tests.inference.entries import ARCHITECTURES, TINY_WAN, TINY_WAN_OF_TWO, tiny_request

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def measured(
    entry: Any, folder: Path | None, *, random: bool = True, gpus: int = 1, **changes: Any
) -> Any:
    said: list[str] = []
    request = tiny_request(model=entry.name, seconds=entry.default_seconds, **changes)
    return measure(
        entry, folder, random=random, request=request, repeats=1, gpus=gpus, told=said.append
    )


@pytest.mark.parametrize("entry", ARCHITECTURES, ids=lambda entry: entry.name)
def test_every_architecture_is_measured_from_its_configurations_alone(entry, models_folder):
    found = measured(replace(entry, source="", replaces=True), models_folder)
    assert found["weights"] == "random"
    for who in ("kinogram", "plain"):
        (clip,) = found["measurements"][who]
        assert len(clip["steps"]) == entry.steps
        assert min(clip["text"], *clip["steps"], clip["decode"], clip["encode"]) > 0
        assert clip["forwards"] >= entry.steps
    assert found["kinogram"]["forwards"] == found["plain"]["forwards"]
    arithmetic = found["arithmetic"]
    assert arithmetic["forward_tflop"] > 0
    assert arithmetic["tflops"] * arithmetic["forward_seconds"] == pytest.approx(
        arithmetic["forward_tflop"]
    )
    assert found["faster_than_plain"] > 0


def test_random_weights_are_no_ones_and_weigh_what_the_real_ones_do(models_folder):
    entry = replace(TINY_WAN_OF_TWO, source="", replaces=True, dtype="bfloat16")
    made = random_weights.load(entry, models_folder, device="cpu").words
    assert made.transformer_2.proj_out.weight.dtype is torch.bfloat16
    assert made.vae.dtype is torch.float32, "as the entry has its decoder"
    assert made.transformer.scale_shift_table.dtype is torch.float32, "as from_pretrained holds it"
    few = FewStep(
        repository="", files={}, steps=2, guidance_scale=1.0, scheduler={"flow_shift": 5.0}
    )
    fast = replace(entry, few_step=few).at(Quality.FAST)
    hurried = random_weights.load(fast, models_folder, device="cpu").words
    assert hurried.scheduler.config.flow_shift == 5.0
    assert hurried.vae.dtype is torch.bfloat16
    same = torch.equal(hurried.transformer.proj_out.weight, made.transformer.proj_out.weight)
    assert same, "every rank makes the same"


def test_a_forward_is_counted_once_and_the_rest_left_out():
    layer = torch.nn.Linear(4, 5, bias=False)
    after: list[str] = []

    def call() -> None:
        layer(torch.zeros(3, 4))
        after.append("too far")

    assert forward_flops(layer, call) == 2 * 3 * 4 * 5
    assert after == []


def test_attention_is_counted_on_a_cpu_too():
    class Attention(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.scaled_dot_product_attention(x, x, x)

    with torch.no_grad():
        module = Attention()
        flops = forward_flops(module, lambda: module(torch.zeros(1, 2, 7, 8)))
    assert flops == 2 * (2 * 2 * 7 * 7 * 8)


@pytest.mark.parametrize(
    ("changes", "random", "said"),
    [
        ({"memory_gib": 1e6}, True, "needs 1000000 GiB of memory, and .* are free here"),
        ({"name": "missing"}, True, "has no configurations"),
        ({"name": "missing"}, False, "kinogram models pull missing, or .* --random-weights"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(models_folder, changes, random, said):
    entry = replace(TINY_WAN, source="", replaces=True, **changes)
    with pytest.raises(ModelUnavailable, match=said):
        measured(entry, models_folder, random=random)


def test_a_models_own_weights_are_measured_at_a_level_and_told_as_json(models_folder):
    table = {"cpu": Measured(how="for this test", compiled=False)}
    entry = replace(TINY_WAN, measured=table).at(Quality.HIGH)
    found = json.loads(json.dumps(measured(entry, models_folder, random=False, steps=2)))
    assert (found["weights"], found["quality"], found["steps"]) == ("real", "high", 2)
    assert found["run"].startswith("high: plain")


def test_a_clip_of_two_processes_is_measured(models_folder):
    """As two GPUs share it; on a CPU each computes all of it."""
    found = measured(TINY_WAN, models_folder, random=False, steps=2, gpus=2)
    assert (found["gpus"], found["plain"]) == (2, None)
    assert found["kinogram"]["forwards"] >= 2
