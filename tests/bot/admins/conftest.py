"""Tables on which admins act: three people whom the bot has met."""

from collections.abc import Iterator

import pytest
from sqlite_utils import Database as Tables

from storage import people
from storage.database import open_in_memory
from tests.storage.examples import ADA, BO, BOT, CLEO


@pytest.fixture
def db() -> Iterator[Tables]:
    with open_in_memory() as tables:
        for user_id, name, code in ((ADA, "ada", "en"), (BO, "bo", "zh"), (CLEO, "cleo", "en")):
            people.see(
                tables,
                bot_id=BOT,
                user_id=user_id,
                username=name,
                first_name=name,
                language_code=code,
                now=1.0,
            )
        yield tables
