"""Tests of a model made ready for the workers of this machine, or left to those of a cluster."""

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.model_weights import pins_file, prepare
from bot.settings import load_settings
from inference import pins
from inference.catalog import find
from inference.entry import ModelEntry
from inference.values import ModelUnavailable
from inference.weights import Pulled

COMMIT = "c0de" * 10


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """A model of a hub that cannot be reached, pulled at some commit before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    entry = replace(find("wan2.1-t2v-1.3b"), name="ours", source="ours/nowhere")
    pulled = Pulled(folder=tmp_path, commit=COMMIT)
    pins.write(pins_file(load_settings(data_dir=tmp_path / "data")), entry, pulled)
    return entry


def test_a_cluster_gets_the_commit_that_was_pulled_and_fetches_it_itself(
    elsewhere: ModelEntry, tmp_path: Path
) -> None:
    settings = load_settings(data_dir=tmp_path / "data", ray_address="auto")
    assert prepare(elsewhere, settings) == replace(elsewhere, revision=COMMIT)


def test_on_this_machine_weights_are_fetched_before_a_worker_starts(
    elsewhere: ModelEntry, tmp_path: Path
) -> None:
    settings = load_settings(data_dir=tmp_path / "data")
    with capture_logs() as logged:
        assert prepare(elsewhere, settings) == replace(elsewhere, revision=COMMIT)
        assert prepare(find("builtin"), settings) == find("builtin")
    assert [line["event"] for line in logged] == ["fetching a model", "a model cannot be fetched"]
    assert "ours/nowhere cannot be downloaded" in logged[1]["error"], "and prompts are taken"


def test_a_wrong_file_of_pins_stops_the_start(elsewhere: ModelEntry, tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data")
    pins_file(settings).write_text("[ours")
    with pytest.raises(ModelUnavailable, match="is no TOML"):
        prepare(elsewhere, settings)


def test_pins_stand_with_the_operators_models_if_there_is_a_folder_of_them(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", models_dir=tmp_path / "models")
    assert pins_file(settings) == tmp_path / "models" / "models.lock.toml"
