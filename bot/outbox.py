"""One reconciler makes the chats match what is committed: answers to send, cards to keep true.

Answers are rows of the outbox table. What a card shall show follows from its job (bot/card.py) and
is compared with what it showed last. Whatever is killed when, the next pass finds the difference.
"""

import asyncio
import contextlib
import functools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.card import CardView, Live
from bot.card_views import CardViews, Owed
from bot.delivery import Delivery, Undeliverable, deliver, give_to_person
from bot.messages import CardGone, Messages, VideosForbidden
from bot.rules import Rules
from bot.telegram.pacing import Pacing
from storage import chats, forgetting, jobs, outbox
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.jobs import Job, JobState
from storage.outbox import Outgoing

PRIVATE_EDIT_SECONDS = 5.0
GROUP_EDIT_SECONDS = 10.0
TICK_SECONDS = 1.0
# Chats that are spoken to at once, and how many more may be in each pass: those that wait for
# Telegram's overall limit would show what was true when they began.
MOST_SERVED = 300
MOST_BEGUN = 100
LONGEST_BACKOFF_SECONDS = 60.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Due:
    """What one chat is owed in this pass."""

    answers: list[Outgoing] = field(default_factory=list)
    cards: list[Owed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.answers or self.cards)


def _choose(cards: list[Owed]) -> list[Owed]:
    """First sends and last words at once; of the others one edit."""
    urgent = [(job, card) for job, card in cards if card.is_final or job.card_message_id is None]
    others = [pair for pair in cards if pair not in urgent]
    if not others:
        return urgent
    running = [pair for pair in others if pair[0].state is JobState.RUNNING]
    return [*urgent, (running or others)[0]]


