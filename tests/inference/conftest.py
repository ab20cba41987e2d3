"""Fixtures of inference: a tiny model, and one Ray for the whole session."""

import logging
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray

from tests.inference.tiny import save_tiny


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder that holds the tiny models."""
    folder = tmp_path_factory.mktemp("models")
    save_tiny(folder)
    return folder


@pytest.fixture(scope="session")
def running_ray() -> Iterator[None]:
    """Ray takes seconds to start: tests share one, as a fleet does that finds it running."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    with pytest.MonkeyPatch.context() as patch:
        # For those who join this Ray as if it were a cluster, whose nodes know the package.
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        patch.setenv("RAY_worker_niceness", "0")
        ray.init(
            address="local",
            num_cpus=4,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            object_store_memory=128 * 2**20,
        )
    yield
    ray.shutdown()
