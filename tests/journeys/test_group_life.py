"""A group adds the bot, mutes it, forbids its videos, throws it out, and becomes a supergroup."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.mp4 import encode
from storage import chats, inbox, outbox, pools
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    Message,
    Sandbox,
    by_bot,
    cards,
    ledger,
    let_it_answer,
    open_service,
    settled,
    texts,
    until,
    videos,
)

MENTION = "@kinogram_sandbox_bot"


def saying(part: str) -> Any:
    """For `until`: what the bot wrote that holds those words."""
    return lambda found: [text for text in texts(found) if part in text]


def kinds(rows: list[dict[str, Any]]) -> list[str]:
    return [row["kind"] for row in rows]


@pytest.mark.parametrize(
    ("person", "part"), [(CLEO, "Telegram's privacy mode is on"), (BO, "隐私模式已开启")]
)
async def test_a_group_that_adds_the_bot_is_greeted_once(
    sandbox: Sandbox, tmp_path: Path, person: int, part: str
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        if person == CLEO:
            await sandbox.client.change_bot(CLEO, "left")
            await sandbox.client.change_bot(CLEO, "member")
        else:
            await app.database.run(inbox.record, bot_id=BOT_ID, updates=[added_by(person)], now=1.0)
            await let_it_answer(sandbox, CLEO)
        (greeting,) = await until(sandbox.client, ADA, GROUP, saying(part))
        assert f"{MENTION}" in greeting
        assert "/video" in greeting
        # What is no arrival is not greeted.
        await sandbox.client.change_bot(CLEO, "administrator")
        await sandbox.client.change_bot(CLEO, "restricted", ["can_send_messages"])
        await sandbox.client.change_bot(CLEO, "member")
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, videos)
        assert len(cards(await sandbox.client.messages(ADA, GROUP))) == 2


def added_by(person: int) -> dict[str, Any]:
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Kinogram"}
    return {
        "update_id": 5,
        "my_chat_member": {
            "chat": {"id": GROUP, "type": "supergroup", "title": "Film Club"},
            "from": {
                "id": person,
                "is_bot": False,
                "first_name": "小波",
                "language_code": "zh-hans",
            },
            "date": 1,
            "old_chat_member": {"user": bot, "status": "left"},
            "new_chat_member": {"user": bot, "status": "member"},
        },
    }


@pytest.mark.parametrize(
    ("status", "denied"),
    [("kicked", []), ("left", []), ("restricted", ["can_send_messages"])],
)
async def test_a_group_that_throws_out_or_mutes_the_bot_ends_its_jobs_with_all_credits_back(
    sandbox: Sandbox, tmp_path: Path, status: str, denied: list[str]
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, by_bot)
        await sandbox.client.send(BO, GROUP, "/video a dog")
        await until(sandbox.client, ADA, GROUP, lambda found: by_bot(found)[1:])
        await sandbox.client.send(CLEO, CLEO, "a bird")
        await until(sandbox.client, CLEO, CLEO, by_bot)
        await sandbox.client.change_bot(CLEO, status, denied)
        # The render is stopped although the gate is shut, and the next job gets the worker.
        while len(fleet.requests) < 2:
            await let_it_answer(sandbox, BO)
        # Taken now: until then its cards may still have told their new places in line.
        before = by_bot(await sandbox.client.messages(ADA, GROUP))
        assert not any(end in text for text in texts(before) for end in ("Cancelled", "已取消"))
        fleet.gate.set()
        await until(sandbox.client, CLEO, CLEO, videos)
        rows = await settled(app)
        assert sorted(kinds([row for row in rows if row["user_id"] in {ADA, BO}])) == [
            "release",
            "release",
            "reserve",
            "reserve",
        ]
        assert [request.prompt for request in fleet.requests] == ["a cat", "a bird"]
        assert by_bot(await sandbox.client.messages(ADA, GROUP)) == before
        # Back again, it says what came of the cards that stand there. The one that waited was
        # cancelled, or told its place to the closed group before the bot knew of that.
        await sandbox.client.change_bot(CLEO, "member")
        ends = ("已取消", "我当时不能在这里发言")
        shown = await until(
            sandbox.client, ADA, GROUP, lambda found: texts(found)[1].startswith(ends) and found
        )
        assert texts(shown)[0].startswith("I was not allowed to write here. Your credits are back.")


async def test_whoever_blocks_the_bot_ends_only_their_own_chats_jobs(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, by_bot)
        await sandbox.client.send(ADA, ADA, "a dog")
        await until(sandbox.client, ADA, ADA, by_bot)
        await sandbox.client.block(ADA)
        while kinds(await ledger(app.database)) != ["reserve", "reserve", "release"]:
            await let_it_answer(sandbox, BO)
        fleet.gate.set()
        await until(sandbox.client, ADA, GROUP, videos)
        assert [request.prompt for request in fleet.requests] == ["a cat"]


async def test_a_group_that_forbids_videos_is_told_once_and_the_clips_go_to_the_people(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "/start")
        await until(sandbox.client, ADA, ADA, by_bot)
        await sandbox.client.change_bot(CLEO, "restricted", ["can_send_videos"])
        for count in (1, 2):
            await sandbox.client.send(ADA, GROUP, "/video a cat")
            await until(
                sandbox.client, ADA, ADA, lambda found, count=count: len(videos(found)) == count
            )
        # Bo has never started the bot: nothing to deliver to, and nothing to pay.
        await sandbox.client.send(BO, GROUP, "/video a dog")
        while "release" not in kinds(await ledger(app.database)):
            await let_it_answer(sandbox, CLEO)
        shown = await until(
            sandbox.client, ADA, GROUP, lambda found: len(by_bot(found)) == 1 and by_bot(found)
        )
        assert "not allowed to send videos" in shown[0]["text"]
        rows = await settled(app)
        assert [row["user_id"] for row in rows if row["kind"] == "capture"] == [ADA, ADA]
        assert [row["user_id"] for row in rows if row["kind"] == "release"] == [BO]
        # The clip is the person's own now, with its buttons.
        clip = videos(await sandbox.client.messages(ADA, ADA))[0]
        data = clip["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        answer = await sandbox.client.tap(ADA, ADA, clip["message_id"], data)
        assert answer
        assert "In line" in answer["text"]


async def test_a_group_takes_all_that_it_has_along_when_it_becomes_a_supergroup(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(CLEO, GROUP, "/setquota here 5")
        await until(sandbox.client, CLEO, GROUP, saying("5 credits a day"))
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, lambda found: by_bot(found)[1:])
        new_id = await sandbox.client.upgrade_group(CLEO)
        fleet.gate.set()
        await until(sandbox.client, ADA, GROUP, videos)
        await sandbox.client.send(ADA, GROUP, "/video a dog")
        await until(sandbox.client, ADA, GROUP, lambda found: videos(found)[1:])
        rows = await settled(app)
        assert {row["source"] for row in rows} == {"pool"}
        pool = await app.database.read(
            pools.pool, bot_id=BOT_ID, chat_id=new_id, user_id=ADA, now=rows[-1]["at"]
        )
        assert (pool.daily_tenths, pool.daily_left_tenths) == (50, 30)
        sent = [call for call in await sandbox.client.calls() if call["method"] == "sendMessage"]
        assert sent[-1]["chat_id"] == new_id


async def test_an_answer_to_a_group_that_moved_meanwhile_follows_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The bot learns of the move from Telegram's refusal alone."""
    new_id = await sandbox.client.upgrade_group(CLEO)
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open) as app:
        for key, once in (("plain", False), ("once", True)):
            await app.database.run(
                outbox.say,
                bot_id=BOT_ID,
                key=key,
                chat_id=GROUP,
                method="send_message",
                payload={"text": key, "reply_to": 3},
                once=once,
                now=1.0,
            )
        await let_it_answer(sandbox, BO)
        await until(
            sandbox.client, ADA, GROUP, lambda found: sorted(texts(found)) == ["once", "plain"]
        )
        moved = await app.database.read(chats.current_id, bot_id=BOT_ID, chat_id=GROUP)
        assert moved == new_id