class Reconciler:
    """Makes each chat show what the database says; chats in parallel, each chat in order."""

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        messages: Messages,
        delivery: Delivery,
        pacing: Pacing,
        live: dict[int, Live],
        abandon: Callable[[int], None],
        workers: Callable[[str], int],
        rules: Rules,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._messages = messages
        self._delivery = delivery
        self._pacing = pacing
        self._abandon = abandon
        self._views = CardViews(
            database=database, bot_id=bot_id, live=live, workers=workers, rules=rules
        )
        self._clock = clock
        self._changed = asyncio.Event()
        self._serving: dict[int, asyncio.Task[None]] = {}
        self._edited_at: dict[int, float] = {}
        self._faults: dict[int, int] = defaultdict(int)

    def wake(self) -> None:
        """Something was committed, or a render went on."""
        self._changed.set()

    async def run(self) -> None:
        """Work until cancelled; calls under way are then let finish, up to a second."""
        try:
            while True:
                self._changed.clear()
                try:
                    owed = await self._pass()
                except StorageUnavailable:
                    owed = True
                # With nothing owed only a change can make work.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TICK_SECONDS if owed else None):
                        await self._changed.wait()
                if owed:
                    await asyncio.sleep(0.05)  # Gather what comes in one burst.
        finally:
            if self._serving:
                _, late = await asyncio.wait(self._serving.values(), timeout=1.0)
                for task in late:
                    task.cancel()
                await asyncio.gather(*late, return_exceptions=True)

    async def _pass(self) -> bool:
        now = self._clock()
        # What these do before the reads below are over, this pass would take for undone and repeat.
        resting = self._serving.keys() | self._pacing.parked()
        answers = await self._database.read(outbox.pending, bot_id=self._bot_id, now=now)
        room = min(MOST_BEGUN, MOST_SERVED - len(self._serving))
        cards = await self._views.find(resting, self._recently_edited(now), room, now)
        due: dict[int, _Due] = defaultdict(_Due)
        for answer in answers:
            due[answer.chat_id].answers.append(answer)
        for job, card in cards.changed:
            due[job.chat_id].cards.append((job, card))
        for chat_id, owed in due.items():
            if chat_id in resting:
                continue
            owed.cards = _choose(owed.cards)
            if owed:
                task = asyncio.create_task(self._serve(chat_id, owed))
                self._serving[chat_id] = task
                task.add_done_callback(functools.partial(self._served, chat_id))
        return bool(answers or cards.are_open or resting)

    def _recently_edited(self, now: float) -> set[int]:
        """Chats in which no card may change yet, but for what is urgent."""
        recent = {
            chat_id: at
            for chat_id, at in self._edited_at.items()
            if now - at < (GROUP_EDIT_SECONDS if chat_id < 0 else PRIVATE_EDIT_SECONDS)
        }
        self._edited_at = recent
        return set(recent)

    def _served(self, chat_id: int, _task: asyncio.Task[None]) -> None:
        del self._serving[chat_id]
        self._changed.set()

    async def _serve(self, chat_id: int, due: _Due) -> None:
        try:
            for answer in due.answers:
                await self._answer(answer)
            for job, card in due.cards:
                await self._show(job, card)
            self._faults.pop(chat_id, None)
        except RetryAfter:
            pass  # Pacing has parked the chat.
        except Exception as error:  # noqa: BLE001 (of one chat: the others must not notice)
            self._faults[chat_id] += 1
            seconds = min(LONGEST_BACKOFF_SECONDS, 0.5 * 2 ** self._faults[chat_id])
            self._pacing.park(chat_id, seconds)
            is_known = isinstance(error, (TelegramError, StorageUnavailable, OSError))
            tell = log.warning if is_known else log.exception
            tell("a chat could not be served", chat=chat_id, error=str(error), wait=seconds)

    # Answers

    async def _answer(self, answer: Outgoing) -> None:
        if answer.once:
            # At most once: marked before it is sent.
            await self._database.run(outbox.mark_sent, outgoing_id=answer.id, now=self._clock())
        try:
            await self._messages.call(answer.chat_id, answer.method, answer.payload)
        except RetryAfter:
            await self._database.run(outbox.mark_refused, outgoing_id=answer.id)
            raise
        except ChatMigrated as error:
            if answer.once:
                await self._database.run(outbox.mark_refused, outgoing_id=answer.id)
            await self._follow(answer.chat_id, error)
            return
        except (BadRequest, Forbidden) as error:
            await self._database.run(
                outbox.drop, outgoing_id=answer.id, reason=str(error), now=self._clock()
            )
            return
        except (TelegramError, StorageUnavailable, OSError):
            raise
        except Exception as error:
            # What cannot even be put together must not hold up what is said after it.
            log.exception("an answer could not be made", chat=answer.chat_id, method=answer.method)
            await self._database.run(
                outbox.drop, outgoing_id=answer.id, reason=repr(error), now=self._clock()
            )
            return
        if not answer.once:
            await self._database.run(outbox.mark_sent, outgoing_id=answer.id, now=self._clock())

    # Cards

    async def _show(self, job: Job, card: CardView) -> None:
        try:
            if job.card_message_id is None:
                await self._send(job, card)
            elif card.is_clip:
                await self._deliver(job, card)
            elif card.is_final:
                await self._messages.edit_card(job, card)
                await self._database.run(jobs.card_finished, job_id=job.id, shown=card.digest)
            else:
                self._edited_at[job.chat_id] = self._clock()
                chat = await self._database.read(chats.get, bot_id=job.bot_id, chat_id=job.chat_id)
                picture = await self._messages.edit_card(job, card, spoiler=chat.spoiler)
                await self._database.run(
                    jobs.card_shown, job_id=job.id, shown=card.digest, picture=picture
                )
        except CardGone:
            await self._database.run(jobs.card_lost, job_id=job.id)
        except ChatMigrated as error:
            await self._follow(job.chat_id, error)
        except VideosForbidden:
            if not await self._database.run(give_to_person, job, now=self._clock()):
                await self._give_up(job, "unreachable")
        except (Forbidden, BadRequest) as error:
            # The chat is closed to the bot: the job ends quietly, with its credits back.
            log.warning("a chat refuses a card", job=job.id, error=str(error))
            await self._give_up(job, "unreachable")

    async def _send(self, job: Job, card: CardView) -> None:
        # The one call that cannot be made safe: a kill before the commit leaves an orphan text.
        message_id = await self._messages.send_card(job, card)
        shown = "" if card.is_final else card.digest
        await self._database.run(
            forgetting.card_sent, job, message_id=message_id, shown=shown, now=self._clock()
        )
        if card.is_final and not card.is_clip:
            await self._database.run(jobs.card_finished, job_id=job.id, shown=card.digest)

    async def _deliver(self, job: Job, card: CardView) -> None:
        try:
            file_id = await self._delivery.turn_into_clip(job, card)
        except Undeliverable as error:
            await self._give_up(job, error.cause)
            return
        await self._database.run(deliver, job, file_id=file_id, now=self._clock())

    async def _follow(self, chat_id: int, error: ChatMigrated) -> None:
        """Move a group that became a supergroup; the next pass finds all it is owed there."""
        await self._database.run(
            chats.move, bot_id=self._bot_id, chat_id=chat_id, new_chat_id=error.new_chat_id
        )

    async def _give_up(self, job: Job, cause: str) -> None:
        now = self._clock()
        await self._database.run(jobs.fail, job_id=job.id, error=cause, now=now)
        # Nobody would see the clip.
        self._abandon(job.id)
        if cause == "unreachable":
            await self._database.run(jobs.card_finished, job_id=job.id, shown="")
