"""/jobs and /show, as people use them."""

import asyncio
import re
import time
from pathlib import Path

from storage import jobs
from tests.fleets import LocalFleet, open_gate
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    GROUP,
    WAIT_SECONDS,
    Message,
    Sandbox,
    buttons,
    by_bot,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)


async def ask(
    sandbox: Sandbox, person: int, chat: int, text: str, part: str, reply_to: int | None = None
) -> Message:
    """The answer to a command, known by a part of it that no earlier message has."""
    await sandbox.client.send(person, chat, text, reply_to=reply_to)
    found = await until(
        sandbox.client,
        person,
        chat,
        lambda shown: [one for one in by_bot(shown) if part in one.get("text", "")],
    )
    return dict(found[-1])


async def cards(sandbox: Sandbox, person: int, chat: int, count: int) -> None:
    await until(sandbox.client, person, chat, lambda found: len(by_bot(found)) == count)


async def test_jobs_lists_what_waits_and_runs_everywhere_and_each_can_be_cancelled(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat " + "猫" * 150)
        async with asyncio.timeout(WAIT_SECONDS):
            while not fleet.requests:
                await asyncio.sleep(0.01)
        await sandbox.client.send(ADA, GROUP, "/video a dog")
        await cards(sandbox, ADA, GROUP, 1)
        listed = await ask(sandbox, ADA, ADA, "/jobs", "Waiting and running")
        assert re.search(r"\w{6} · Rendering · 1 credit\na cat 猫+…\n", listed["text"])
        assert re.search(r"\w{6} · Next in line · 1 credit\na dog", listed["text"])
        assert len(listed["text"]) < 300
        cat, dog = buttons(listed)
        # The dog's card is in the group; its maker cancels it from here.
        answer = await sandbox.client.tap(ADA, ADA, listed["message_id"], dog["callback_data"])
        assert answer is not None
        assert "Cancelled" in answer["text"]
        answer = await sandbox.client.tap(ADA, ADA, listed["message_id"], cat["callback_data"])
        assert answer is not None
        assert "Stopping" in answer["text"]
        assert {row["kind"] for row in await settled(app)} == {"reserve", "release"}
        again = await sandbox.client.tap(ADA, ADA, listed["message_id"], dog["callback_data"])
        assert again is not None
        assert "Cancelled" in again["text"]
        await ask(sandbox, ADA, ADA, "/jobs", "Nothing of yours")


async def test_in_a_group_jobs_lists_only_the_askers_own_there(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(BO, BO, "秘密的猫")
        await sandbox.client.send(ADA, GROUP, "/video a dog")
        await sandbox.client.send(BO, GROUP, "/video 一只熊猫")
        await cards(sandbox, BO, GROUP, 2)
        listed = await ask(sandbox, BO, GROUP, "/jobs", "等待和渲染中")
        assert "一只熊猫" in listed["text"]
        assert "秘密的猫" not in listed["text"]
        assert "dog" not in listed["text"]
        (button,) = buttons(listed)
        assert button["text"].startswith("取消 ")
        answer = await sandbox.client.tap(ADA, GROUP, listed["message_id"], button["callback_data"])
        assert answer is not None
        assert "Only the person" in answer["text"]
        fleet.gate.set()


async def test_many_jobs_are_listed_in_part_and_counted(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet()
    settings = sandbox.settings(tmp_path / "data", waiting_a_person=8)
    async with open_service(settings, fleet.open):
        for number in range(7):
            await sandbox.client.send(ADA, ADA, f"cat {number}")
        await cards(sandbox, ADA, ADA, 7)
        listed = await ask(sandbox, ADA, ADA, "/jobs", "Waiting and running")
        assert len(buttons(listed)) == 5
        assert "And 2 more." in listed["text"]
        fleet.gate.set()


async def test_show_tells_that_a_clip_is_not_made_yet(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "a cat")
        (card,) = await until(sandbox.client, ADA, ADA, by_bot)
        await ask(sandbox, ADA, ADA, "/show", "It is not made yet.", reply_to=card["message_id"])
        fleet.gate.set()


async def test_show_tells_the_recipe_and_one_tap_repeats_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await sandbox.client.send(ADA, ADA, "a cat --seed 42 --ar 16:9 --steps draft")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        shown = await ask(sandbox, ADA, ADA, "/show", "Seed: 42", reply_to=clip["message_id"])
        assert re.fullmatch(
            r"a cat\n\nID: \w{6}\nSeed: 42\nModel: Kinogram Mini\nShape: 16:9\n"
            r"Seconds: 5\nSteps: 2\nAsked for: \w+ \d+, 20\d\d, \d+:\d\d:\d\d.[AP]M UTC",
            shown["text"],
        )
        (repeat,) = buttons(shown)
        assert repeat["text"] == "🔂 Repeat"
        answer = await sandbox.client.tap(ADA, ADA, shown["message_id"], repeat["callback_data"])
        assert answer is not None
        assert "In line. It costs 0.3" in answer["text"]
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2)
        first, second = fleet.requests
        assert first == second


async def test_two_taps_on_repeat_make_one_clip(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        (clip,) = await until(sandbox.client, ADA, GROUP, videos)
        shown = await ask(sandbox, ADA, GROUP, "/show", "Seed: ", reply_to=clip["message_id"])
        data = taps(shown)["repeat"]
        fleet.gate.clear()
        both = await asyncio.gather(
            *(sandbox.client.tap(person, GROUP, shown["message_id"], data) for person in (ADA, BO))
        )
        assert len([one for one in both if one and "1" in one["text"]]) == 1, both
        fleet.gate.set()
        await until(sandbox.client, ADA, GROUP, lambda found: len(videos(found)) == 2)
        await settled(app)
        assert len(fleet.requests) == 2


async def test_an_id_is_learnt_from_jobs_and_finds_only_what_one_may_see(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(BO, BO, "秘密的猫")
        await until(sandbox.client, BO, BO, videos)
        await settled(app)
        listed = await ask(sandbox, BO, BO, "/jobs", "最近的视频")
        found = re.search(r"^(\w{6})\n秘密的猫", listed["text"], re.MULTILINE)
        assert found is not None
        shown = await ask(sandbox, BO, BO, f"/show {found[1].upper()}", "种子：")
        assert re.search(r"请求时间：20\d\d年\d+月\d+日 \d\d:\d\d:\d\d UTC", shown["text"])
        # It is neither Ada's nor of the group, until its maker shows it there.
        await ask(sandbox, ADA, GROUP, f"/show {found[1]}", "I find no clip of that ID")
        await ask(sandbox, BO, GROUP, f"/show {found[1]}", "秘密的猫")


async def test_show_answers_whatever_stands_behind_it(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await ask(sandbox, ADA, ADA, "/show", "Reply to a clip with /show")
        for number, word in enumerate(("%", "______", "zzzzzz", "f" * 3000, "猫", "' OR 1=1"), 1):
            await sandbox.client.send(ADA, ADA, f"/show {word}")
            await until(
                sandbox.client,
                ADA,
                ADA,
                lambda found, wanted=number: (
                    len([text for text in texts(found) if "no clip of that ID" in text]) == wanted
                ),
            )


async def test_a_clip_that_is_not_kept_says_so_and_a_reply_to_it_is_a_new_prompt(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet, ahead = LocalFleet(gate=open_gate()), [0.0]

    def clock() -> float:
        return time.time() + ahead[0]

    settings = sandbox.settings(tmp_path / "data", keep_clips_days=3)
    async with open_service(settings, fleet.open, clock) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        (clip,) = await until(sandbox.client, ADA, ADA, videos)
        await settled(app)
    ahead[0] = 4 * 86_400.0
    async with open_service(settings, fleet.open, clock) as app:
        async with asyncio.timeout(WAIT_SECONDS):
            while await app.database.read(
                jobs.latest_clips_of, bot_id=BOT_ID, user_id=ADA, limit=1
            ):
                await asyncio.sleep(0.02)
        for action in ("extend", "again", "vary", "edit"):
            data = taps(clip)[action]
            answer = await sandbox.client.tap(ADA, ADA, clip["message_id"], data)
            assert answer is not None
            assert "not kept any more" in answer["text"]
        await ask(sandbox, ADA, ADA, "/show", "not kept any more", reply_to=clip["message_id"])
        # The message in the chat is Telegram's: it still plays.
        assert await sandbox.client.file(clip["video"]["url"])
        await sandbox.client.send(ADA, ADA, "a dog --seed 5", reply_to=clip["message_id"])
        await until(sandbox.client, ADA, ADA, lambda found: len(videos(found)) == 2)
        assert (fleet.requests[-1].prompt, fleet.requests[-1].seed) == ("a dog", 5)
        data = taps(clip)["delete"]
        answer = await sandbox.client.tap(ADA, ADA, clip["message_id"], data)
        assert answer is not None
        assert answer["text"] == "Deleted."
