"""Tests of a model whose weights are one file, under its authors' names."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
from safetensors.torch import load_file, save_file

from inference import catalog, loading, single_file, weights
from inference.footage import Frames
from inference.measuring import random_weights
from inference.pipeline import Pipeline
from inference.repository import Hub
from inference.values import ModelUnavailable
from tests.inference import published
from tests.inference.entries import tiny_request
from tests.inference.hub_server import COMMIT, Repositories, serving
from tests.inference.published import FILE, PUBLISHED

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
MEAN = "vae.per_channel_statistics.mean-of-means"
NORM = "model.diffusion_model.transformer_blocks.0.attn1.q_norm.weight"


@pytest.fixture(scope="module")
def made() -> object:
    return published.tiny()


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """A models folder whose one model is a copy of the repository, with config/ in it."""
    own = tmp_path / "models" / PUBLISHED.name
    published.save(made, own, own / "config")
    return own


def frames(models_folder: Path) -> Frames:
    return Pipeline.load(PUBLISHED, models_folder=models_folder).render_frames(
        tiny_request(model=PUBLISHED.name),
        on_progress=lambda _: None,
        cancelled=lambda: False,
    )


def test_every_tensor_is_read_by_its_authors_name(made, folder):
    read = loading.load(replace(PUBLISHED, dtype="float32", decoder_dtype="float32"), folder.parent)
    for name in ("transformer", "vae", "text_encoder"):
        wanted, found = (getattr(one, name).state_dict() for one in (made, read.words))
        assert found.keys() == wanted.keys()
        assert all(torch.equal(found[key], wanted[key]) for key in wanted)
    assert read.words.scheduler.config.shift == 3.0, "config/ says so, not the repository"


@pytest.mark.parametrize(
    "entry",
    [one for one in catalog.shipped().values() if one.weights_file],
    ids=lambda one: one.name,
)
def test_diffusers_has_a_name_for_every_tensor_of_a_shipped_model(entry):
    configs = catalog.config_folder(entry)
    model = SimpleNamespace()
    with init_empty_weights(include_buffers=True):
        for name, kind in (
            ("transformer", LTXVideoTransformer3DModel),
            ("vae", AutoencoderKLLTXVideo),
        ):
            setattr(model, name, kind.from_config(kind.load_config(configs / name)))
    file = published.tensors(model)
    for one in (model.transformer, model.vae):
        read = single_file.renamed(type(one), dict(one.config), dict(file))
        assert {name: tensor.shape for name, tensor in read.items()} == {
            name: tensor.shape for name, tensor in one.state_dict().items()
        }


def test_its_components_have_the_dtypes_of_the_entry(folder):
    words = loading.load(replace(PUBLISHED, dtype="bfloat16"), folder.parent).words
    assert words.transformer.dtype == words.text_encoder.dtype == torch.bfloat16
    assert words.vae.dtype == torch.float32
    assert not words.transformer.training


def test_it_makes_the_clip_that_folders_of_the_same_weights_make(made, folder, tmp_path):
    made.save_pretrained(tmp_path / "folders" / PUBLISHED.name, safe_serialization=True)
    of_file, of_folders = map(frames, (folder.parent, tmp_path / "folders"))
    assert of_file.shape == (9, 64, 64, 3)
    # Elsewhere in memory, a sum may be rounded another way.
    assert np.abs(of_file.astype(int) - of_folders).max() <= 1


@pytest.mark.parametrize(
    ("tensor", "named"),
    [
        (MEAN, "latents_mean"),  # a buffer, which has a default
        (NORM, "transformer_blocks.0.attn1.norm_q.weight"),
    ],
)
def test_a_tensor_that_is_missing_or_of_another_shape_is_named(folder, tensor, named):
    whole = load_file(folder / FILE)
    save_file(whole | {tensor: torch.zeros(3, 4)}, folder / FILE)
    said = rf"{FILE} holds weights of another model: {named} is of \(3, 4\), not \("
    with pytest.raises(ModelUnavailable, match=said):
        loading.load(PUBLISHED, folder.parent)
    save_file({name: one for name, one in whole.items() if name != tensor}, folder / FILE)
    with pytest.raises(ModelUnavailable, match=f"{FILE} lacks {named}: the weights are not whole"):
        loading.load(PUBLISHED, folder.parent)


@pytest.mark.parametrize("kept", ["vae.", "model."])
def test_a_file_without_one_of_the_components_is_not_whole(folder, kept):
    whole = load_file(folder / FILE)
    save_file({name: one for name, one in whole.items() if name.startswith(kept)}, folder / FILE)
    with pytest.raises(ModelUnavailable, match=f"{FILE} lacks .*: the weights are not whole"):
        loading.load(PUBLISHED, folder.parent)


def test_damage_and_what_diffusers_reads_from_no_file_are_told(folder):
    index = folder / "config" / "model_index.json"
    named = json.loads(index.read_text())
    other = named | {"vae": ["diffusers", "AutoencoderKLTemporalDecoder"]}
    index.write_text(json.dumps(other))
    with pytest.raises(
        ModelUnavailable, match="reads no AutoencoderKLTemporalDecoder out of one file"
    ):
        loading.load(PUBLISHED, folder.parent)
    index.write_text(json.dumps(named))
    (folder / FILE).write_bytes((folder / FILE).read_bytes()[:1000])
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        loading.load(PUBLISHED, folder.parent)


def test_folders_of_an_operators_own_are_read_where_the_file_is_not(made, tmp_path):
    made.save_pretrained(tmp_path / PUBLISHED.name, safe_serialization=True)
    words = loading.load(PUBLISHED, tmp_path).words
    assert torch.equal(words.vae.latents_mean, made.vae.latents_mean)


def test_it_is_built_with_random_weights_from_its_configurations(folder):
    (folder / FILE).unlink()
    (folder / "model_index.json").unlink()
    assert catalog.config_folder(PUBLISHED, folder.parent) == folder / "config"
    built = random_weights.load(PUBLISHED, folder.parent, device="cpu").words
    assert built.transformer.config.num_layers == 1


def test_the_file_is_fetched_in_place_of_the_folders_and_checked(folder, tmp_path):
    repositories = Repositories(folders={PUBLISHED.source: folder})
    entry = replace(PUBLISHED, revision=COMMIT)
    with serving(repositories) as endpoint:
        hub = Hub(endpoint=endpoint, cache=tmp_path / "cache")
        pulled = weights.pull(entry, None, hub).folder
        there = {str(path.relative_to(pulled)) for path in pulled.rglob("*.*")}
        assert {FILE, "text_encoder/model.safetensors", "model_index.json"} <= there
        assert any(name.startswith("tokenizer/") for name in there)
        assert not any(name.startswith(("transformer", "vae", "scheduler")) for name in there)
        assert weights.is_here(entry, None, hub)
        (pulled / FILE).resolve().unlink()
        assert not weights.is_here(entry, None, hub)
        (folder / FILE).unlink()
        with pytest.raises(ModelUnavailable, match=f"has no {FILE} at {COMMIT[:8]}"):
            weights.pull(entry, None, hub)


def test_what_was_fetched_makes_clips(folder, tmp_path):
    with serving(Repositories(folders={PUBLISHED.source: folder})) as endpoint:
        hub = Hub(endpoint=endpoint, cache=tmp_path / "cache")
        pulled = weights.pull(replace(PUBLISHED, revision=COMMIT), None, hub).folder
    own = tmp_path / "fetched" / PUBLISHED.name
    shutil.copytree(pulled, own)
    shutil.copytree(folder / "config", own / "config")
    assert np.array_equal(frames(own.parent), frames(folder.parent))
