"""Tests of the cluster files: of what all say alike, and of what each needs."""

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.kuberay.autoscaling_config import (
    _derive_autoscaling_config_from_ray_cr,
)
from ray.autoscaler._private.util import prepare_config, validate_config
from typer.testing import CliRunner

from bot.cli import app
from inference.catalog import shipped

ROOT = Path(__file__).parents[3]
AWS = ["aws"]
SSH = ["ssh", "--head", "10.0.0.1", "--worker", "10.0.0.2", "--worker", "gpu.lan"]
KUBERAY = ["kuberay", "--image", "example.org/kinogram:1"]
MODELS = ["--models", "/mnt/models"]


def printed(arguments: list[str]) -> str:
    result = CliRunner().invoke(app, ["cluster", *arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def launched(arguments: list[str]) -> dict[str, Any]:
    """A file for Ray's cluster launcher, as Ray takes it."""
    config: dict[str, Any] = yaml.safe_load(printed(arguments))
    validate_config(prepare_config(config))
    return config


def manifests(arguments: list[str]) -> dict[str, Any]:
    """Kubernetes objects by kind."""
    return {found["kind"]: found for found in yaml.safe_load_all(printed(arguments))}


def autoscaling(cluster: dict[str, Any]) -> dict[str, Any]:
    """What Ray's autoscaler, which runs in the head pod, reads of a RayCluster."""
    cluster["metadata"]["namespace"] = "default"
    config: dict[str, Any] = _derive_autoscaling_config_from_ray_cr(cluster)
    return config


def commands(config: dict[str, Any]) -> list[str]:
    return [line for key, lines in config.items() if key.endswith("_commands") for line in lines]


def container(cluster: dict[str, Any], group: str) -> dict[str, Any]:
    spec = cluster["spec"]
    groups = {"head": spec["headGroupSpec"], "gpu": spec["workerGroupSpecs"][0]}
    (found,) = groups[group]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("numbers", [[], ["--gpus", "2", "--most-nodes", "7"], ["--cpus", "30"]])
def test_ray_reads_the_same_numbers_from_the_files_for_aws_and_kuberay(numbers):
    aws = launched(AWS + numbers)
    kuberay = autoscaling(manifests(KUBERAY + numbers)["RayCluster"])
    gpu = aws["available_node_types"]["gpu"], kuberay["available_node_types"]["gpu"]
    for key in ("min_workers", "max_workers"):
        assert gpu[0][key] == gpu[1][key]
    for key in ("CPU", "GPU"):
        assert gpu[0]["resources"][key] == gpu[1]["resources"][key]
    for key in ("max_workers", "idle_timeout_minutes"):
        assert aws[key] == kuberay[key]
    assert kuberay["available_node_types"]["headgroup"]["resources"]["CPU"] == 0
    assert manifests(KUBERAY)["RayCluster"]["spec"]["rayVersion"] == version("ray")


def test_the_numbers_of_the_operator_reach_the_files():
    chosen = ["--most-nodes", "7", "--idle-minutes", "3", "--gpus", "4"]
    cluster = manifests([*KUBERAY, *chosen, "--memory-gib", "99"])["RayCluster"]
    config = autoscaling(cluster)
    node = config["available_node_types"]["gpu"]
    assert (config["max_workers"], config["idle_timeout_minutes"]) == (7, 3)
    assert node["resources"] == {"CPU": 16, "GPU": 4, "memory": 99 * 2**30}
    for written in (printed([*AWS, *chosen]), printed([*KUBERAY, *chosen])):
        assert "KINOGRAM_WORKERS=28 " in written.replace("\n", " ")
    aws = launched([*AWS, *chosen, "--region", "eu-west-1", "--gpu-type", "g6e.12xlarge"])
    assert aws["provider"]["region"] == "eu-west-1"
    assert aws["available_node_types"]["gpu"]["node_config"]["InstanceType"] == "g6e.12xlarge"


def test_a_worker_of_any_model_finds_its_cpus_on_a_node_with_its_gpus():
    for entry in shipped().values():
        gpus = max(1, entry.gpus)
        node = launched([*AWS, "--gpus", str(gpus)])["available_node_types"]["gpu"]
        assert entry.cpus <= node["resources"]["CPU"] / gpus


@pytest.mark.parametrize("arguments", [AWS, AWS + MODELS, SSH, SSH + MODELS])
def test_every_command_is_one_that_a_shell_understands(arguments):
    lines = commands(launched(arguments))
    assert len(lines) > 8
    for line in lines:
        checked = subprocess.run(["bash", "-n", "-c", line], capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, b""), line


@pytest.mark.parametrize(("arguments", "home"), [(AWS, "/home/ubuntu"), (SSH, "/home/ubuntu")])
def test_every_node_demands_the_token_and_gets_it_over_ssh(arguments, home):
    config = launched(arguments)
    for key in ("head_start_ray_commands", "worker_start_ray_commands"):
        (start,) = [line for line in config[key] if "ray start" in line]
        assert "RAY_AUTH_MODE=token" in start
    token = f"{home}/.ray/auth_token"
    assert config["file_mounts"][token] == "~/.ray/auth_token"
    assert f"chmod 600 {token}" in config["setup_commands"]
    assert {".env", ".git", "kinogram-data"} <= set(config["rsync_exclude"])


@pytest.mark.parametrize("arguments", [AWS, SSH])
def test_the_dashboard_is_not_started(arguments):
    head = launched(arguments)["head_start_ray_commands"]
    (start,) = [line for line in head if "ray start" in line]
    assert "--include-dashboard=false" in start
    assert "--dashboard-host" not in start
    cluster = manifests(KUBERAY)["RayCluster"]
    assert cluster["spec"]["headGroupSpec"]["rayStartParams"]["include-dashboard"] == "false"
    assert cluster["spec"]["authOptions"] == {"mode": "token"}


def test_ones_own_machines_join_all_at_once_and_stay():
    prepared = prepare_config(launched(SSH))
    (node,) = prepared["available_node_types"].values()
    assert prepared["provider"]["worker_ips"] == ["10.0.0.2", "gpu.lan"]
    assert (node["min_workers"], node["max_workers"]) == (2, 2)


def test_a_head_of_ones_own_can_hold_models_too():
    spared = launched(SSH)
    lent = launched(["ssh", "--head", "10.0.0.1", "--user", "root", "--head-renders"])
    assert "--num-cpus=0 --num-gpus=0" in spared["head_start_ray_commands"][1]
    assert "--num-" not in lent["head_start_ray_commands"][1]
    assert "--torch-backend=cpu" in spared["head_setup_commands"][0]
    assert "--torch-backend=auto" in lent["head_setup_commands"][0]
    assert "/root/kinogram" in lent["file_mounts"]
    assert lent["provider"]["worker_ips"] == []


@pytest.mark.parametrize("arguments", [AWS, SSH])
def test_a_shared_folder_holds_one_copy_of_the_weights_for_all_nodes(arguments):
    own, shared = launched(arguments), launched(arguments + MODELS)
    assert "HF_HOME" not in json.dumps(own)
    assert "KINOGRAM_MODELS_DIR" not in json.dumps(own)
    assert "HF_HOME=/mnt/models/huggingface" in shared["worker_start_ray_commands"][-1]
    serve = shared["head_start_ray_commands"][-1]
    assert "--setenv KINOGRAM_MODELS_DIR=/mnt/models" in serve


def test_a_shared_volume_holds_one_copy_of_the_weights_for_all_pods():
    own = manifests(KUBERAY)["RayCluster"]
    assert "KINOGRAM_MODELS_DIR" not in json.dumps(own)
    shared = manifests([*KUBERAY, "--models-claim", "weights"])["RayCluster"]
    claim = {"name": "models", "persistentVolumeClaim": {"claimName": "weights"}}
    mount = {"name": "models", "mountPath": "/models"}
    for group in (shared["spec"]["headGroupSpec"], shared["spec"]["workerGroupSpecs"][0]):
        assert claim in group["template"]["spec"]["volumes"]
    for group in ("head", "gpu"):
        assert mount in container(shared, group)["volumeMounts"]
    assert {"name": "KINOGRAM_MODELS_DIR", "value": "/models"} in container(shared, "head")["env"]
    assert {"name": "HF_HOME", "value": "/models/huggingface"} in container(shared, "gpu")["env"]


@pytest.mark.parametrize(
    ("group", "generated", "run"),
    [
        ("head", "echo ray start --head --block --num-cpus=0", "ray start --head --num-cpus=0 bot"),
        (
            "gpu",
            "echo ray start --address=head:6379 --block",
            "ray start --address=head:6379 --block",
        ),
    ],
)
def test_pods_run_the_commands_that_kuberay_makes_for_them(tmp_path, group, generated, run):
    """And the head goes on to run the bot, as the process that Kubernetes watches."""
    (tmp_path / "kinogram").write_text("#!/bin/sh\n[ $1 = serve ] && echo bot\n")
    (tmp_path / "kinogram").chmod(0o755)
    found = container(manifests(KUBERAY)["RayCluster"], group)
    line = found["args"][0].replace("ulimit -n 65536; ", "")
    assert line != found["args"][0]
    output = subprocess.run(
        [*found["command"], line],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "KUBERAY_GEN_RAY_START_CMD": generated},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert output.split() == run.split()


def test_what_the_pods_mount_is_there_and_their_ports_are_closed_to_others():
    found = manifests(KUBERAY)
    for group in ("head", "gpu"):
        mounts = {mount["name"] for mount in container(found["RayCluster"], group)["volumeMounts"]}
        spec = found["RayCluster"]["spec"]
        whole = spec["headGroupSpec"] if group == "head" else spec["workerGroupSpecs"][0]
        assert mounts == {volume["name"] for volume in whole["template"]["spec"]["volumes"]}
    assert found["PersistentVolumeClaim"]["metadata"]["name"] == "kinogram-data"
    policy = found["NetworkPolicy"]["spec"]
    assert policy["ingress"] == [{"from": [{"podSelector": policy["podSelector"]}]}]


def test_the_image_has_the_package_and_the_same_ray():
    lines = printed(["image"]).splitlines()
    sources = [line.split()[2:-1] for line in lines if line.startswith("COPY")]
    copied = {source for found in sources for source in found}
    assert {"pyproject.toml", "README.md", "LICENSE", "bot", "inference", "storage"} == copied
    assert all((ROOT / name).exists() for name in copied)
    assert f"ray[default]=={version('ray')}" in lines[-1]
    assert re.fullmatch(rf"FROM rayproject/ray:{version('ray')}-py3\d\d", lines[2])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ssh", "--head", "10.0.0.1"], "Somebody has to hold the model"),
        (["ssh", "--head", "10.0.0.1", "--worker", "10.0.0.1"], "named once"),
        ([*SSH, "--worker", "10.0.0.2"], "named once"),
        ([*SSH, "--worker", "a b"], "'a b' is not an address of a machine"),
        ([*SSH, "--user", "a; reboot"], "is not a user of Linux"),
        ([*SSH, "--key", "key # none"], "is not the path of a key"),
        ([*SSH, "--models", "models"], "is not the path of a folder"),
        (["kuberay", "--image", "a: {b}"], "is not the name of an image"),
        ([*KUBERAY, "--models-claim", "A B"], "is not the name of a volume claim"),
        ([*AWS, "--region", "x y"], "is not a word of AWS"),
    ],
)
def test_what_no_cluster_can_be_made_of_is_refused_in_one_sentence(arguments, sentence):
    result = CliRunner().invoke(app, ["cluster", *arguments])
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""
