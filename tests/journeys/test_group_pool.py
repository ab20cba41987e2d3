"""/group: the shared pool, the rules of the group's administrators, and the bot's admins."""

from pathlib import Path
from typing import Any

import pytest

from storage import audit, chats
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    Message,
    Sandbox,
    buttons,
    by_bot,
    ledger,
    open_service,
    settled,
    texts,
    until,
    videos,
)


def data_of(message: Message) -> list[str]:
    return [button["callback_data"] for button in buttons(message) if "callback_data" in button]


async def answer_to(sandbox: Sandbox, person: int, chat: int, text: str, **how: Any) -> Message:
    """The bot's answer to a message, which is its next one in the chat."""
    before = len(by_bot(await sandbox.client.messages(person, chat)))
    await sandbox.client.send(person, chat, text, **how)
    found = await until(sandbox.client, person, chat, lambda found: by_bot(found)[before:])
    return dict(found[0])


async def tap(sandbox: Sandbox, person: int, panel: Message, data: str) -> str:
    answer = await sandbox.client.tap(person, GROUP, panel["message_id"], data)
    assert answer is not None
    return str(answer["text"])


async def panel_saying(sandbox: Sandbox, part: str) -> None:
    await until(
        sandbox.client, ADA, GROUP, lambda found: [text for text in texts(found) if part in text]
    )


async def test_the_pool_that_an_admin_gives_pays_before_the_members_do(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", daily_credits=1.0)
    async with open_service(settings, fleet.open) as app:
        said = await answer_to(sandbox, CLEO, GROUP, "/setquota here 1.5")
        assert said["text"] == f"Group {GROUP} has 1.5 credits a day now."
        for _ in range(2):
            await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, lambda found: videos(found)[1:])
        rows = [row for row in await settled(app) if row["kind"] == "capture"]
        assert sorted((row["source"], row["amount_tenths"]) for row in rows) == [
            ("daily", 5),
            ("pool", 5),
            ("pool", 10),
        ]
        said = await answer_to(sandbox, ADA, GROUP, "/video a bird")
        assert "Left for you here: 0.5 credits, of that in the group's pool: 0." in said["text"]
        assert "The next credit of the pool returns in" in said["text"]
        said = await answer_to(sandbox, ADA, GROUP, "/quota")
        assert "Pool of this group: 0 of 1.5 credits left today" in said["text"]
        # By the group's id, from anywhere; grants come on top and stay.
        said = await answer_to(sandbox, CLEO, CLEO, f"/grant {GROUP} 2")
        assert said["text"] == f"Group {GROUP} got 2 credits."
        said = await answer_to(sandbox, CLEO, CLEO, f"/quota {GROUP}")
        assert "Granted to the group on top: 2" in said["text"]
        entries = await app.database.read(audit.latest, bot_id=BOT_ID)
        assert [(entry.action, entry.target) for entry in entries] == [
            ("quota", str(GROUP)),
            ("grant", str(GROUP)),
            ("setquota", str(GROUP)),
        ]


async def test_here_means_nothing_in_a_private_chat_and_nothing_to_others(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open) as app:
        assert "such as -100123" in (await answer_to(sandbox, CLEO, CLEO, "/grant here 5"))["text"]
        # In a group another bot may have a command of that name: only one that is ours is answered.
        await sandbox.client.send(ADA, GROUP, "/setquota here 5")
        said = await answer_to(sandbox, ADA, GROUP, "/block@kinogram_sandbox_bot here")
        assert "do not know" in said["text"]
        assert len(by_bot(await sandbox.client.messages(ADA, GROUP))) == 1
        assert await ledger(app.database) == []


async def test_a_blocked_group_makes_no_clips_until_it_is_unblocked(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        assert "is blocked" in (await answer_to(sandbox, CLEO, GROUP, "/block here"))["text"]
        said = await answer_to(sandbox, ADA, GROUP, "/video a cat")
        assert said["text"] == "An admin of this bot has blocked this group."
        await answer_to(sandbox, CLEO, CLEO, f"/unblock {GROUP}")
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, videos)


