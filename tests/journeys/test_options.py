"""Options in the prompt, from typing them to the clip and its price."""

from pathlib import Path

from bot.app import App
from tests.fleets import LocalFleet
from tests.service import (
    ADA,
    BO,
    GROUP,
    Sandbox,
    ledger,
    open_service,
    settled,
    texts,
    until,
    videos,
)


async def answer(sandbox: Sandbox, person: int, text: str, number: int) -> str:
    """What the bot says to a text, as its message of that number in the private chat."""
    await sandbox.client.send(person, person, text)
    said: list[str] = await until(
        sandbox.client, person, person, lambda found: len(texts(found)) == number and texts(found)
    )
    return said[-1]


async def charged(app: App) -> list[int]:
    return [row["amount_tenths"] for row in await ledger(app.database)]


async def test_options_reach_the_model_and_the_card_shows_their_price_before_rendering(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await answer(sandbox, BO, "一只猫", 1)
        text = "/video a cat —ar 16:9 --Seed=7 --steps draft"
        await sandbox.client.send(ADA, GROUP, text)
        (card,) = await until(sandbox.client, ADA, GROUP, texts)
        assert card.split("\n")[0].endswith("· 0.3 credits")
        assert card.split("\n")[2] == "a cat"
        waiting = await answer(sandbox, BO, "一只狗--steps best", 2)
        assert "· 2 个额度\n\n一只狗" in waiting
        fleet.gate.set()
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert clip["caption"] == "a cat\nDraft · seed 7"
        await until(sandbox.client, BO, BO, lambda found: len(videos(found)) == 2)
        await settled(app)
        request = next(found for found in fleet.requests if found.prompt == "a cat")
        assert (request.aspect_ratio, request.seed, request.steps) == ("16:9", 7, 2)
        assert sorted(await charged(app)) == [3, 3, 10, 10, 20, 20]


async def test_an_impossible_option_is_answered_before_anything_is_charged(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        help_text = await answer(sandbox, ADA, "/help", 1)
        assert "--ar 1:1|16:9|9:16 --seconds 5 --seed NUMBER" in help_text
        for number, (text, part) in enumerate(
            [
                ("a cat --ar 4:3", "--ar can be 1:1, 16:9, 9:16 here, not “4:3”. Nothing"),
                ("a cat --zoom 2", "There is no option --zoom; there are --ar"),
                ("a cat --model sora", "--model can only be builtin"),
                ("a cat --ar 1:1 " + "--ar " * 800, "--ar stands there twice"),
            ],
            start=2,
        ):
            assert part in await answer(sandbox, ADA, text, number)
        assert "只能" in await answer(sandbox, BO, "一只猫--seconds 10", 1)
        assert await charged(app) == []
        assert fleet.requests == []
