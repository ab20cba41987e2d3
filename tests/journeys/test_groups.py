"""A group: commands, replies, and admins who reply to people."""

from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    CLEO,
    GROUP,
    Sandbox,
    by_bot,
    open_service,
    settled,
    texts,
    until,
    videos,
)


async def test_a_command_in_a_group_is_answered_with_a_clip_in_reply(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(BO, GROUP, "just talking")
        prompt = await sandbox.client.send(ADA, GROUP, "/video@kinogram_sandbox_bot a cat")
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert clip["reply_to_message_id"] == prompt["message_id"]
        assert clip["caption"].startswith("a cat\n")
        assert len(by_bot(await sandbox.client.messages(ADA, GROUP))) == 1
        assert len(await settled(app)) == 2


async def test_an_admin_names_people_by_replying_to_them(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        asked = await sandbox.client.send(ADA, GROUP, "/help")
        await until(sandbox.client, ADA, GROUP, texts)
        for count, (text, part) in enumerate(
            [
                ("/grant 2.5", "@ada got 2.5 credits"),
                ("/quota", "Granted on top: 2.5"),
                ("/block", "@ada is blocked"),
                ("/unblock", "@ada is not blocked"),
                ("/setquota 3", "@ada has 3 credits a day"),
            ],
            start=2,
        ):
            await sandbox.client.send(CLEO, GROUP, text, asked["message_id"])
            shown = await until(
                sandbox.client,
                ADA,
                GROUP,
                lambda found, count=count: len(texts(found)) == count and texts(found),
            )
            assert part in shown[-1]


async def test_a_blocked_person_is_refused_and_pays_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(CLEO, CLEO, f"/block {BO}")
        await until(sandbox.client, CLEO, CLEO, texts)
        await sandbox.client.send(BO, BO, "一只猫")
        (answer,) = await until(sandbox.client, BO, BO, texts)
        assert "屏蔽" in answer
        assert await settled(app) == []
