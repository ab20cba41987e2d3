from pathlib import Path

from tests.fleets import LocalFleet
from tests.service import ADA, Sandbox, by_bot, open_service, texts, until


async def test_no_page_is_shown_for_a_link_in_what_the_bot_writes(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "/start")
        await sandbox.client.send(ADA, ADA, "https://example.org a cat")
        await until(sandbox.client, ADA, ADA, lambda found: by_bot(found)[1:])
        await sandbox.client.send(ADA, ADA, "/cancel")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if "Cancelled" in t]
        )
        said = by_bot(await sandbox.client.messages(ADA, ADA))
        assert any("edit_date" in one for one in said)
        assert all(one["link_preview_options"] == {"is_disabled": True} for one in said)