async def test_what_an_administrator_sent_just_before_the_group_moved_is_answered(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sent = {
        "message_id": 3,
        "date": 1,
        "from": {"id": CLEO, "is_bot": False, "first_name": "Cleo"},
        "chat": {"id": GROUP, "type": "group", "title": "Film Club"},
        "text": "/group",
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
    }
    await sandbox.client.upgrade_group(CLEO)
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", admins=frozenset())
    async with open_service(settings, fleet.open) as app:
        update = {"update_id": 5, "message": sent}
        await app.database.run(inbox.record, bot_id=BOT_ID, updates=[update], now=1.0)
        await let_it_answer(sandbox, BO)
        (panel,) = await until(sandbox.client, CLEO, GROUP, by_bot)
        assert "reply_markup" in panel, "it has the buttons for administrators"
        # The same once the bot knows of the move.
        new_id = await app.database.read(chats.current_id, bot_id=BOT_ID, chat_id=GROUP)
        assert new_id != GROUP
        where = {"bot_id": BOT_ID, "chat_id": new_id}
        await app.database.run(chats.set_admins_only, **where, admins_only=True)
        prompt = sent | {"text": "/video a cat"}
        update = {"update_id": 6, "message": prompt}
        await app.database.run(inbox.record, bot_id=BOT_ID, updates=[update], now=1.0)
        await let_it_answer(sandbox, BO)
        await until(sandbox.client, CLEO, GROUP, videos)


def large_mp4() -> bytes:
    chance = np.random.default_rng(3)
    coarse = chance.integers(0, 255, (8, 32, 32, 3), np.uint8)
    return encode(coarse.repeat(4, axis=1).repeat(4, axis=2), 8)


async def size_of(sandbox: Sandbox, clip: Message) -> int:
    return len(await sandbox.client.file(clip["video"]["url"]))


async def test_a_clip_that_the_server_finds_too_big_comes_encoded_smaller(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), mp4=large_mp4())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.misbehave("editMessageMedia", "413", 1)
        await sandbox.client.send(ADA, ADA, "a cat")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        assert await size_of(sandbox, clip) <= len(large_mp4()) // 2
        assert kinds(await settled(app)) == ["reserve", "capture"]


async def test_a_clip_that_stays_too_big_ends_with_the_credits_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), mp4=large_mp4())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.misbehave("editMessageMedia", "413", 2)
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, saying("too big"))
        assert kinds(await settled(app)) == ["reserve", "release"]
