"""The reconciler says each thing once, however its passes and its calls overlap."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from sqlite_utils import Database as Tables

from bot.card import CardView
from bot.clips_folder import ClipsFolder
from bot.delivery import LONG_WAIT_SECONDS, Delivery, deliver
from bot.messages import Messages
from bot.outbox import Reconciler
from bot.telegram.pacing import Pacing
from storage import jobs, outbox, people
from storage.database import Database, open_in_memory
from tests.bot.test_intake import RULES
from tests.service import WAIT_SECONDS
from tests.storage import examples

BOT, ADA = 7, 5


class GatedMessages:
    """Calls that reach the chat when `gate` opens."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.called = asyncio.Event()
        self.gate = asyncio.Event()

    async def call(self, _chat_id: int, _method: str, payload: dict[str, Any]) -> None:
        self.calls.append(payload["text"])
        self.called.set()
        await self.gate.wait()


class GatedReads:
    """A database whose list of cards takes until `gate` opens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.run = database.run
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        found = await self._database.read(function, *args, **kwargs)
        if function is jobs.pressing_cards and not self.gate.is_set():
            self.asked.set()
            await self.gate.wait()
        return found


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "kinogram.db")
    yield opened
    await opened.close()


async def test_an_answer_sent_while_a_pass_reads_is_not_sent_again(
    database: Database, tmp_path: Path
) -> None:
    messages, reads = GatedMessages(), GatedReads(database)
    reconciler = Reconciler(
        database=cast("Database", reads),
        bot_id=BOT,
        messages=cast("Messages", messages),
        delivery=Delivery(database, cast("Messages", messages), ClipsFolder(tmp_path)),
        pacing=Pacing(time.time),
        live={},
        abandon=lambda _job_id: None,
        workers=lambda _model: 1,
        rules=RULES,
        clock=time.time,
    )

    async def say(text: str) -> None:
        await database.run(
            outbox.say,
            bot_id=BOT,
            key=text,
            chat_id=ADA,
            method="send_message",
            payload={"text": text},
            now=time.time(),
        )
        reconciler.wake()

    async def pending() -> int:
        return len(await database.read(outbox.pending, bot_id=BOT, now=time.time()))

    await say("first")
    running = asyncio.create_task(reconciler.run())
    async with asyncio.timeout(WAIT_SECONDS):
        await messages.called.wait()
        reads.gate.clear()
        reconciler.wake()
        await reads.asked.wait()  # The next pass has read that "first" is to be sent,
        messages.gate.set()
        while await pending():  # and now it is sent.
            await asyncio.sleep(0.01)
        reads.gate.set()
        await say("second")
        while await pending():
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert messages.calls == ["first", "second"]


class QuickMessages:
    """Chats that take every card at once."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.sent = asyncio.Event()

    async def send_card(self, job: jobs.Job, card: CardView) -> int:
        self.texts[job.id] = card.text
        self.sent.set()
        return 10**6 + job.id

    async def edit_card(self, job: jobs.Job, card: CardView, **_how: bool) -> str:
        self.texts[job.id] = card.text
        return ""

    async def call(self, chat_id: int, _method: str, payload: dict[str, Any]) -> None:
        self.texts[chat_id] = payload["text"]
        self.sent.set()


async def test_an_answer_that_cannot_be_made_holds_up_no_other(
    database: Database, tmp_path: Path
) -> None:
    for payload in ({}, {"text": "second"}):
        await database.run(
            outbox.say,
            bot_id=BOT,
            key=str(payload),
            chat_id=ADA,
            method="send_message",
            payload=payload,
            now=time.time(),
        )
    messages = QuickMessages()
    running = asyncio.create_task(reconciler_of(database, messages, tmp_path).run())
    async with asyncio.timeout(WAIT_SECONDS):
        await messages.sent.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert messages.texts == {ADA: "second"}


async def test_a_chat_whose_card_cannot_be_made_rests_before_it_is_tried_again(
    database: Database, tmp_path: Path
) -> None:
    class Broken(QuickMessages):
        async def send_card(self, _job: jobs.Job, _card: CardView) -> int:
            raise ValueError("no such card")

    await database.run(examples.ask, user_id=ADA)
    pacing = Pacing(time.time)
    reconciler = reconciler_of(database, Broken(), tmp_path, examples.BOT, pacing)
    running = asyncio.create_task(reconciler.run())
    async with asyncio.timeout(WAIT_SECONDS):
        while not pacing.parked():
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert pacing.parked() == {ADA}


