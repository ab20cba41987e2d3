"""What admins do in the chat, and what the others notice of it."""

import asyncio
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from bot.replies.commands import ADMIN_COMMANDS
from bot.replies.people import Replies
from storage import audit, inbox, jobs, people
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    WAIT_SECONDS,
    Message,
    Sandbox,
    by_bot,
    open_service,
    settled,
    texts,
    until,
    videos,
)


async def ask(sandbox: Sandbox, line: str, chat: int = CLEO) -> str:
    """The bot's answer to a line of the admin."""
    before = len(by_bot(await sandbox.client.messages(CLEO, chat)))
    await sandbox.client.send(CLEO, chat, line)
    shown = await until(
        sandbox.client, CLEO, chat, lambda found: len(by_bot(found)) > before and texts(found)
    )
    return str(shown[-1])


async def says(sandbox: Sandbox, person: int, part: str) -> Message:
    """The bot's message to that person that says so, as soon as there is one."""

    def wanted(found: list[Message]) -> Any:
        return [m for m in by_bot(found) if part in (m.get("text") or m.get("caption") or "")]

    return dict((await until(sandbox.client, person, person, wanted))[-1])


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not holds():
            await asyncio.sleep(0.01)


async def test_nobody_else_learns_that_admins_have_commands(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open) as app:
        # Two people, as answers to many at once in one chat would be cut short (bot/intake.py).
        await asyncio.gather(
            *(
                learns_nothing(sandbox, person, names)
                for person, names in ((ADA, ADMIN_COMMANDS[::2]), (BO, ADMIN_COMMANDS[1::2]))
            )
        )
        await sandbox.client.send(ADA, ADA, "/quota @bo")
        own = "Credits left: 10 of 10"
        await until(sandbox.client, ADA, ADA, lambda found: texts(found)[-1].startswith(own))
        assert await app.database.read(audit.latest, bot_id=BOT_ID) == []


async def learns_nothing(sandbox: Sandbox, person: int, names: Sequence[str]) -> None:
    for name in names:
        await sandbox.client.send(person, person, f"/{name} @ada 5")
    replies = Replies("zh" if person == BO else "en")
    shown = await until(
        sandbox.client, person, person, lambda found: by_bot(found)[len(names) - 1 :] and found
    )
    assert texts(shown) == [replies.unknown_command(f"/{name}") for name in names]


async def test_a_priority_is_set_in_the_chat(sandbox: Sandbox, tmp_path: Path) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open) as app:
        assert "1001 has 2.5 turns in line" in await ask(sandbox, f"/priority {ADA} 2.5")
        assert "WEIGHT is from 0.1 to 10" in await ask(sandbox, f"/priority {ADA} 100")
        person = await app.database.read(people.get, bot_id=BOT_ID, user_id=ADA)
        assert person is not None
        assert person.weight == 2.5


async def test_what_a_chinese_keyboard_writes_is_understood(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        await sandbox.client.send(ADA, ADA, "/start")
        await until(sandbox.client, ADA, ADA, texts)
        assert "@ada has 20 credits a day" in await ask(sandbox, "/setquota ＠ada　２０")
        assert "@ada has 2.5 turns" in await ask(sandbox, "/priority １００１ ２．５")


async def test_a_pause_holds_over_a_restart_and_its_cards_say_so(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet, settings = LocalFleet(), sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open):
        await sandbox.client.send(ADA, ADA, "first cat")
        await eventually(lambda: bool(fleet.requests))
        assert (await ask(sandbox, "/pause")).startswith("Paused")
        fleet.gate.set()
        await until(sandbox.client, ADA, ADA, videos)  # What ran is finished.
        await sandbox.client.send(BO, BO, "second cat")
        card = await says(sandbox, BO, "渲染已暂停；这个视频的排队位置不变。")
        assert "下一个就是你" in card["text"]
    async with open_service(settings, fleet.open):
        shown = await ask(sandbox, "/queue")
        assert shown.startswith("Paused")
        assert "1. @bo" in shown
        assert len(fleet.requests) == 1
        assert (await ask(sandbox, "/resume")).startswith("Working")
        (clip,) = await until(sandbox.client, BO, BO, videos)
        assert clip["message_id"] == card["message_id"]


async def test_a_drain_refuses_prompts_and_taps_renders_the_line_and_holds_over_a_restart(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet, settings = LocalFleet(gate=open_gate()), sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "first cat")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        await settled(app)
        fleet.gate.clear()
        await sandbox.client.send(ADA, ADA, "second cat")
        await eventually(lambda: len(fleet.requests) == 2)
        assert "1 clip is still to be made" in await ask(sandbox, "/drain")
        await sandbox.client.send(BO, BO, "a cat too late")
        await says(sandbox, BO, "我暂时不接受新的提示词")
        data = clip["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        tapped = await sandbox.client.tap(ADA, ADA, clip["message_id"], data)
        assert tapped is not None
        assert tapped["text"].startswith("I take no new prompts")
        assert "▶ @ada" in await ask(sandbox, "/workers")
        assert "No clip is lost" in await ask(sandbox, "/restart")
        await eventually(lambda: fleet.renewals == 1)
        fleet.gate.set()
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2)
        await settled(app)
        assert (await ask(sandbox, "/workers")).startswith("Drained: nothing waits or runs")
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat still too late")
        await says(sandbox, ADA, "I take no new prompts")
        await ask(sandbox, "/resume")
        await sandbox.client.send(ADA, ADA, "third cat")
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 3)
        assert len(await settled(app)) == 6, "refused prompts reserve nothing"


