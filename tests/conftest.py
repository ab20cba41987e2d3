"""Fixtures for every test."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Torch's threads spin while they wait for each other: where more of them run than there are cores,
# one a process does in a third of the time what two do. Before torch is imported, and for children.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.service import Sandbox, open_sandbox

# How long an example takes tells how crowded the machine is, and nothing about the code.
# The same examples each time: a change is not refused for what another one missed by luck.
settings.register_profile(
    "kinogram", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kinogram")


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A local Telegram in a process of its own."""
    async with open_sandbox(tmp_path / "sandbox") as running:
        yield running
