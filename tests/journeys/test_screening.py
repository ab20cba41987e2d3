"""People whose prompts the word list refuses, or spares, through the sandbox and real PTB."""

from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.service import ADA, BO, GROUP, Sandbox, open_service, settled, texts, until, videos


async def test_a_screened_prompt_is_refused_in_each_persons_language_and_costs_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat watches p.0.r.n")
        (answer,) = await until(sandbox.client, ADA, ADA, texts)
        assert "not allowed here. Nothing was charged." in answer
        await sandbox.client.send(BO, GROUP, "/video 色 情 影片")
        (answer,) = await until(sandbox.client, BO, GROUP, texts)
        assert answer.startswith("这里不允许这个提示词。没有扣除额度。")
        assert await settled(app) == []
        assert fleet.requests == []
        # What only looks like it becomes a clip.
        await sandbox.client.send(ADA, ADA, "a cat eats g r a p e s")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        assert clip["caption"].startswith("a cat eats g r a p e s")


async def test_an_operator_has_a_list_of_their_own(sandbox: Sandbox, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("# ours\nbroccoli\n", encoding="utf-8")
    settings = sandbox.settings(tmp_path / "data", screen_words=words)
    fleet = LocalFleet(gate=open_gate())
    async with open_service(settings, fleet.open):
        await sandbox.client.send(ADA, ADA, "a cat eats BROCCOLI")
        (answer,) = await until(sandbox.client, ADA, ADA, texts)
        assert "not allowed here" in answer
        await sandbox.client.send(ADA, ADA, "a nude cat")
        await until(sandbox.client, ADA, ADA, videos)