async def test_everybody_sees_the_groups_rules_and_its_administrators_get_buttons(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        shown = await answer_to(sandbox, ADA, GROUP, "/group")
        assert shown["text"].splitlines() == [
            "Pool of this group: 0 of 0 credits left today",
            "A member may use of it in a day: no cap",
            "Everybody may ask.",
            "When the pool cannot pay, your own credits do.",
            "Clips come uncovered.",
            "The group's administrators can change this with /group.",
        ]
        assert data_of(shown) == []
        assert "所有人都可以请求" in (await answer_to(sandbox, BO, GROUP, "/group"))["text"]
        panel = await answer_to(sandbox, CLEO, GROUP, "/group")
        assert data_of(panel) == [
            *(f"group:cap:{cap}" for cap in (10, 20, 30, 50, 100)),
            "group:admins:1",
            "group:own:0",
            "group:spoiler:1",
        ]
        private = await answer_to(sandbox, ADA, ADA, "/group")
        assert "/group is for groups" in private["text"]


async def test_an_administrator_who_hides_as_the_group_gets_buttons_and_no_clips(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        panel = await answer_to(sandbox, CLEO, GROUP, "/group", anonymous=True)
        assert "group:admins:1" in data_of(panel)
        for command in ("/quota", "/settings", "/forgetme"):
            said = await answer_to(sandbox, CLEO, GROUP, command, anonymous=True)
            assert "You write as the group" in said["text"]
            assert not buttons(said)
        said = await answer_to(sandbox, CLEO, GROUP, "/video a cat", anonymous=True)
        assert "ask as yourself" in said["text"]
        assert await ledger(app.database) == []


async def test_only_administrators_change_the_rules_and_a_tap_twice_is_a_tap(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open) as app:
        panel = await answer_to(sandbox, CLEO, GROUP, "/group")
        before = panel["text"]
        for data in data_of(panel):
            words = await tap(sandbox, ADA, panel, data)
            assert words == "Only the group's administrators can change this."
        assert before in texts(await sandbox.client.messages(ADA, GROUP))
        assert await tap(sandbox, CLEO, panel, "group:cap:20") == "Done."
        await panel_saying(sandbox, "in a day: 2\n")
        await sandbox.client.redeliver(1)
        shown = (await sandbox.client.messages(ADA, GROUP))[-1]
        assert "group:cap:20" not in data_of(shown)
        assert await tap(sandbox, CLEO, shown, "group:cap:none") == "Done."
        await panel_saying(sandbox, "in a day: no cap")
        entries = await app.database.read(audit.latest, bot_id=BOT_ID)
        assert [entry.detail for entry in entries] == ["cap none", "cap 20"]


async def test_where_only_administrators_may_ask_the_others_may_not_tap_again_either(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", admins=frozenset({5}))
    async with open_service(settings, fleet.open):
        panel = await answer_to(sandbox, CLEO, GROUP, "/group")
        await tap(sandbox, CLEO, panel, "group:admins:1")
        await panel_saying(sandbox, "Only administrators may ask.")
        said = await answer_to(sandbox, ADA, GROUP, "/video a cat")
        assert said["text"] == "In this group only administrators may ask for clips."
        await sandbox.client.send(CLEO, GROUP, "/video a dog")
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        words = await tap(sandbox, ADA, clip, data_of(clip)[0])
        assert words == "In this group only administrators may ask for clips."
        assert "In line" in await tap(sandbox, CLEO, clip, data_of(clip)[0])
        await until(sandbox.client, ADA, GROUP, lambda found: videos(found)[1:])
        assert [request.prompt for request in fleet.requests] == ["a dog", "a dog"]


async def test_a_member_stays_under_the_cap_and_without_own_credits_the_pool_alone_pays(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await answer_to(sandbox, CLEO, GROUP, "/setquota here 10")
        panel = await answer_to(sandbox, CLEO, GROUP, "/group")
        await tap(sandbox, CLEO, panel, "group:cap:10")
        await tap(sandbox, CLEO, panel, "group:own:0")
        await panel_saying(sandbox, "The pool alone pays.")
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, videos)
        said = await answer_to(sandbox, ADA, GROUP, "/video a cat")
        assert "Left for you here: 0 credits" in said["text"]
        await sandbox.client.send(BO, GROUP, "/video a dog")
        await until(sandbox.client, ADA, GROUP, lambda found: videos(found)[1:])
        rows = await settled(app)
        assert {(row["user_id"], row["source"]) for row in rows} == {(ADA, "pool"), (BO, "pool")}


@pytest.mark.parametrize("covered", [True, False])
async def test_clips_come_covered_where_a_group_asks_for_it(
    sandbox: Sandbox, tmp_path: Path, covered: bool
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        if covered:
            panel = await answer_to(sandbox, CLEO, GROUP, "/group")
            await tap(sandbox, CLEO, panel, "group:spoiler:1")
            await panel_saying(sandbox, "Clips come covered")
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert clip.get("has_media_spoiler", False) is covered


async def test_an_administrator_of_the_group_cancels_anybodys_clip_and_the_pool_gets_it_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    settings = sandbox.settings(tmp_path / "data", admins=frozenset({5}))
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        (card,) = await until(sandbox.client, ADA, GROUP, with_buttons)
        refusal = await tap(sandbox, BO, card, data_of(card)[0])
        assert "管理员" in refusal
        await tap(sandbox, CLEO, card, data_of(card)[0])
        rows = await settled(app)
        assert [row["kind"] for row in rows] == ["reserve", "release"]


def with_buttons(found: list[Message]) -> list[Message]:
    return [message for message in by_bot(found) if data_of(message)]


async def test_where_only_administrators_ask_a_prompt_waits_until_telegram_says_who_they_are(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await app.database.run(
            chats.set_admins_only, bot_id=BOT_ID, chat_id=GROUP, admins_only=True
        )
        await sandbox.client.misbehave("getChatMember", "500", 4)
        await sandbox.client.send(CLEO, GROUP, "/video a cat")
        (clip,) = await until(sandbox.client, CLEO, GROUP, videos)
        assert clip["caption"].startswith("a cat")
