"""/settings, as people tap through them."""

import asyncio
import contextlib
from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_menus import menu
from tests.journeys.test_own_jobs import ask
from tests.service import (
    ADA,
    BO,
    CLEO,
    GROUP,
    WAIT_SECONDS,
    Message,
    Sandbox,
    buttons,
    by_bot,
    open_service,
    texts,
    until,
    videos,
)


async def tap(
    sandbox: Sandbox, person: int, chat: int, message: Message, choice: str, part: str
) -> Message:
    """The settings after a tap on that choice, known by a part of them."""
    number = message["message_id"]
    data = next(b["callback_data"] for b in buttons(message) if b["callback_data"].endswith(choice))
    answer = await sandbox.client.tap(person, chat, number, data)
    assert answer is not None
    found = await until(
        sandbox.client,
        person,
        chat,
        lambda shown: [
            one
            for one in by_bot(shown)
            if one["message_id"] == number and part in one.get("text", "")
        ],
    )
    return dict(found[0])


async def menu_says(sandbox: Sandbox, words: str) -> None:
    """Wait until Ada's own menu describes /video so: it follows a choice a moment later."""
    async with (
        asyncio.timeout(WAIT_SECONDS),
        contextlib.aclosing(sandbox.client.events(ADA)) as events,
    ):
        while words not in (await menu(sandbox, ADA, ADA))["video"]:
            await anext(events)


def ticked(message: Message) -> list[str]:
    return [one["text"] for one in buttons(message) if one["text"].startswith("✓")]


async def test_a_chosen_language_speaks_everywhere_and_telegrams_comes_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        shown = await ask(sandbox, ADA, ADA, "/settings", "Your settings")
        assert "Language: as in Telegram (English)" in shown["text"]
        assert ticked(shown) == ["✓ as in Telegram", "✓ usual (1:1)", "✓ reaction and reply"]
        shown = await tap(sandbox, ADA, ADA, shown, "language:zh", "语言：中文")
        assert ticked(shown) == ["✓ 中文", "✓ 默认（1:1）", "✓ 表情和回复"]
        await ask(sandbox, ADA, ADA, "/quota", "剩余额度")
        await sandbox.client.send(ADA, ADA, "a cat")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        assert "种子" in clip["caption"]
        await menu_says(sandbox, "生成视频")
        assert "make a clip" in (await menu(sandbox, ADA, GROUP))["video"]
        shown = await tap(sandbox, ADA, ADA, shown, "language:", "as in Telegram (English)")
        await menu_says(sandbox, "make a clip")


async def test_an_admin_keeps_the_admins_menu_in_every_language(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open):
        shown = await ask(sandbox, CLEO, CLEO, "/settings", "Your settings")
        shown = await tap(sandbox, CLEO, CLEO, shown, "language:zh", "语言：中文")
        await ask(sandbox, CLEO, CLEO, "/quota", "剩余额度")
        assert "赠送额度" in (await menu(sandbox, CLEO, CLEO))["grant"]
        await tap(sandbox, CLEO, CLEO, shown, "language:", "as in Telegram")
        await ask(sandbox, CLEO, CLEO, "/quota", "Credits left")
        assert "give somebody credits" in (await menu(sandbox, CLEO, CLEO))["grant"]


async def test_a_chosen_shape_goes_for_every_prompt_that_asks_for_no_other(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        shown = await ask(sandbox, BO, BO, "/settings", "你的设置")
        # Telegram puts the change of the message off, and it comes later.
        await sandbox.client.misbehave("editMessageText", "429", 1, retry_after=1)
        await tap(sandbox, BO, BO, shown, "aspect_ratio:16:9", "画幅：16:9")
        for number, text in enumerate(("一只猫", "一只猫 --ar 9:16"), 1):
            await sandbox.client.send(BO, BO, text)
            await until(
                sandbox.client, BO, BO, lambda found, wanted=number: len(videos(found)) == wanted
            )
        assert [request.aspect_ratio for request in fleet.requests] == ["16:9", "9:16"]


async def test_nobody_changes_another_persons_settings(sandbox: Sandbox, tmp_path: Path) -> None:
    async with open_service(sandbox.settings(tmp_path / "data"), LocalFleet().open) as app:
        shown = await ask(sandbox, ADA, GROUP, "/settings", "Your settings")
        data = next(b["callback_data"] for b in buttons(shown) if "nothing" in b["callback_data"])
        answer = await sandbox.client.tap(BO, GROUP, shown["message_id"], data)
        assert answer is not None
        assert "这是别人的" in answer["text"]
        rows = await app.database.read(lambda db: list(db.query("SELECT notify FROM people")))
        assert {row["notify"] for row in rows} == {"both"}
        assert len(texts(await sandbox.client.messages(ADA, GROUP))) == 1
