"""Fixtures for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.service import Sandbox, open_sandbox


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A local Telegram in a process of its own."""
    async with open_sandbox(tmp_path / "sandbox") as running:
        yield running
