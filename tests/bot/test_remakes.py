from dataclasses import replace

import pytest
from sqlite_utils import Database as Tables

from bot import remakes
from storage.database import open_in_memory
from tests.storage.examples import ask


@pytest.fixture
def db() -> Tables:
    return open_in_memory()


@pytest.mark.parametrize(("seconds", "added"), [(3.4, 3.4), (5.0, 5.0), (10.0, 5.0)])
def test_a_clip_goes_on_by_five_seconds_however_long_it_was_asked_for(
    db: Tables, seconds: float, added: float
) -> None:
    job = ask(db)
    longer = replace(job, request=replace(job.request, seconds=seconds, variation=3))
    for make in (remakes.extend, remakes.loop):
        request = make(longer, 9)
        assert (request.seconds, request.seed, request.variation) == (added, 9, None)
    assert remakes.again(longer, 9).seconds == seconds
