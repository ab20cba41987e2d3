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
    """A models folder that holds "tiny", whose autoencoder can also fail on demand."""
    folder = tmp_path_factory.mktemp("models")
    save_tiny(folder)
    return folder


@pytest.fixture(scope="session")
def running_ray() -> Iterator[None]:
    """Ray takes seconds to start: tests share one, as a fleet does that finds it running."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    ray.init(
        address="local",
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=128 * 2**20,
    )
    yield
    ray.shutdown()
