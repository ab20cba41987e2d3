"""What nobody sends by accident: each such update is handled, and none of them fails."""

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.replies.commands import ADMIN_COMMANDS, GROUP_COMMANDS, PEOPLE_COMMANDS
from storage import inbox
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_buttons import make_clip
from tests.service import ADA, BO, BOT_ID, CLEO, GROUP, Sandbox, let_it_answer, open_service, taps

COMMANDS = sorted({*PEOPLE_COMMANDS, *GROUP_COMMANDS, *ADMIN_COMMANDS})
ARGUMENTS = [
    "\0",
    "x" * 5000,
    "\u202e\u200b\u2066",
    "-1",
    "9" * 30,
    "1e308",
    "@",
    "here here",
    f"{-(2**60)} 5",
    f"{2**52} 99999999",
    "'; DROP TABLE jobs;--",
    "\ud83d half a cat",
    "make_" + "f" * 60,
    "--seconds nan --ar 0:0 --seed -1 x",
    "a" + "\u0301" * 590,
]
TAPS = [
    *("", ":", "again", "again:", "share:{token}", "repeat:{token}\0", "allow:{token}"),
    *("set:", "set:1002:seconds:nan", "set:１００２:language:zh", "set:1001:language:zh"),
    *("forget:", "forget:1001:yes", "forget:1002:maybe", "x" * 64),
    *("group:cap:9999", "group:own:2", "group:spoiler:none", "cancel:{token}{token}"),
]
GROUP_CHAT = {"id": GROUP, "type": "supergroup", "title": "Film Club"}


def person(user_id: int, name: str = "N") -> dict[str, Any]:
    return {"id": user_id, "is_bot": False, "first_name": name, "language_code": "en"}


def private(user_id: int) -> dict[str, Any]:
    return {"id": user_id, "type": "private", "first_name": "N"}


def said(text: str, sender: dict[str, Any], chat: dict[str, Any], **more: Any) -> dict[str, Any]:
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split(" ", maxsplit=1)[0])}
    content = {"message_id": 7, "date": 1, "text": text, "entities": [entity]}
    return {"message": content | {"from": sender, "chat": chat} | more}


def tapped(data: str, message: dict[str, Any] | None) -> dict[str, Any]:
    query = {"id": "1", "from": person(BO), "chat_instance": "1", "data": data}
    return {"callback_query": query | ({"message": message} if message else {})}


def strangers() -> list[dict[str, Any]]:
    """Senders and chats that are none of a person's."""
    channel = {"id": -1009, "type": "channel", "title": "C"}
    odd = person(2**52, "\u202e" + "N" * 5000 + "\n")
    return [
        said("/video a cat", odd, GROUP_CHAT),
        said("/start", odd, private(2**52)),
        said("/video a cat", person(777000), GROUP_CHAT, sender_chat=channel),
        said("/video a cat", person(BO), channel, sender_chat=channel),
        said("/show", person(BO), GROUP_CHAT, is_topic_message=True, message_thread_id=2**40),
        {"message": {"message_id": 8, "date": 1, "chat": GROUP_CHAT, "text": "/video a cat"}},
        {"message": {"message_id": 8, "date": 1, "chat": GROUP_CHAT, "from": person(BO)}},
        {"edited_message": said("/grant 1 1", person(CLEO), private(CLEO))["message"]},
        {"callback_query": {"id": "1", "from": person(BO), "chat_instance": "1"}},
        {},
    ]


@pytest.mark.parametrize("sender", [BO, CLEO])
async def test_no_command_fails_whatever_stands_behind_it(
    sandbox: Sandbox, tmp_path: Path, sender: int
) -> None:
    chats = itertools.cycle([GROUP_CHAT, private(sender)])
    updates = [
        said(f"/{name} {argument}", person(sender), next(chats))
        for name in COMMANDS
        for argument in ARGUMENTS
    ]
    await handle(sandbox, tmp_path, updates)


async def test_no_button_and_no_sender_fails(sandbox: Sandbox, tmp_path: Path) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet(gate=open_gate()).open):
        clip = await make_clip(sandbox, ADA, GROUP, "/video a cat")
    token = taps(clip)["again"].partition(":")[2]
    whole = {"message_id": clip["message_id"], "date": 1, "chat": GROUP_CHAT}
    messages = [whole, whole | {"date": 0}, {"message_id": 5, "date": 0, "chat": private(BO)}, None]
    updates = [tapped(data.format(token=token), message) for data in TAPS for message in messages]
    await handle(sandbox, tmp_path, updates + strangers())


async def handle(sandbox: Sandbox, tmp_path: Path, updates: list[dict[str, Any]]) -> None:
    """Have the bot handle them all, and find that none has failed."""
    numbered = [
        {"update_id": sys.maxsize // 2**20 + number} | update
        for number, update in enumerate(updates)
    ]
    async with open_service(
        sandbox.settings(tmp_path / "data"), LocalFleet(gate=open_gate()).open
    ) as app:
        await app.database.run(inbox.record, bot_id=BOT_ID, updates=numbered, now=1.0)
        while await app.database.read(inbox.count_waiting, bot_id=BOT_ID):
            await let_it_answer(sandbox, ADA)
        failed = await app.database.read(
            lambda db: list(
                db.query("SELECT payload, error FROM inbox WHERE failures > 0 OR error <> ''")
            )
        )
        assert failed == []
