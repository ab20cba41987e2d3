"""Fresh tables in memory, and a real database on disk."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from storage.database import Database, open_in_memory


@pytest.fixture
def db() -> Iterator[Tables]:
    with open_in_memory() as tables:
        yield tables


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "kinogram.db")
    yield opened
    await opened.close()
