"""Tests of weights that come from a hub: whole and checked, or not at all, and only once."""

import json
import multiprocessing
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from inference import loading, pins, weights
from inference.entry import FewStep
from inference.repository import Hub, choose, is_whole
from inference.values import ModelUnavailable
from tests.inference.entries import TINY_WAN
from tests.inference.hub_server import COMMIT, Repositories, serving

SOURCE = "ours/tiny"
ENTRY = replace(TINY_WAN, source=SOURCE, revision=COMMIT)
WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
def repositories(models_folder: Path, tmp_path: Path) -> Repositories:
    folder = tmp_path / "repository"
    shutil.copytree(models_folder / TINY_WAN.name, folder)
    (folder / "README.md").write_text("read me")
    (folder / "everything.safetensors").write_bytes(b"another layout of the same")
    (folder / "transformer" / "own.py").write_text("raise SystemExit")
    (folder / "transformer" / "diffusion_pytorch_model.bin").write_bytes(b"a pickle beside them")
    return Repositories(folders={SOURCE: folder})


@pytest.fixture
def hub(repositories: Repositories, tmp_path: Path) -> Iterator[Hub]:
    with serving(repositories) as endpoint:
        yield Hub(endpoint=endpoint, cache=tmp_path / "cache")


def refusal(hub: Hub, entry=ENTRY) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        weights.pull(entry, None, hub)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_is_fetched_without_what_it_does_not_need_and_loads(hub, repositories):
    pulled = weights.pull(ENTRY, None, hub)
    assert pulled.commit == COMMIT
    there = {str(path.relative_to(pulled.folder)) for path in pulled.folder.rglob("*.*")}
    assert {"model_index.json", WEIGHTS, "scheduler/scheduler_config.json"} <= there
    assert not any(name.endswith((".py", ".bin", ".md")) for name in there)
    assert "everything.safetensors" not in there
    assert weights.own_folder(ENTRY, pulled.folder.parent) is None
    models = pulled.folder.parent / "models"
    models.mkdir()
    (models / ENTRY.name).symlink_to(pulled.folder)
    assert loading.load(ENTRY, models).words.transformer.config.num_layers == 1


def test_a_model_that_is_here_is_not_asked_for_again(hub, repositories):
    folder = weights.ready(ENTRY, None, hub)
    asked = repositories.asked
    assert weights.ready(ENTRY, None, hub) == folder
    assert weights.is_here(ENTRY, None, hub)
    assert repositories.asked == asked, "not even the network"


def test_the_latest_commit_is_found_for_a_model_without_one_and_pinned(hub, tmp_path):
    entry = replace(ENTRY, revision="")
    assert not weights.is_here(entry, None, hub)
    pulled = weights.pull(entry, None, hub)
    lock = tmp_path / "data" / pins.FILE
    pins.write(lock, entry, pulled)
    assert pins.pinned(entry, lock).revision == pulled.commit == COMMIT
    assert weights.is_here(pins.pinned(entry, lock), None, hub)
    other = replace(entry, source="ours/another")
    assert pins.pinned(other, lock) == other, "it was pinned for another repository"


def test_a_download_that_breaks_off_goes_on_where_it_was(hub, repositories):
    repositories.cut = {WEIGHTS: 1}
    folder = weights.pull(ENTRY, None, hub).folder
    assert repositories.fetched.count(WEIGHTS) == 2
    assert is_whole(folder / WEIGHTS)


def test_a_download_that_never_ends_well_leaves_no_model_and_the_next_one_completes_it(
    hub, repositories
):
    repositories.cut = {WEIGHTS: 1000}
    assert refusal(hub).startswith(f"{SOURCE} cannot be downloaded: ")
    assert not weights.is_here(ENTRY, None, hub)
    repositories.cut = {}
    assert is_whole(weights.pull(ENTRY, None, hub).folder / WEIGHTS)


def test_a_file_with_another_hash_is_removed(hub, repositories):
    repositories.other_bytes = {WEIGHTS}
    said = refusal(hub)
    assert "diffusion_pytorch_model.safetensors of ours/tiny is not what the hub says" in said
    assert "its hash is another" in said
    assert not weights.is_here(ENTRY, None, hub)
    repositories.other_bytes = set()
    assert is_whole(weights.pull(ENTRY, None, hub).folder / WEIGHTS)


def test_settings_with_another_hash_are_removed_too(hub, repositories):
    repositories.other_bytes = {"scheduler/scheduler_config.json"}
    assert "scheduler_config.json of ours/tiny is not what the hub says" in refusal(hub)


def test_a_disk_without_room_is_told_before_anything_is_downloaded(hub, repositories):
    repositories.other_sizes = {WEIGHTS: 10**18}
    said = refusal(hub)
    assert f"{SOURCE} needs 1000000000.0 GB more in {hub.cache}" in said
    assert repositories.fetched == ["model_index.json"]


def test_pickled_weights_alone_are_refused_by_name(hub, repositories):
    (repositories.folders[SOURCE] / WEIGHTS).unlink()
    said = refusal(hub)
    assert said.startswith("transformer/diffusion_pytorch_model.bin is no safetensors file")
    assert not any(name.endswith(".bin") for name in repositories.fetched)


def test_a_component_that_is_not_there_is_named(hub, repositories):
    shutil.rmtree(repositories.folders[SOURCE] / "vae")
    assert refusal(hub) == "model_index.json names vae, which is not there."


def test_what_is_no_pipeline_is_told(hub, repositories):
    (repositories.folders[SOURCE] / "model_index.json").unlink()
    assert refusal(hub) == f"{SOURCE} holds no pipeline of diffusers."


