"""Links that start the bot: under a shared clip, above no results, and of invitations."""

import time
from pathlib import Path

import pytest

from storage import access, inbox, retention
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_admins import ask, says
from tests.journeys.test_buttons import tap
from tests.journeys.test_sharing import TOKEN, find, make_clips, share_query
from tests.service import ADA, BO, BOT_ID, CLEO, GROUP, Sandbox, open_service, texts, until


async def test_the_makers_own_link_offers_a_private_prompt(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        (clip,) = await make_clips(sandbox, app, (ADA, "a cat"))
        await sandbox.client.send(ADA, ADA, f"/start make_{share_query(clip)}")
        await until(sandbox.client, ADA, ADA, lambda found: texts(found)[-1].endswith("\n\na cat"))


@pytest.mark.parametrize("argument", [f"make_{TOKEN}", "make_", "make_x' OR 1", "make_猫", "hello"])
async def test_a_link_that_leads_nowhere_is_greeted(
    sandbox: Sandbox, tmp_path: Path, argument: str
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, f"/start {argument}")
        (greeting,) = await until(sandbox.client, ADA, ADA, texts)
        assert greeting.startswith("Hello!")
        assert await app.database.read(inbox.count_waiting, bot_id=BOT_ID) == 0


async def test_the_button_above_no_results_is_no_invitation(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data", access="invite")
    async with open_service(settings, LocalFleet().open):
        answer = await find(sandbox, ADA, "cat")
        start = answer["button"]["start_parameter"]
        await sandbox.client.send(ADA, ADA, f"/start {start}")
        await says(sandbox, ADA, "You need an invitation to make clips here")
        assert not [t for t in texts(await sandbox.client.messages(ADA, ADA)) if "not valid" in t]


async def test_the_link_under_a_clip_tells_who_may_not_make_any_how_they_could(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data", access="list")
    async with open_service(settings, LocalFleet(gate=open_gate()).open) as app:
        (clip,) = await make_clips(sandbox, app, (CLEO, "a cat"))
        await tap(sandbox, CLEO, CLEO, clip, "publish")
        await sandbox.client.send(BO, BO, f"/start make_{share_query(clip)}")
        await says(sandbox, BO, "你在等候名单上排第 1 位")
        await ask(sandbox, f"/block {ADA}")
        await sandbox.client.send(ADA, ADA, f"/start make_{share_query(clip)}")
        await says(sandbox, ADA, "An admin of this bot has blocked you")
        for person in (ADA, BO):
            assert not [
                t for t in texts(await sandbox.client.messages(person, person)) if "cat" in t
            ]


async def test_a_clip_whose_words_are_not_kept_any_more_is_neither_shared_nor_offered(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(
        sandbox.settings(tmp_path / "data"), LocalFleet(gate=open_gate()).open
    ) as app:
        (clip,) = await make_clips(sandbox, app, (ADA, "a cat"))
        await tap(sandbox, ADA, ADA, clip, "publish")
        assert (await find(sandbox, ADA, share_query(clip)))["results"]
        later = time.time() + 1
        await app.database.run(retention.expire, bot_id=BOT_ID, before=later, now=later)
        for person in (ADA, BO):
            assert (await find(sandbox, person, f" {share_query(clip)} "))["results"] == []
        await sandbox.client.send(BO, BO, f"/start make_{share_query(clip)}")
        (greeting,) = await until(sandbox.client, BO, BO, texts)
        assert "请复制视频下方的文字" in greeting


async def test_whoever_writes_as_the_group_uses_no_invitation_up(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data", access="invite")
    async with open_service(settings, LocalFleet().open) as app:
        _, link = (await ask(sandbox, "/invite 1")).splitlines()
        code = link.rpartition("=")[2]
        await sandbox.client.send(CLEO, GROUP, f"/start {code}", anonymous=True)
        (answer,) = await until(sandbox.client, ADA, GROUP, texts)
        assert answer.startswith("You write as the group")
        await sandbox.client.send(ADA, ADA, f"/start {code}")
        await says(sandbox, ADA, "Hello!")
        assert await app.database.read(access.is_admitted, bot_id=BOT_ID, user_id=ADA)