async def test_workers_and_queue_show_what_is_rendered_and_what_waits(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "a cat moves left")
        await eventually(lambda: bool(fleet.requests))
        await sandbox.client.send(BO, GROUP, f"/video {'一只猫' * 60}")
        await until(sandbox.client, BO, GROUP, by_bot)
        shown = await ask(sandbox, "/workers")
        assert shown.splitlines()[0] == "1 worker, ready: 1"
        assert "▶ @ada" in shown
        assert "a cat moves left" in shown
        *_, waiting = (await ask(sandbox, "/queue")).splitlines()
        assert waiting.startswith(f"1. @bo · group {GROUP}")
        assert waiting.endswith("…")
        fleet.gate.set()
        await until(sandbox.client, BO, GROUP, videos)


async def test_statistics_come_as_one_picture_with_its_text(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)
        await settled(app)
        for chat in (CLEO, GROUP):
            await ask(sandbox, "/stats", chat)
            (message,) = by_bot(await sandbox.client.messages(CLEO, chat))
            assert message["caption"].startswith("Today\nClips: 1\nPeople: 1\nCredits spent: 1\n")
            assert message["caption"].endswith("clips a day above, seconds a clip below.")
            picture = await sandbox.client.file(message["photo"]["url"])
            with Image.open(io.BytesIO(picture)) as opened:
                assert opened.width > opened.height > 300
        assert "reply_to_message_id" in message, "in a group"


async def test_a_picture_decided_on_before_a_restart_is_shown_after_it_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet, settings = LocalFleet(gate=open_gate()), sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open) as app:
        await ask(sandbox, "/queue")
        await sandbox.client.misbehave("sendMessage", "429", 1, retry_after=2)
        await sandbox.client.send(CLEO, CLEO, "/queue")  # Parks the chat.
        await sandbox.client.send(CLEO, CLEO, "/stats")
        async with asyncio.timeout(WAIT_SECONDS):
            while len(await app.database.read(audit.latest, bot_id=BOT_ID)) < 3:
                await asyncio.sleep(0.01)
    assert not any("photo" in m for m in await sandbox.client.messages(CLEO, CLEO))
    async with open_service(settings, fleet.open):
        await until(sandbox.client, CLEO, CLEO, lambda f: [m for m in f if "photo" in m])
        await ask(sandbox, "/audit")
        shown = await sandbox.client.messages(CLEO, CLEO)
        assert len([m for m in shown if "photo" in m]) == 1


async def test_a_picture_that_telegram_puts_off_comes_later_and_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        await sandbox.client.misbehave("sendPhoto", "429", 1, retry_after=1)
        assert (await ask(sandbox, "/stats")).startswith("Today")
        await ask(sandbox, "/audit")
        shown = by_bot(await sandbox.client.messages(CLEO, CLEO))
        assert ["photo" in message for message in shown] == [True, False]


async def test_the_audit_is_read_in_the_chat(sandbox: Sandbox, tmp_path: Path) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        await ask(sandbox, "/start")
        await ask(sandbox, f"/grant {ADA} 2.5")
        _, line = (await ask(sandbox, "/audit")).splitlines()
        assert line.endswith(" · @cleo · grant 1001 2.5")


async def test_a_command_that_an_admin_forwards_is_not_carried_out(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open) as app:
        await ask(sandbox, "/start")
        sender = {"id": CLEO, "is_bot": False, "first_name": "Cleo", "language_code": "en"}
        forwarded = {
            "message_id": 77,
            "from": sender,
            "chat": {"id": CLEO, "type": "private", "first_name": "Cleo"},
            "date": 1,
            "forward_origin": {"type": "hidden_user", "sender_user_name": "Bo", "date": 1},
            "text": f"/grant {BO} 1000",
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        }
        update = {"update_id": 5, "message": forwarded}
        await app.database.run(inbox.record, bot_id=BOT_ID, updates=[update], now=1.0)
        # Another message wakes the bot; hers are answered in their order.
        await sandbox.client.send(CLEO, CLEO, f"/quota {BO}")
        await says(sandbox, CLEO, "I do not carry out forwarded commands")
        said = await says(sandbox, CLEO, f"{BO}")
        assert "Granted on top" not in said["text"]


async def test_a_command_handled_twice_takes_effect_once(sandbox: Sandbox, tmp_path: Path) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open) as app:
        await ask(sandbox, f"/grant {ADA} 2")
        await sandbox.client.redeliver(1)
        assert "Granted on top: 2\n" in await ask(sandbox, f"/quota {ADA}")
        assert not await app.database.read(jobs.in_hand, bot_id=BOT_ID, limit=1)
