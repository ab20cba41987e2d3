"""Fixtures for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.service import Sandbox, open_sandbox

# How long an example takes tells how crowded the machine is, and nothing about the code.
settings.register_profile("kinogram", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kinogram")


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A local Telegram in a process of its own."""
    async with open_sandbox(tmp_path / "sandbox") as running:
        yield running
