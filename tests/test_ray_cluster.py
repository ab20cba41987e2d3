"""Tests of the cluster file for AWS, with Ray's own checks of such files."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import ray.autoscaler
import yaml
from packaging.requirements import Requirement
from ray.autoscaler._private.util import prepare_config, validate_config
from typer.testing import CliRunner

from bot.cli import app
from inference.catalog import find

ROOT = Path(__file__).parents[1]
GPU_GIB = 48e9 / 2**30  # of an L40S


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "ray_cluster.yaml").read_text())
    return loaded


def test_the_file_is_what_the_command_prints():
    """Else write it again: kinogram cluster aws > ray_cluster.yaml."""
    printed = CliRunner().invoke(app, ["cluster", "aws"])
    assert printed.exit_code == 0
    assert (ROOT / "ray_cluster.yaml").read_text() == printed.stdout


def test_ray_accepts_the_file_and_fills_in_only_what_is_missing(config):
    schema = json.loads(
        Path(ray.autoscaler.__file__).with_name("ray-schema.json").read_text(encoding="utf-8")
    )
    assert set(config) <= set(schema["properties"])
    prepared = prepare_config(config)
    validate_config(prepared)
    assert prepared["head_start_ray_commands"] == config["head_start_ray_commands"]
    assert prepared["worker_start_ray_commands"] == config["worker_start_ray_commands"]


def test_ray_would_refuse_a_misspelt_key(config):
    config["max_worker"] = 3
    with pytest.raises(Exception, match="max_worker"):
        validate_config(prepare_config(config))


def test_the_head_holds_no_model_and_gpu_nodes_come_and_go(config):
    head, gpu = (config["available_node_types"][name] for name in ("bot", "gpu"))
    assert set(config["available_node_types"]) == {"bot", "gpu"}
    assert config["head_node_type"] == "bot"
    assert head["resources"] == {"CPU": 0}
    assert (head["min_workers"], head["max_workers"]) == (0, 0)
    assert gpu["min_workers"] == 0
    assert gpu["max_workers"] == config["max_workers"] > 0


def test_the_model_for_a_gpu_fits_a_gpu_node(config):
    node = config["available_node_types"]["gpu"]
    entry = find("wan2.2-ti2v-5b")
    assert entry.gpus <= node["resources"]["GPU"]
    assert entry.cpus <= node["resources"]["CPU"]
    assert entry.memory_gib <= GPU_GIB


def test_python_and_ray_are_of_one_version_on_all_nodes_and_here(config):
    """All other versions are the package's own, which both kinds of node install."""
    installs = [line for name in ("head", "worker") for line in config[f"{name}_setup_commands"]]
    wanted = Requirement(f"ray[default]=={version('ray')}")
    assert len(installs) == 2
    for line in installs:
        assert f'"{wanted}"' in line
        assert line.endswith("-e /home/ubuntu/kinogram")
    assert "/home/ubuntu/kinogram" in config["file_mounts"]