def reconciler_of(
    database: Database,
    messages: QuickMessages,
    folder: Path,
    bot_id: int = BOT,
    pacing: Pacing | None = None,
) -> Reconciler:
    return Reconciler(
        database=database,
        bot_id=bot_id,
        messages=cast("Messages", messages),
        delivery=Delivery(database, cast("Messages", messages), ClipsFolder(folder)),
        pacing=pacing or Pacing(time.time),
        live={},
        abandon=lambda _job_id: None,
        workers=lambda _model: 1,
        rules=RULES,
        clock=time.time,
    )


async def test_a_card_is_sent_and_others_kept_true_however_many_cards_wait(
    database: Database, tmp_path: Path
) -> None:
    many = 450

    def fill(db: Tables) -> list[int]:
        ids = [examples.ask(db, user_id=number + 1).id for number in range(many)]
        for job_id in ids:
            jobs.card_sent(db, job_id=job_id, message_id=job_id, shown="an earlier place")
        return ids

    waiting = await database.run(fill)
    newest = await database.run(examples.ask, user_id=10**6)
    messages = QuickMessages()
    reconciler = reconciler_of(database, messages, tmp_path, examples.BOT)
    running = asyncio.create_task(reconciler.run())
    async with asyncio.timeout(WAIT_SECONDS):
        await messages.sent.wait()
        while not messages.texts.keys() >= {*waiting, newest.id}:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "Place 451 in line" in messages.texts[newest.id]
    assert "Place 450 in line" in messages.texts[waiting[-1]]


@pytest.mark.parametrize(
    ("wish", "methods"),
    [
        ("both", ["set_message_reaction", "send_message"]),
        ("reaction", ["set_message_reaction"]),
        ("reply", ["send_message"]),
        ("nothing", []),
    ],
)
def test_after_a_long_wait_a_person_is_told_as_they_chose(wish: str, methods: list[str]) -> None:
    bot_id, user_id = examples.BOT, examples.ADA
    with open_in_memory() as db:
        see(db, name="Ada")
        people.set_choice(db, bot_id=bot_id, user_id=user_id, choice="notify", value=wish)
        examples.ask(db, user_id=user_id)
        deliver(db, examples.render(db), file_id=None, now=LONG_WAIT_SECONDS + 1)
        said = outbox.pending(db, bot_id=bot_id, now=100.0)
        assert [row.method for row in said] == methods


@pytest.mark.parametrize("in_group", [False, True])
@pytest.mark.parametrize("wish", ["both", "reaction"])
def test_whoever_tapped_is_told_at_the_clip_and_by_name_in_a_group(
    in_group: bool, wish: str
) -> None:
    """The message that they tapped is the bot's own: no answer to it rings anybody's phone."""
    chat_id = examples.GROUP if in_group else examples.ADA
    with open_in_memory() as db:
        see(db, name="Ada & <b>")
        people.set_choice(
            db, bot_id=examples.BOT, user_id=examples.ADA, choice="notify", value=wish
        )
        tapped = examples.ask(db, chat_id=chat_id)
        jobs.card_sent(db, job_id=tapped.id, message_id=tapped.message_id, shown="")
        examples.render(db)
        again = examples.ask(db, chat_id=chat_id)
        jobs.card_sent(db, job_id=again.id, message_id=77, shown="")
        deliver(db, examples.render(db), file_id=None, now=LONG_WAIT_SECONDS + 1)
        said = outbox.pending(db, bot_id=examples.BOT, now=100.0)
        if wish == "reaction":
            assert said == []
            return
        (row,) = said
        assert row.payload["reply_to"] == 77
        mention = '<a href="tg://user?id=1001">Ada &amp; &lt;b&gt;</a>'
        assert row.payload["text"] == (
            f"{mention}, your clip is ready." if in_group else "Your clip is ready."
        )


def see(db: Tables, *, name: str) -> None:
    people.see(
        db,
        bot_id=examples.BOT,
        user_id=examples.ADA,
        username=None,
        first_name=name,
        language_code="en",
        now=0.0,
    )
