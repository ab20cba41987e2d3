"""/privacy and /forgetme, as people use them."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.app import App
from storage import jobs
from storage.jobs import JobState
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_own_jobs import ask
from tests.service import (
    ADA,
    BO,
    BOT_ID,
    CLEO,
    GROUP,
    WAIT_SECONDS,
    Message,
    Sandbox,
    buttons,
    by_bot,
    open_service,
    settled,
    texts,
    until,
    videos,
)

QUESTION = {ADA: "Shall I forget you?", BO: "要我忘记你吗？"}
DONE = {ADA: "I have forgotten you.", BO: "我已经忘记你了。"}
NAMES = {ADA: "ada", BO: "bo|小波"}


async def traces(app: App, person: int, prompt: str) -> list[str]:
    """Values in any table that name the person or hold the prompt."""
    values = await app.database.read(
        lambda db: [
            (f"{table}.{column}", value)
            for table in db.table_names()
            if not table.startswith("_")
            for row in db[table].rows
            for column, value in row.items()
        ]
    )
    # Times may hold any digits by chance.
    secrets = re.compile(rf"(?<!\w)({person}|{NAMES[person]})(?!\w)|{prompt}", re.IGNORECASE)
    return [
        f"{place}={value}"
        for place, value in values
        if not isinstance(value, float) and secrets.search(str(value))
    ]


async def untraced(app: App, person: int, prompt: str) -> None:
    """Wait until nothing names the person: what tidies up their chats does, until it is done."""
    async with asyncio.timeout(WAIT_SECONDS):
        while await traces(app, person, prompt):
            await asyncio.sleep(0.02)


async def answer_question(sandbox: Sandbox, person: int, chat: int, answer: str) -> Message:
    question = await ask(sandbox, person, chat, "/forgetme", QUESTION[person])
    data = next(b["callback_data"] for b in buttons(question) if answer in b["callback_data"])
    await sandbox.client.tap(person, chat, question["message_id"], data)
    return question


@pytest.mark.parametrize(("person", "chat"), [(ADA, ADA), (BO, BO), (BO, GROUP)])
async def test_whoever_is_forgotten_is_in_no_table_and_in_no_file(
    sandbox: Sandbox, tmp_path: Path, person: int, chat: int
) -> None:
    fleet, prompt = LocalFleet(gate=open_gate()), "a unicorn 独角兽"
    left = {ADA: "Credits left: 9 of 10", BO: "剩余额度：9（每天 10）"}[person]
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        # Met in order, so that each person has the same number of messages.
        await sandbox.client.send(person, chat, f"/video {prompt}")
        await until(sandbox.client, person, chat, videos)
        await ask(sandbox, person, chat, "/quota", left)
        await ask(sandbox, person, chat, "/jobs", prompt)
        await ask(sandbox, CLEO, CLEO, f"/quota {person}", "Credits left: 9 of 10")
        await sandbox.client.send(person, chat, f"/feedback {prompt}")
        await until(
            sandbox.client, CLEO, CLEO, lambda found: [t for t in texts(found) if prompt in t]
        )
        await settled(app)
        assert await traces(app, person, prompt)

        await answer_question(sandbox, person, chat, "yes")
        shown = await until(
            sandbox.client,
            person,
            chat,
            lambda found: [text for text in texts(found) if DONE[person] in text],
        )
        assert len(shown) == 1
        await untraced(app, person, prompt)
        assert list((tmp_path / "data" / "clips").iterdir()) == []
        # Nothing is left to be said either.
        messages = len(await sandbox.client.messages(person, chat))

        await sandbox.client.send(person, chat, "/quota")
        shown = await until(
            sandbox.client,
            person,
            chat,
            lambda found: [text for text in texts(found) if left in text][1:],
        )
        assert len(await sandbox.client.messages(person, chat)) == messages + 2
    # Nor do the bytes between the rows know what was asked for.
    for file in (tmp_path / "data").rglob("*"):
        assert not file.is_file() or prompt.encode() not in file.read_bytes(), file.name


async def test_what_runs_is_stopped_and_the_credits_are_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        for prompt in ("a panda", "a unicorn"):
            await sandbox.client.send(ADA, ADA, prompt)
        await until(sandbox.client, ADA, ADA, lambda found: len(by_bot(found)) == 2)
        async with asyncio.timeout(WAIT_SECONDS):
            while not fleet.requests:
                await asyncio.sleep(0.01)
        question = await answer_question(sandbox, ADA, ADA, "yes")
        async with asyncio.timeout(WAIT_SECONDS):
            while (await app.database.read(jobs.counts, bot_id=BOT_ID))[JobState.CANCELLED] < 2:
                await asyncio.sleep(0.02)
        # Their cards go; the question has become the answer.
        await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: [one["message_id"] for one in by_bot(found)] == [question["message_id"]],
        )
        await untraced(app, ADA, "a unicorn")
        await ask(sandbox, ADA, ADA, "/quota", "Credits left: 10 of 10")
        assert fleet.steps_done == 0


async def test_a_block_holds_after_being_forgotten_and_an_admin_can_lift_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        await ask(sandbox, ADA, ADA, "/start", "Hello!")
        await ask(sandbox, CLEO, CLEO, "/block @ada", "@ada is blocked")
        # Telegram puts the last words off, and they come later.
        await sandbox.client.misbehave("editMessageText", "429", 1, retry_after=1)
        await answer_question(sandbox, ADA, ADA, "yes")
        await until(
            sandbox.client, ADA, ADA, lambda found: [t for t in texts(found) if DONE[ADA] in t]
        )
        await ask(sandbox, ADA, ADA, "a cat", "has blocked you")
        await answer_question(sandbox, ADA, ADA, "yes")
        await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: len([t for t in texts(found) if DONE[ADA] in t]) == 2,
        )
        await ask(sandbox, CLEO, CLEO, "/unblock 1001", "1001 is not blocked")
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)


async def test_the_question_is_the_askers_own_and_can_be_declined(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await sandbox.client.send(ADA, GROUP, "/video a unicorn")
        await until(sandbox.client, ADA, GROUP, videos)
        question = await ask(sandbox, ADA, GROUP, "/forgetme", QUESTION[ADA])
        yes, no = (button["callback_data"] for button in buttons(question))
        answer = await sandbox.client.tap(BO, GROUP, question["message_id"], yes)
        assert answer is not None
        assert "这是别人的" in answer["text"]
        answer = await sandbox.client.tap(ADA, GROUP, question["message_id"], no)
        assert answer is not None
        assert answer["text"] == "Nothing was deleted."
        assert await traces(app, ADA, "a unicorn")
        assert len(list((tmp_path / "data" / "clips").iterdir())) == 1


@pytest.mark.parametrize(
    ("person", "keep", "parts"),
    [
        (ADA, {}, ("clips: 30 days.", "from me: 7 days once", "settings: until you send")),
        (BO, {}, ("视频：30 天。", "处理之后 7 天", "设置：直到你发送")),
        (ADA, {"keep_clips_days": 1}, ("clips: 1 day.",)),
        (ADA, {"keep_clips_days": 0}, ("clips: until you send /forgetme.",)),
    ],
)
async def test_privacy_says_the_numbers_of_the_settings(
    sandbox: Sandbox, tmp_path: Path, person: int, keep: dict[str, int], parts: tuple[str, ...]
) -> None:
    settings = sandbox.settings(tmp_path / "data", **keep)
    async with open_service(settings, LocalFleet().open):
        shown = await ask(sandbox, person, person, "/privacy", "/forgetme")
        for part in parts:
            assert part in shown["text"]