def test_a_repository_or_commit_that_the_hub_has_not_is_told(hub):
    nowhere = replace(ENTRY, source="ours/nowhere", revision="")
    assert refusal(hub, nowhere) == "The hub has no ours/nowhere, or it needs HF_TOKEN."
    assert refusal(hub, replace(ENTRY, revision="0" * 40)) == f"{SOURCE} has no commit {'0' * 40}."


def test_a_hub_out_of_reach_is_told(tmp_path):
    # Asked for its latest commit first; for a list of files the hub's client would try for 23 s.
    hub = Hub(endpoint="http://127.0.0.1:9", cache=tmp_path)
    said = refusal(hub, replace(ENTRY, revision=""))
    assert said == (
        f"{SOURCE} cannot be downloaded: http://127.0.0.1:9 cannot be reached (Connection refused)."
    )


def test_a_cache_that_cannot_be_written_is_told():
    said = refusal(Hub(endpoint="http://127.0.0.1:9", cache=Path("/proc/nowhere")), ENTRY)
    assert said == (
        "/proc/nowhere cannot be written: No such file or directory; HF_HOME names another folder."
    )


def test_damage_on_the_disk_is_noticed_and_mended(hub):
    folder = weights.ready(ENTRY, None, hub)
    blob = (folder / WEIGHTS).resolve()
    blob.write_bytes(blob.read_bytes()[:1000])
    assert not weights.is_here(ENTRY, None, hub)
    with pytest.raises(ModelUnavailable, match="It was removed; try again"):
        weights.ready(ENTRY, None, hub)
    assert is_whole(weights.ready(ENTRY, None, hub) / WEIGHTS)


def test_one_variant_is_fetched_and_not_the_others(hub, repositories):
    folder = repositories.folders[SOURCE]
    plain = folder / WEIGHTS
    shutil.copy(plain, plain.with_suffix(".bf16.safetensors"))
    weights.pull(ENTRY, None, hub)
    assert not any("bf16" in name for name in repositories.fetched)
    pulled = weights.pull(replace(ENTRY, variant="bf16"), None, hub)
    there = {path.name for path in (pulled.folder / "transformer").iterdir()}
    assert "diffusion_pytorch_model.bf16.safetensors" in there
    plain.unlink()
    assert "weights of the variants bf16 alone" in refusal(hub, replace(ENTRY, revision=""))


PLAIN = [
    "transformer/config.json",
    "transformer/a-00001-of-00002.safetensors",
    "transformer/a-00002-of-00002.safetensors",
    "transformer/a.safetensors.index.json",
]
BF16 = [
    "transformer/config.json",
    "transformer/a.bf16-00001-of-00002.safetensors",
    "transformer/a-00002-of-00002.bf16.safetensors",
    "transformer/a.safetensors.index.bf16.json",
]


@pytest.mark.parametrize(("variant", "wanted"), [("", PLAIN), ("bf16", BF16), ("fp16", PLAIN)])
def test_weights_in_several_files_are_told_apart_by_their_variant(variant, wanted):
    index = {
        "_class_name": "WanPipeline",
        "boundary_ratio": None,
        "transformer": ["diffusers", "WanTransformer3DModel"],
        "transformer_2": [None, None],
    }
    there = dict.fromkeys([*PLAIN, *BF16, "transformer/a.bin", "other/a.safetensors"])
    assert sorted(choose(variant)(index, there)) == sorted(["model_index.json", *wanted])


def test_weights_for_few_steps_come_along_and_are_pinned(hub, repositories, tmp_path):
    few = FewStep(
        repository="ours/few",
        files={"transformer": "4/high.safetensors"},
        steps=4,
        guidance_scale=1.0,
    )
    folder = tmp_path / "few" / "4"
    folder.mkdir(parents=True)
    shutil.copy(repositories.folders[SOURCE] / WEIGHTS, folder / "high.safetensors")
    repositories.folders["ours/few"] = folder.parent
    entry = replace(ENTRY, few_step=few)
    pulled = weights.pull(entry, None, hub)
    assert is_whole(pulled.few_step["transformer"])
    lock = tmp_path / pins.FILE
    pins.write(lock, entry, pulled)
    pinned = pins.pinned(entry, lock)
    assert pinned.few_step is not None
    assert pinned.few_step.revision == COMMIT
    asked = repositories.asked
    assert weights.few_step_files(pinned, None, hub) == pulled.few_step
    assert repositories.asked == asked
    with pytest.raises(ModelUnavailable, match="no weights for few steps"):
        weights.few_step_files(ENTRY, None, hub)


def _fetch(hub: Hub) -> None:
    weights.ready(ENTRY, None, hub)


def test_workers_that_start_together_fetch_a_model_once(hub, repositories):
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_fetch, args=(hub,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert repositories.fetched.count(WEIGHTS) == 1


@pytest.mark.parametrize("data", [b"", b"\x05", b"\xff" * 100, (3).to_bytes(8, "little") + b"{}}"])
def test_what_is_no_safetensors_file_is_not_whole(data, tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    assert not is_whole(path)


def test_pickles_in_an_operators_own_folder_are_never_loaded(models_folder, tmp_path):
    folder = Path(shutil.copytree(models_folder / TINY_WAN.name, tmp_path / TINY_WAN.name))
    torch.save({}, folder / "transformer" / "diffusion_pytorch_model.bin")
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelUnavailable, match="safetensors"):
        loading.load(TINY_WAN, tmp_path)


def test_the_list_of_files_is_what_the_index_names(hub, repositories):
    index = repositories.folders[SOURCE] / "model_index.json"
    named = json.loads(index.read_text())
    del named["tokenizer"]
    index.write_text(json.dumps(named))
    folder = weights.pull(ENTRY, None, hub).folder
    assert not (folder / "tokenizer").exists()
