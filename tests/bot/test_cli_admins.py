"""Admins' commands from the shell, run as people run them, beside a bot or without one."""

import asyncio
import io
import os
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from bot.shell_link import SILENT_SECONDS
from storage import audit, bots, heartbeats, people, quotas
from storage.bots import Mode
from storage.database import Database
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_admins import eventually, says
from tests.service import ADA, BOT_ID, Sandbox, open_service, texts, until, videos

COMMAND = (sys.executable, "-c", "from bot.cli import app; app()")
PROJECT = Path(__file__).parent.parent.parent
OTHER = 8


async def kinogram(folder: Path, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command on the data in folder/data."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *words,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "KINOGRAM_DATA_DIR": str(folder / "data")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 200)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def open_data(folder: Path, *bot_ids: int) -> Database:
    """A database in which these bots have served and met Ada."""
    database = await Database.open(folder / "data" / "kinogram.db")
    for bot_id in bot_ids:
        await database.run(bots.see, bot_id=bot_id, username=f"bot{bot_id}")
        await database.run(
            people.see,
            bot_id=bot_id,
            user_id=ADA,
            username="ada",
            first_name="Ada",
            language_code="en",
            now=1.0,
        )
    return database


async def test_credits_are_shown_set_and_granted_and_audited_as_done_by_the_shell(
    tmp_path: Path,
) -> None:
    database = await open_data(tmp_path, BOT_ID)
    for words, part in (
        (("quota", "set", "@ada", "2.5"), "@ada has 2.5 credits a day now."),
        (("quota", "grant", "1001", "3"), "@ada got 3 credits."),
        (("quota", "show", "ada"), "Granted on top: 3"),
        (("quota", "set", "-100500", "20"), "Group -100500 has 20 credits a day now."),
    ):
        code, out, err = await kinogram(tmp_path, *words)
        assert (code, err) == (0, "")
        assert part in out
    quota = await database.read(
        quotas.quota, bot_id=BOT_ID, user_id=ADA, default_daily_tenths=0, now=5.0
    )
    assert (quota.daily_tenths, quota.granted_left_tenths) == (25, 30)
    entries = await database.read(audit.latest, bot_id=BOT_ID)
    assert [(entry.actor_id, entry.action) for entry in entries] == [
        (0, "setquota"),
        (0, "quota"),
        (0, "grant"),
        (0, "setquota"),
    ]
    await database.close()


async def test_statistics_are_text_and_a_picture_if_one_is_wished(tmp_path: Path) -> None:
    database = await open_data(tmp_path, BOT_ID)
    code, out, _ = await kinogram(tmp_path, "stats", "--picture", "week.png")
    assert code == 0
    assert out.startswith("Today\nClips: 0\n")
    assert "picture" not in out
    with Image.open(io.BytesIO((tmp_path / "week.png").read_bytes())) as picture:
        assert picture.format == "PNG"
    await database.close()


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("quota", "grant", "@ada", "much"), 1, "CREDITS is a number such as 5 or 2.5."),
        (("quota", "show", "@nobody"), 1, "I have not seen @nobody."),
        (("invite", "1000"), 1, "N is a whole number from 1 to 50."),
        (("people", "block", "@ada", "--bot", "@nobot"), 2, "the database has @bot7000001"),
        (("stats", "--picture", "no/such/folder.png"), 2, "no/such/folder.png"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_sentence(
    words: tuple[str, ...], code: int, part: str, tmp_path: Path
) -> None:
    database = await open_data(tmp_path, BOT_ID)
    done, out, err = await kinogram(tmp_path, *words)
    assert (done, out) == (code, "")
    assert part in err
    assert "Traceback" not in err
    await database.close()


async def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    code, _, err = await kinogram(tmp_path, "pause")
    assert code == 2
    assert "has no kinogram.db" in err
    assert list(tmp_path.iterdir()) == []


async def test_whoever_serves_the_sandbox_is_told_where_its_database_is(tmp_path: Path) -> None:
    sandbox = tmp_path / "data" / "sandbox"
    sandbox.mkdir(parents=True)
    (sandbox / "kinogram.db").touch()
    code, _, err = await kinogram(tmp_path, "pause")
    assert code == 2
    assert f"the sandbox's is in '{sandbox}'" in err


async def test_of_several_bots_one_must_be_named(tmp_path: Path) -> None:
    database = await open_data(tmp_path, BOT_ID, OTHER)
    code, _, err = await kinogram(tmp_path, "pause")
    assert code == 2
    assert "--bot: the database has @bot8, @bot7000001" in err
    for name in ("@BOT8", "8"):
        code, out, _ = await kinogram(tmp_path, "pause", "--bot", name)
        assert code == 0
        assert out.startswith("Paused")
    assert await database.read(bots.mode, bot_id=OTHER) is Mode.PAUSED
    assert await database.read(bots.mode, bot_id=BOT_ID) is Mode.WORKING
    await database.close()


async def workers(folder: Path, part: str) -> str:
    """What `kinogram workers` tells once it says that: the bot writes it down every second."""
    while part not in (said := "".join((await kinogram(folder, "workers"))[1:])):
        await asyncio.sleep(0)
    return said


async def test_the_shell_tells_what_each_worker_does_while_the_bot_serves(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        assert "1 worker, ready: 1\n1: ready\n" in await workers(tmp_path, "1: ready")
        await sandbox.client.send(ADA, ADA, "a cat")
        assert "▶ @ada" in await workers(tmp_path, "a cat")
        fleet.lose("no power")
        assert "1: lost · no power" in await workers(tmp_path, "lost")
    code, out, err = await kinogram(tmp_path, "workers")
    assert (code, out) == (1, "")
    assert "The bot does not run here" in err


async def test_a_bot_that_was_killed_is_not_taken_for_one_that_serves(tmp_path: Path) -> None:
    database = await open_data(tmp_path, BOT_ID)
    idle = heartbeats.WorkerRecord(number=1, state="idle", error="")
    for ago, part in ((0, "1 worker, ready: 1"), (SILENT_SECONDS + 1, "does not run here")):
        await database.run(heartbeats.beat, bot_id=BOT_ID, workers=[idle], now=time.time() - ago)
        assert part in "".join((await kinogram(tmp_path, "workers"))[1:])
    await database.close()


async def test_a_bot_that_serves_does_at_once_what_the_shell_says(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", access="list")
    async with open_service(settings, fleet.open):
        await sandbox.client.send(ADA, ADA, "/start")
        await says(sandbox, ADA, "You are number 1 on the waiting list")
        assert (await kinogram(tmp_path, "pause"))[0] == 0
        code, out, _ = await kinogram(tmp_path, "people", "admit")
        assert "1. @ada" in out
        code, out, _ = await kinogram(tmp_path, "people", "admit", "@ada")
        assert (code, out) == (0, "@ada may make clips.\n")
        # Nothing but the shell has moved the bot to say so.
        await says(sandbox, ADA, "You may make clips now")
        await sandbox.client.send(ADA, ADA, "a cat")
        await says(sandbox, ADA, "Rendering is paused")
        code, out, _ = await kinogram(tmp_path, "queue")
        assert "1. @ada" in out
        code, out, _ = await kinogram(tmp_path, "invite", "1")
        assert "https://t.me/kinogram_sandbox_bot?start=" in out
        assert (await kinogram(tmp_path, "resume"))[0] == 0
        await until(sandbox.client, ADA, ADA, videos)
        fleet.gate.clear()
        await sandbox.client.send(ADA, ADA, "a dog")
        await says(sandbox, ADA, "Reading your prompt")
        assert (await kinogram(tmp_path, "people", "block", "@ada"))[0] == 0
        await until(sandbox.client, ADA, ADA, lambda found: "Cancelled." in texts(found)[-1])
        assert "each worker is replaced" in (await kinogram(tmp_path, "restart"))[1]
        await eventually(lambda: fleet.renewals == 1)
        assert (await kinogram(tmp_path, "drain"))[1].startswith("Drained")
        code, out, _ = await kinogram(tmp_path, "audit")
        assert "the shell · resume" in out
