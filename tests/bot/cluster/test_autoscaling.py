"""Ray's own autoscaler with the node types of the cluster file, and nodes that are processes."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray.util
import yaml
from ray.autoscaler._private.fake_multi_node.node_provider import FAKE_HEAD_NODE_ID
from typer.testing import CliRunner

from bot.cli import app
from tests.inference.tiny import save_tiny

ROOT = Path(__file__).parents[3]
SECONDS = 240.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def pretended(address: str, gpus: int) -> dict[str, Any]:
    """The file for AWS, but for the machines, which Ray pretends to start, and for patience."""
    printed = CliRunner().invoke(app, ["cluster", "aws", "--gpus", str(gpus)]).stdout
    config: dict[str, Any] = yaml.safe_load(printed)
    config |= {name: [] for name in config if name.endswith("_commands")}
    provider = {
        # By its module: under its own name Ray misses a file that no wheel of Ray has.
        "type": "external",
        "module": "ray.autoscaler._private.fake_multi_node.node_provider.FakeMultiNodeProvider",
        "gcs_address": address,
        "disable_node_updaters": True,
        "disable_launch_config_check": True,
        "use_node_id_as_ip": True,
        "launch_multiple": True,
    }
    # The pretended head has a name of Ray's own.
    config["available_node_types"]["ray.head.default"] = config["available_node_types"].pop("bot")
    return config | {
        "provider": provider,
        "head_node_type": "ray.head.default",
        "idle_timeout_minutes": 0.02,
        "cluster_synced_files": [],
        "file_mounts": {},
        "file_mounts_sync_continuously": False,
        "initialization_commands": [],
    }


@pytest.fixture(params=["0", "1"], ids=["older autoscaler", "newer autoscaler"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """For all of Ray's processes. `ray up` takes the newer autoscaler unless told otherwise."""
    return os.environ | {
        "RAY_enable_autoscaler_v2": request.param,
        "RAY_CLOUD_INSTANCE_ID": FAKE_HEAD_NODE_ID,
        "RAY_OVERRIDE_NODE_ID_FOR_TESTING": FAKE_HEAD_NODE_ID,
        "AUTOSCALER_UPDATE_INTERVAL_S": "1",
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_FAKE_CLUSTER": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",
    }


@pytest.fixture
def cluster(tmp_path: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of a cluster that is a head alone."""
    address = f"{ray.util.get_node_ip_address()}:{free_port()}"  # Ray would not stay at 127.0.0.1
    config = tmp_path / "cluster.yaml"
    config.write_text(json.dumps(pretended(address, gpus=2)))
    short = tempfile.TemporaryDirectory(prefix="k", dir="/tmp")  # for the names of sockets
    head = subprocess.Popen(
        [
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"),
            f"--port={address.rpartition(':')[2]}",
            *("--num-cpus=0", "--num-gpus=0", "--include-dashboard=false"),
            *(f"--autoscaling-config={config}", f"--temp-dir={short.name}"),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert head.stdout is not None
        for line in head.stdout:
            if "--block" in line:
                break
        yield address
    finally:
        head.terminate()
        head.communicate()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(head.pid, signal.SIGKILL)  # pretended nodes, where a test left some
        short.cleanup()


def test_a_gpu_node_comes_for_whoever_waits_and_goes_back_when_idle(tmp_path, cluster, environment):
    save_tiny(tmp_path / "models")
    seen = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("joining.py")),
            *(str(tmp_path / "models"), cluster, "2"),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        timeout=SECONDS,
    )
    # Ray prints of its own, where a node is slow to come, that none is there yet.
    said = json.loads(next(line for line in seen.stdout.splitlines() if line.startswith(b"{")))
    head, gpu = {"CPU": 0, "GPU": 0}, {"CPU": 8, "GPU": 2}
    assert said["before"] == said["after"] == [head]
    assert sorted(said["with_gpus"], key=str) == [head, gpu]
    assert said["clip"] > 0
