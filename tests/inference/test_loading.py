"""Tests of how models are found and loaded, and of what is never loaded."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from inference import loading
from inference.catalog import find
from inference.pipeline import Pipeline
from inference.values import ModelUnavailable
from inference.weights import own_folder
from tests.inference.entries import TINY, TINY_WAN


def test_torch_gets_the_threads_it_was_given(models_folder):
    threads = torch.get_num_threads()
    try:
        Pipeline.load(TINY, models_folder=models_folder, threads=3)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)


def test_the_operators_copy_comes_before_the_packages_and_the_hub(models_folder, tmp_path):
    assert own_folder(TINY, models_folder) == models_folder / "tiny"
    hub = find("wan2.2-ti2v-5b")
    assert own_folder(hub, models_folder) is None
    assert own_folder(hub, None) is None
    (tmp_path / hub.name).mkdir()
    assert own_folder(hub, tmp_path) is None, "a folder without a model is none"
    (tmp_path / hub.name / "model_index.json").touch()
    assert own_folder(hub, tmp_path) == tmp_path / hub.name


def test_a_model_without_weights_beside_its_file_is_unavailable(tmp_path):
    entry = replace(TINY, title="Ours", name="ours", source="")
    with pytest.raises(ModelUnavailable, match=f"Ours has no weights: .* in {tmp_path}/ours"):
        Pipeline.load(entry, models_folder=tmp_path)


def test_a_model_that_is_nowhere_is_unavailable_in_one_sentence(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    entry = replace(TINY, title="Nowhere", source="kinogram/nowhere")
    with pytest.raises(ModelUnavailable, match="kinogram/nowhere cannot be downloaded") as caught:
        Pipeline.load(entry)
    assert "\n" not in str(caught.value)


def copy_of(models_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(models_folder / "tiny", tmp_path / "tiny"))


def test_an_option_that_the_pipeline_does_not_take_is_told_before_anybody_waits(models_folder):
    entry = replace(TINY_WAN, options={"flow_shift": 5.0})
    with pytest.raises(ModelUnavailable, match="flow_shift is nothing that WanPipeline"):
        loading.load(entry, models_folder)


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


TENSORS = [
    ("text_encoder/model", "encoder.block.0.layer.0.SelfAttention.q.weight"),
    ("transformer/diffusion_pytorch_model", "proj_in.weight"),
    ("vae/diffusion_pytorch_model", "latents_mean"),  # a buffer, of which models have a default
]


def changed(folder: Path, file: str, **tensors: torch.Tensor | None) -> None:
    """Put tensors into a file, or take them out of it."""
    path = folder / f"{file}.safetensors"
    weights = load_file(path) | tensors
    save_file(
        {name: one for name, one in weights.items() if one is not None}, path, {"format": "pt"}
    )


@pytest.mark.parametrize(("file", "tensor"), TENSORS)
def test_a_tensor_that_is_missing_is_named_and_never_made_up(models_folder, tmp_path, file, tensor):
    changed(copy_of(models_folder, tmp_path), file, **{tensor: None})
    with pytest.raises(ModelUnavailable, match=f"{Path(file).parent} lacks {tensor}: "):
        Pipeline.load(TINY, models_folder=tmp_path)


@pytest.mark.parametrize(("file", "tensor"), TENSORS)
def test_a_tensor_of_another_shape_is_named_with_both(models_folder, tmp_path, file, tensor):
    changed(copy_of(models_folder, tmp_path), file, **{tensor: torch.zeros(3, 4)})
    said = rf"{Path(file).parent} holds weights of another model: {tensor} is of \(3, 4\), not \("
    with pytest.raises(ModelUnavailable, match=said):
        Pipeline.load(TINY, models_folder=tmp_path)


def test_a_weight_that_is_tied_to_another_may_be_missing(models_folder, tmp_path):
    folder = Path(shutil.copytree(models_folder / TINY_WAN.name, tmp_path / TINY_WAN.name))
    file = "text_encoder/model"
    shared = load_file(folder / f"{file}.safetensors")["shared.weight"]
    tied = {"shared.weight": None, "encoder.embed_tokens.weight": shared}
    changed(folder, file, **tied)
    config = folder / "text_encoder" / "config.json"
    # As Wan's own says, though its encoder has one embedding.
    settings = json.loads(config.read_text()) | {"tie_word_embeddings": False}
    config.write_text(json.dumps(settings))
    encoder = loading.load(TINY_WAN, tmp_path).words.text_encoder
    assert torch.equal(encoder.shared.weight, shared)
    assert torch.equal(encoder.encoder.embed_tokens.weight, shared)


def test_an_index_can_have_no_module_imported_but_those_of_the_entry(
    models_folder, tmp_path, monkeypatch
):
    folder = copy_of(models_folder, tmp_path)
    (tmp_path / "elsewhere.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    index = json.loads((folder / "model_index.json").read_text())
    assert index["vae"] == ["tests.inference.faulty", "FaultyAutoencoder"]
    index["vae"] = ["elsewhere", "OwnAutoencoder"]
    (folder / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(ModelUnavailable, match="elsewhere is not one of"):
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
