"""A group: commands, replies, and admins who reply to people."""

from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    CLEO,
    GROUP,
    Sandbox,
    cards,
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
        assert len(cards(await sandbox.client.messages(ADA, GROUP))) == 1
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


async def test_a_group_that_is_full_tells_each_person_once_in_their_language(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    settings = sandbox.settings(tmp_path / "data", waiting_a_chat=1)
    async with open_service(settings, fleet.open, lambda: 1_800_000_000.0):
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        await until(sandbox.client, ADA, GROUP, texts)
        for _ in range(3):
            asked = [
                await sandbox.client.send(person, GROUP, "/video a dog") for person in (ADA, BO)
            ]
        for person in (ADA, BO):
            await sandbox.client.send(person, GROUP, "/quota")
        shown = await until(
            sandbox.client,
            ADA,
            GROUP,
            lambda found: (
                all(any(part in text for text in texts(found)) for part in ("Credits left", "剩余"))
                and found
            ),
        )
        said = [text for text in texts(shown) if "1 prompt waiting" in text or "1 个提示词" in text]
        assert len(said) == 2, said
        assert asked[0]["message_id"] not in {m.get("reply_to_message_id") for m in shown}
        await sandbox.client.send(BO, BO, "a dog")
        assert await until(sandbox.client, BO, BO, texts), "elsewhere there is room"
        fleet.gate.set()
        await until(sandbox.client, BO, BO, videos)
