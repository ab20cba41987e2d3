"""Tests of the cluster file, with Ray's own checks of such files."""

import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import ray.autoscaler
import yaml
from packaging.requirements import Requirement
from ray.autoscaler._private.util import prepare_config, validate_config

from inference.catalog import CATALOG

ROOT = Path(__file__).parents[1]


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "ray_cluster.yaml").read_text())
    return loaded


def requirements(commands: list[str]) -> dict[str, Requirement]:
    """What `uv pip install` lines ask for, by name."""
    installs = " ".join(command for command in commands if "pip install" in command)
    found = [Requirement(text) for text in re.findall(r'"([^"]+)"', installs)]
    return {requirement.name: requirement for requirement in found}


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


def test_every_production_model_fits_a_gpu_node(config):
    node = config["available_node_types"]["gpu"]
    gpu_gib = int(re.search(r"with (\d+) GB", (ROOT / "ray_cluster.yaml").read_text())[1])  # type: ignore[index]
    for entry in CATALOG.values():
        assert entry.gpus <= node["resources"]["GPU"]
        assert entry.cpus <= node["resources"]["CPU"]
        assert entry.memory_gib <= gpu_gib * 1e9 / 2**30


def test_every_node_demands_the_token_and_gets_it_over_ssh(config):
    for commands in (config["head_start_ray_commands"], config["worker_start_ray_commands"]):
        starts = [command for command in commands if "ray start" in command]
        assert starts
        assert all("RAY_AUTH_MODE=token" in command for command in starts)
    token = "/home/ubuntu/.ray/auth_token"
    assert config["file_mounts"][token] == "~/.ray/auth_token"
    assert f"chmod 600 {token}" in config["setup_commands"]


def test_the_dashboard_is_not_started(config):
    (start,) = [line for line in config["head_start_ray_commands"] if "ray start" in line]
    assert "--include-dashboard=false" in start
    assert "--dashboard-host" not in start


def test_secrets_and_data_stay_off_the_gpu_nodes(config):
    assert {".env", ".git", "kinogram-data"} <= set(config["rsync_exclude"])


def test_nodes_install_what_the_package_asks_for_and_gpu_nodes_nothing_of_the_bot(config):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {found.name: found for found in map(Requirement, project["dependencies"])}
    head = requirements(config["head_setup_commands"])
    gpu = requirements(config["worker_setup_commands"])

    assert any("/home/ubuntu/kinogram" in command for command in config["head_setup_commands"])
    assert "/home/ubuntu/kinogram" in config["file_mounts"]
    assert {"torch", "diffusers", "transformers", "av", "numpy", "safetensors"} <= set(gpu)
    assert {"python-telegram-bot", "aiohttp", "sqlite-utils"}.isdisjoint(gpu)
    for name in (set(gpu) & set(wanted)) - {"ray"}:
        assert gpu[name].specifier == wanted[name].specifier
    assert head["ray"].specifier == gpu["ray"].specifier, "nodes speak with one version of Ray"
    assert version("ray") in head["ray"].specifier
    assert version("ray") in wanted["ray"].specifier
