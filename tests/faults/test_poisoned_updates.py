"""Updates that cannot be handled: tried three times, apologized for once, in nobody's way."""

from pathlib import Path
from typing import Any

import pytest

from bot.replies.people import Replies
from storage import inbox
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    Sandbox,
    by_bot,
    let_it_answer,
    open_service,
    texts,
    until,
)

PERSON = {"id": ADA, "is_bot": False, "first_name": "Ada", "language_code": "zh-hans"}
CHAT = {"id": GROUP, "type": "supergroup", "title": "Film Club"}


@pytest.mark.parametrize(
    "poison",
    [
        {"message": {"message_id": 1, "from": PERSON, "chat": CHAT, "text": "no date"}},
        {
            "callback_query": {
                "from": PERSON,
                "message": {"message_id": 1, "date": 1, "chat": CHAT},
                "data": "no id",
            }
        },
    ],
)
async def test_an_update_that_cannot_be_handled_ends_with_one_apology(
    sandbox: Sandbox, tmp_path: Path, poison: dict[str, Any]
):
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        update = {"update_id": 5, **poison}
        await app.database.run(inbox.record, bot_id=BOT_ID, updates=[update], now=1.0)
        await let_it_answer(sandbox, BO)
        assert await app.database.read(inbox.count_waiting, bot_id=BOT_ID) == 1, "it is tried again"
        shown = await until(sandbox.client, CLEO, GROUP, by_bot)
        assert texts(shown) == [Replies("zh").apology()]
        assert await app.database.read(inbox.count_waiting, bot_id=BOT_ID) == 0
        await let_it_answer(sandbox, ADA)  # who has the person's turn again
        assert len(by_bot(await sandbox.client.messages(CLEO, GROUP))) == 1
