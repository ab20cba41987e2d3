"""What is a prompt in a group: a mention of the bot, once, and never its edits."""

from pathlib import Path

import pytest

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
    settled,
    until,
    videos,
)

MENTION = "@kinogram_sandbox_bot"


@pytest.mark.parametrize("text", [f"{MENTION} a cat", f"{MENTION.upper()}, a cat"])
async def test_a_message_that_begins_with_a_mention_is_a_prompt(
    sandbox: Sandbox, tmp_path: Path, text: str
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(BO, GROUP, f"how nice of {MENTION}")
        await sandbox.client.send(BO, GROUP, "@kinogram_sandbox_bot_too a dog")
        prompt = await sandbox.client.send(ADA, GROUP, text)
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert clip["reply_to_message_id"] == prompt["message_id"]
        await let_it_answer(sandbox, BO)
        assert [request.prompt for request in fleet.requests] == ["a cat"]


async def test_the_bots_name_is_no_part_of_a_private_prompt_either(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, f"{MENTION} a cat")
        await until(sandbox.client, ADA, ADA, videos)
        assert [request.prompt for request in fleet.requests] == ["a cat"]


async def test_answers_to_a_prompt_in_a_topic_stay_in_that_topic(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, GROUP, f"{MENTION} a cat", thread=7)
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert clip["message_thread_id"] == 7
        await sandbox.client.send(ADA, GROUP, "/group", thread=7)
        shown = await until(sandbox.client, ADA, GROUP, lambda found: by_bot(found)[1:])
        assert shown[0]["message_thread_id"] == 7


async def test_a_thread_of_replies_is_no_topic_and_a_channels_post_is_nobodys_prompt(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        message = {
            "message_id": 50,
            "date": 1,
            "from": {"id": ADA, "is_bot": False, "first_name": "Ada"},
            "chat": {"id": GROUP, "type": "supergroup", "title": "Film Club"},
            "message_thread_id": 49,
            "text": "/video a cat",
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        }
        channel = {"id": -100777, "type": "channel", "title": "News"}
        post = message | {"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}}
        updates = [
            {"update_id": 1, "message": post | {"sender_chat": channel}},
            {"update_id": 2, "message": message},
        ]
        await app.database.run(inbox.record, bot_id=BOT_ID, updates=updates, now=1.0)
        await let_it_answer(sandbox, BO)
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert "message_thread_id" not in clip
        assert len(fleet.requests) == 1


async def test_an_edited_message_never_bills(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        prompts = [
            await sandbox.client.send(ADA, GROUP, "/video a cat"),
            await sandbox.client.send(ADA, GROUP, f"{MENTION} a cat"),
            await sandbox.client.send(ADA, ADA, "a cat"),
        ]
        await until(sandbox.client, ADA, GROUP, lambda found: videos(found)[1:])
        await until(sandbox.client, ADA, ADA, videos)
        # The bot does not ask for edits; should one come all the same, it is no prompt.
        sender = {"id": ADA, "is_bot": False, "first_name": "Ada"}
        for number, prompt in enumerate(prompts, start=1):
            private = prompt["chat"] > 0
            edited = {
                "message_id": prompt["message_id"],
                "date": 1,
                "edit_date": 2,
                "from": sender,
                "chat": {"id": prompt["chat"], "type": "private" if private else "supergroup"},
                "text": prompt["text"] + " on the moon",
                "entities": prompt.get("entities", []),
            }
            edit = {"update_id": number, "edited_message": edited}
            await app.database.run(inbox.record, bot_id=BOT_ID, updates=[edit], now=1.0)
        await let_it_answer(sandbox, ADA)
        while await app.database.read(inbox.count_waiting, bot_id=BOT_ID):
            await let_it_answer(sandbox, CLEO)
        assert len(fleet.requests) == 3
        assert [row["kind"] for row in await settled(app)].count("reserve") == 3
