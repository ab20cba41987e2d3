"""People who come where not everybody may make clips, and the admins who let them in."""

import asyncio
import re
from pathlib import Path

from storage import access
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_admins import ask, says
from tests.service import (
    ADA,
    BO,
    BOT_ID,
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

LINK = re.compile(r"https://t\.me/kinogram_sandbox_bot\?start=([\w-]+)")


async def test_an_invitation_lets_one_person_in_even_when_two_tap_it_at_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", access="invite")
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        await says(sandbox, ADA, "You need an invitation to make clips here")
        await sandbox.client.send(ADA, ADA, "/start")
        await sandbox.client.send(ADA, ADA, "/start guessed-code")
        await says(sandbox, ADA, "This invitation is not valid, or somebody has used it")
        codes = LINK.findall(await ask(sandbox, "/invite 2"))
        assert len(codes) == 2
        await asyncio.gather(
            *(sandbox.client.send(who, who, f"/start {codes[0]}") for who in (ADA, BO))
        )
        for who in (ADA, BO):
            await until(
                sandbox.client,
                who,
                who,
                lambda found, who=who: len(by_bot(found)) >= (4 if who == ADA else 1),
            )
        inside = [
            who
            for who in (ADA, BO)
            if await app.database.read(access.is_admitted, bot_id=BOT_ID, user_id=who)
        ]
        assert len(inside) == 1
        assert await settled(app) == []
        (outside,) = {ADA, BO} - set(inside)
        # Who is in already leaves the second link to the other one.
        await sandbox.client.send(inside[0], inside[0], f"/start {codes[1]}")
        await sandbox.client.send(inside[0], inside[0], "a cat")
        await until(sandbox.client, inside[0], inside[0], videos)
        await sandbox.client.send(outside, outside, f"/start {codes[1]}")
        await sandbox.client.send(outside, outside, "a dog")
        await until(sandbox.client, outside, outside, videos)
        stored = await app.database.read(
            lambda db: str([*db.query("SELECT * FROM outbox"), *db.query("SELECT * FROM audit")])
        )
        assert not any(code in stored for code in codes)


async def test_people_wait_on_a_list_and_are_told_when_they_are_admitted(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", access="list")
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        (answer,) = await until(sandbox.client, ADA, GROUP, texts)
        assert answer.startswith("Only admitted people make clips here: send me /start in private")
        await sandbox.client.send(BO, BO, "/start")
        await says(sandbox, BO, "你在等候名单上排第 1 位")
        for _ in range(2):
            await sandbox.client.send(ADA, ADA, "/start")
        await until(sandbox.client, ADA, ADA, lambda found: len(texts(found)) == 2)
        await says(sandbox, ADA, "You are number 2 on the waiting list.")
        assert "1. @bo\n2. @ada" in await ask(sandbox, "/admit")
        assert await ask(sandbox, "/admit 1") == "May make clips now: @bo"
        await says(sandbox, BO, "你可以生成视频了")
        await sandbox.client.send(BO, BO, "一只猫")
        (clip,) = await until(sandbox.client, BO, BO, videos)
        assert clip
        await sandbox.client.send(BO, GROUP, "/video 一只猫")
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        data = clip["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        tapped = await sandbox.client.tap(ADA, GROUP, clip["message_id"], data)
        assert tapped is not None
        assert tapped["text"].startswith("You are number 1 on the waiting list.")
        assert len(await settled(app)) == 4, "the tap reserved nothing"
        assert await ask(sandbox, "/admit @ada") == "@ada may make clips."
        await says(sandbox, ADA, "You may make clips now")
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)


async def test_admins_and_those_who_had_a_clip_before_stay_in_and_blocked_people_stay_out(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)
        await settled(app)
    settings = sandbox.settings(tmp_path / "data", access="invite")
    async with open_service(settings, fleet.open) as app:
        for who, clips in ((ADA, 2), (CLEO, 1)):
            await sandbox.client.send(who, who, "a dog")
            await until(
                sandbox.client, who, who, lambda found, clips=clips: len(videos(found)) == clips
            )
        (code,) = LINK.findall(await ask(sandbox, "/invite 1"))
        await ask(sandbox, f"/block {BO}")
        await sandbox.client.send(BO, BO, f"/start {code}")
        await says(sandbox, BO, "管理员已将你屏蔽")
        admitted = await app.database.read(access.is_admitted, bot_id=BOT_ID, user_id=BO)
        assert not admitted, "the link is left for somebody else"


async def test_links_are_not_shown_in_a_group(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = sandbox.settings(tmp_path / "data", access="invite")
    async with open_service(settings, LocalFleet().open):
        assert "to me in private" in await ask(sandbox, "/invite 3", GROUP)
        for name in ("/queue", "/workers", "/audit", "/admit"):
            assert "not for everybody here" in await ask(sandbox, name, GROUP)
