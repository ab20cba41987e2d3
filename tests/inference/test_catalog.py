"""Tests of the models' numbers, and of what they refuse."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import accelerate
import diffusers
import diffusers.pipelines.ltx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inference
from inference import catalog
from inference.catalog import DEFAULT_MODEL, shipped
from inference.entry import ModelEntry
from inference.measuring.random_weights import component
from inference.values import ModelUnavailable, Request, RequestRejected

HUB = [entry for entry in shipped().values() if "/" in entry.source]
# Few steps already, or none that diffusers can load (their files say which).
NO_FEW_STEPS = {
    "builtin",
    "cogvideox-2b",
    "hunyuanvideo-1.5",
    "ltx-video-13b-distilled",
    "ltx-video-2b-distilled",
}
ENTRIES = pytest.mark.parametrize("entry", shipped().values(), ids=shipped())


def request_for(entry: ModelEntry, **changes: object) -> Request:
    fields = {
        "prompt": "a cat",
        "seed": 1,
        "model": entry.name,
        "seconds": entry.default_seconds,
    }
    return Request(**(fields | changes))  # type: ignore[arg-type]


def test_the_default_model_is_in_the_catalog():
    assert catalog.find(DEFAULT_MODEL).gpus == 0


def test_an_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(ModelUnavailable) as caught:
        catalog.find("sora")
    for name in shipped():
        assert name in str(caught.value)


@ENTRIES
def test_every_entry_can_do_what_nobody_specified(entry):
    catalog.check(entry, request_for(entry))
    assert entry.default_aspect_ratio in entry.shapes


@ENTRIES
def test_every_shape_fits_the_model_and_its_name(entry):
    for aspect_ratio, (width, height) in entry.shapes.items():
        assert width % entry.pixel_step == height % entry.pixel_step == 0
        across, down = map(int, aspect_ratio.split(":"))
        assert float(Fraction(width, height)) == pytest.approx(across / down, rel=0.07)


@ENTRIES
def test_every_entry_is_cited_licensed_and_pinned(entry):
    assert entry.licence
    assert entry.cites
    repositories = [(entry.source, entry.revision)] if "/" in entry.source else []
    if entry.few_step:
        assert entry.few_step.cites
        repositories.append((entry.few_step.repository, entry.few_step.revision))
    for repository, revision in repositories:
        assert re.fullmatch(r"[0-9a-f]{40}", revision), repository


def test_every_model_that_can_has_weights_for_few_steps():
    assert {name for name, entry in shipped().items() if entry.few_step is None} == NO_FEW_STEPS


@ENTRIES
@given(seconds=st.floats(0.01, 60))
def test_a_clip_has_a_number_of_frames_the_model_can_make(entry, seconds):
    count = catalog.frames(entry, seconds)
    assert (count - 1) % entry.frame_step == 0
    assert entry.fewest_frames <= count <= entry.most_frames
    wished = seconds * entry.frames_per_second
    if entry.fewest_frames <= wished <= entry.most_frames:
        assert abs(count - wished) <= entry.frame_step / 2 + 1e-6


def test_five_seconds_of_wan_are_121_frames():
    assert catalog.frames(catalog.find("wan2.2-ti2v-5b"), 5.0) == 121
    assert catalog.frames(catalog.find("wan2.1-t2v-1.3b"), 5.0) == 81


@ENTRIES
def test_frame_rates_told_to_the_model_are_those_of_the_clip(entry):
    assert entry.options.get("frame_rate", entry.frames_per_second) == entry.frames_per_second


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"aspect_ratio": "21:9"}, "16:9, 9:16, 1:1"),
        ({"seconds": 60.0}, "up to 5.0 seconds, not 60"),
        ({"seconds": 0.0}, "up to 5.0 seconds"),
        ({"seconds": -1.0}, "up to 5.0 seconds"),
        ({"seconds": float("nan")}, "up to 5.0 seconds"),
        ({"steps": 0}, "1 to 100 steps"),
        ({"steps": 101}, "1 to 100 steps"),
        ({"seed": -1}, "0 to 4294967295"),
        ({"seed": 2**32}, "0 to 4294967295"),
        ({"prompt": " \n"}, "empty"),
        ({"model": "builtin"}, "builtin"),
    ],
)
def test_what_a_model_cannot_do_is_refused_with_what_it_can(changes, words):
    entry = catalog.find("wan2.2-ti2v-5b")
    with pytest.raises(RequestRejected, match=re.escape(words)):
        catalog.check(entry, request_for(entry, **changes))


def test_a_request_may_choose_its_steps():
    entry = catalog.find("builtin")
    assert catalog.denoising_steps(entry, request_for(entry)) == entry.steps
    assert catalog.denoising_steps(entry, request_for(entry, steps=7)) == 7


@ENTRIES
def test_a_draft_takes_fewer_steps_and_the_best_more_and_the_model_can_do_them(entry):
    steps = {name: catalog.level_steps(entry, name) for name in catalog.LEVELS}
    assert 1 <= steps["draft"] <= 0.3 * entry.steps < steps["standard"] == entry.steps
    assert steps["best"] == 2 * entry.steps
    for name, number in steps.items():
        assert catalog.level(entry, number) == name
        catalog.check(entry, request_for(entry, steps=number))
    assert catalog.level(entry, None) == "standard"


def test_the_built_in_model_drafts_in_2_steps_and_does_its_best_in_16():
    entry = catalog.find("builtin")
    assert [catalog.level_steps(entry, name) for name in catalog.LEVELS] == [2, 8, 16]


def test_people_choose_5_seconds_or_10_where_the_model_goes_so_far():
    entry = catalog.find("wan2.2-ti2v-5b")
    assert entry.choosable_seconds == (5.0,)
    assert replace(entry, most_frames=241).choosable_seconds == (5.0, 10.0)
    assert replace(entry, most_frames=49).choosable_seconds == (49 / 24,)


def test_a_persons_negative_prompt_keeps_the_models_own():
    entry = catalog.find("ltx-2")
    assert catalog.negative_prompt(entry, request_for(entry)) == entry.negative_prompt
    both = catalog.negative_prompt(entry, request_for(entry, negative_prompt="dogs"))
    assert both == f"dogs, {entry.negative_prompt}"
    assert catalog.negative_prompt(catalog.find("builtin"), request_for(entry)) == ""


def test_an_empty_aspect_ratio_is_the_models_own():
    entry = catalog.find("ltx-2")
    assert catalog.shape(entry, "") == entry.shapes["16:9"]
    assert catalog.shape(entry, "9:16") == (544, 960)


def test_the_built_in_entry_fits_the_weights_in_the_package():
    entry = catalog.find("builtin")
    folder = Path(inference.__file__).parent / entry.source
    config = json.loads((folder / "vae" / "config.json").read_text())
    assert entry.frame_step == config["clip_frames"]
    assert entry.frames_per_second == config["frames_per_second"]
    index = json.loads((folder / "model_index.json").read_text())
    named = {part[0] for part in index.values() if isinstance(part, list)}
    assert named - {"diffusers", "transformers"} <= set(entry.modules)


def test_the_built_in_weights_tell_nothing_of_the_machine_that_made_them():
    folder = Path(inference.__file__).parent / catalog.find("builtin").source
    for config in folder.rglob("*.json"):
        assert "/" not in json.loads(config.read_text()).get("_name_or_path", "")


@ENTRIES
def test_every_shape_and_length_is_one_that_the_autoencoder_and_the_transformer_take(entry):
    folder = catalog.config_folder(entry)
    vae = json.loads((folder / "vae" / "config.json").read_text())
    transformer = json.loads((folder / "transformer" / "config.json").read_text())
    if entry.name == "builtin":
        assert entry.frame_step == vae["clip_frames"]
        return
    spatial = vae.get("scale_factor_spatial") or vae.get("spatial_compression_ratio") or 8
    temporal = vae.get("scale_factor_temporal") or vae.get("temporal_compression_ratio")
    patch = transformer["patch_size"]
    assert entry.pixel_step == spatial * (patch[1] if isinstance(patch, list) else patch)
    assert entry.frame_step % temporal == 0


@pytest.mark.parametrize("entry", HUB, ids=lambda entry: entry.name)
def test_every_model_can_be_built_from_its_configurations_and_fits_the_memory_it_names(entry):
    folder = catalog.config_folder(entry)
    index = json.loads((folder / "model_index.json").read_text())
    assert index["_class_name"] == entry.pipeline
    weights = 0
    for name, (library, kind) in ((k, v) for k, v in index.items() if isinstance(v, list)):
        if kind is None or "tokenizer" in name:
            continue
        if name in {"scheduler", "guider"}:
            config = json.loads((folder / name / f"{name}_config.json").read_text())
            assert type(getattr(diffusers, kind).from_config(config)).__name__ == kind
            continue
        with accelerate.init_empty_weights():
            model = component(folder / name, [library, kind])
        each = 4 if "float32" in {entry.dtype, entry.decoder_dtype if name == "vae" else ""} else 2
        weights += each * sum(parameter.numel() for parameter in model.parameters())
    assert weights / 2**30 < entry.memory_gib
