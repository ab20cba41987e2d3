import asyncio
from pathlib import Path

from bot.replies.commands import GROUP_COMMANDS, PEOPLE_COMMANDS
from tests.fleets import LocalFleet
from tests.service import (
    ADA,
    BO,
    CLEO,
    GROUP,
    WAIT_SECONDS,
    Sandbox,
    by_bot,
    open_service,
    texts,
    until,
)


async def menu(sandbox: Sandbox, person: int, chat: int) -> dict[str, str]:
    chats = await sandbox.client.chats(person)
    commands = next(found["commands"] for found in chats if found["id"] == chat)
    return {command["command"]: command["description"] for command in commands}


async def test_each_audience_sees_its_commands_in_its_language(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        assert set(await menu(sandbox, ADA, ADA)) == set(PEOPLE_COMMANDS)
        assert set(await menu(sandbox, ADA, GROUP)) == set(GROUP_COMMANDS)
        assert "生成视频" in (await menu(sandbox, BO, BO))["video"]
        assert "grant" not in await menu(sandbox, CLEO, CLEO)
        await sandbox.client.send(CLEO, CLEO, "/start")
        await until(sandbox.client, CLEO, CLEO, texts)
        async with asyncio.timeout(WAIT_SECONDS):
            while "grant" not in await menu(sandbox, CLEO, CLEO):
                await asyncio.sleep(0.02)
        assert {"grant", "setquota", "block"} <= set(await menu(sandbox, CLEO, CLEO))
        for chat in (CLEO, GROUP):
            await sandbox.client.send(CLEO, chat, "/help")
            help_ = await until(
                sandbox.client, CLEO, chat, lambda found: [t for t in texts(found) if "/jobs" in t]
            )
            assert ("/grant" in help_[-1]) is (chat == CLEO)


async def test_an_admins_menu_keeps_the_language_they_chose_over_restarts(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data")
    async with open_service(settings, LocalFleet().open):
        await sandbox.client.send(CLEO, CLEO, "/settings")
        (shown,) = await until(sandbox.client, CLEO, CLEO, by_bot)
        data = f"set:{CLEO}:language:zh"
        await sandbox.client.tap(CLEO, CLEO, shown["message_id"], data)
    async with open_service(settings, LocalFleet().open):
        assert "生成视频" in (await menu(sandbox, CLEO, CLEO))["video"]
        await sandbox.client.send(CLEO, CLEO, "/start")
        await until(sandbox.client, CLEO, CLEO, lambda found: len(by_bot(found)) == 2)
        # Menus are published before the next message is handled.
        await sandbox.client.send(CLEO, CLEO, "/quota")
        await until(sandbox.client, CLEO, CLEO, lambda found: len(by_bot(found)) == 3)
        assert "生成视频" in (await menu(sandbox, CLEO, CLEO))["video"]
        assert "grant" in await menu(sandbox, CLEO, CLEO)
    # Whoever is no admin any more has the menu of everybody, in the language they chose.
    settings = sandbox.settings(tmp_path / "data", admins=frozenset({ADA}))
    async with open_service(settings, LocalFleet().open):
        shown = await menu(sandbox, CLEO, CLEO)
        assert set(shown) == set(PEOPLE_COMMANDS)
        assert "生成视频" in shown["video"]
