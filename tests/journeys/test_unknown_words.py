"""Prompts in which a model of few words knows nothing, from typing them to what they cost."""

from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_pictures import PHOTO
from tests.service import (
    ADA,
    BO,
    GROUP,
    Sandbox,
    open_service,
    settled,
    texts,
    until,
    videos,
)

NOTHING = "nothing in that which it could show; /words"


async def test_a_prompt_of_unknown_words_alone_is_answered_and_costs_nothing_wherever_it_is_written(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        for number, text in enumerate(("quantum zorp", "/draft zorp", "dances --seed 7"), start=1):
            await sandbox.client.send(ADA, ADA, text)
            said = await until(
                sandbox.client,
                ADA,
                ADA,
                lambda found, number=number: len(texts(found)) == number and texts(found),
            )
            assert NOTHING in said[-1]
        await sandbox.client.send(BO, GROUP, "@kinogram_sandbox_bot 量子纠缠")
        (said,) = await until(sandbox.client, BO, GROUP, texts)
        assert "/words" in said
        assert "没有扣除额度" in said
        assert await settled(app) == []
        assert fleet.requests == []


async def test_some_known_words_are_enough_and_so_is_a_picture(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "a zorp in the forest")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        assert "does not know “zorp”" in clip["caption"]
        await sandbox.client.send(ADA, ADA, "zorp", reply_to=clip["message_id"])
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if NOTHING in t]
        )
        await sandbox.client.photo(ADA, ADA, PHOTO, "zorp")
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2)
        assert [request.prompt for request in fleet.requests] == ["a zorp in the forest", "zorp"]


async def test_a_model_of_all_words_is_asked_for_anything(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate(), models=("wan2.2-ti2v-5b",))
    settings = sandbox.settings(tmp_path / "data", model="wan2.2-ti2v-5b")
    async with open_service(settings, fleet.open):
        await sandbox.client.send(ADA, ADA, "quantum zorp")
        await until(sandbox.client, ADA, ADA, videos)
