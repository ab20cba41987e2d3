"""One fleet of one worker, which most tests of the fleet share, and each leaves well."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from inference.fleet import Fleet
from tests.inference.entries import TINY
from tests.inference.fleet.watch import Ends

SILENCE_SECONDS = 10.0


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def fleet(running_ray: None, models_folder: Path) -> AsyncIterator[Fleet]:
    fleet = await Fleet.open(
        [TINY],
        address=None,
        workers=1,
        models_folder=models_folder,
        marked=False,
        silence_seconds=SILENCE_SECONDS,
        retry_seconds=0.1,
    )
    yield fleet
    await fleet.close()


@pytest.fixture
def ends() -> Iterator[Ends]:
    watched = Ends()
    yield watched
    watched.close()
