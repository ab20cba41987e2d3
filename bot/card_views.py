"""What the cards shall show, for as many of them as one pass of the reconciler looks at.

However many jobs wait, a pass reads a bounded number of them: those that run or have ended, those
whose card was never sent, the front of the line, and a few of the others in turn. Along a long line
it looks once a second.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.card import CardView, Forecast, Live, remaining, view, waits
from bot.replies.card import CardReplies
from bot.rules import Rules
from storage import bots, clips, jobs
from storage.bots import Mode
from storage.clips import Span
from storage.database import Database
from storage.jobs import Job, JobState, Standing

FRONT = 200
OTHERS = 100
# Prompts that come in by the hundred make twenty passes a second. In a long line a moment's change
# is a small one; in a short one it is seen at once.
LONG_LINE = 50
LINE_SECONDS = 1.0
Owed = tuple[Job, CardView]
Likeness = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """What a pass found. changed: cards that shall show something else than they do.

    are_open: whether any card may change later on.
    """

    changed: Sequence[Owed]
    are_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What one moment's waiting jobs may expect."""

    forecasts: dict[int, Forecast]
    left: dict[int, Span]


def _likeness(job: Job) -> Likeness:
    """What jobs have in common that take equally long: model and shape."""
    return job.request.model, clips.shape_of(job.request)


class CardViews:
    """Finds the cards that are not what they shall be.

    workers: how many can render a model's clips now.
    """

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        live: Mapping[int, Live],
        workers: Callable[[str], int],
        rules: Rules,
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._live = live
        self._workers = workers
        self._rules = rules
        self._looked_at = 0  # the id up to which the others had their turn
        self._look_along_at = 0.0  # when a long line is due again, on the event loop's clock
        self._fronts: Mapping[str, list[Job]] = {}
        self._are_open = True

    async def find(
        self, resting: Collection[int], settling: Collection[int], most: int, now: float
    ) -> Cards:
        """The cards of this pass.

        resting: chats that nothing can be shown in now. settling: chats in which only what is
        urgent may be. most: how many cards that press, besides those of jobs that run.
        """
        here = {"bot_id": self._bot_id}
        pressing = await self._database.read(
            jobs.pressing_cards, **here, resting=list(resting), limit=most
        )
        open_cards = {job.id: job for job in [*pressing, *await self._along_the_line()]}
        # What was sent a moment ago waits to be found along the line.
        self._are_open = self._are_open or bool(pressing)
        due = [
            job
            for job in open_cards.values()
            if job.chat_id not in resting and (job.chat_id not in settling or _presses(job))
        ]
        changed: list[Owed] = []
        if due:
            line = await self._line(list(open_cards.values()), due, now)
            changed = [owed for job in due if (owed := self._view(job, line))]
        return Cards(changed=changed, are_open=self._are_open)

    async def _along_the_line(self) -> list[Job]:
        """The fronts of the lines and some of the others; none when a long line is not due."""
        moment = asyncio.get_running_loop().time()
        length = sum(map(len, self._fronts.values()))
        if length >= LONG_LINE and moment < self._look_along_at:
            return []
        self._look_along_at = moment + LINE_SECONDS
        served = tuple(self._rules.served)
        limit = max(1, FRONT // len(served))
        self._fronts = {
            model: await self._database.read(
                jobs.front, bot_id=self._bot_id, model=model, limit=limit
            )
            for model in served
        }
        found = [*chain(*self._fronts.values()), *await self._others()]
        self._are_open = bool(found)
        return found

    async def _others(self) -> list[Job]:
        """The next of all open cards, from the oldest to the newest and over again."""
        found = await self._database.read(
            jobs.open_cards, bot_id=self._bot_id, limit=OTHERS, after=self._looked_at
        )
        self._looked_at = found[-1].id if len(found) == OTHERS else 0
        return [job for job in found if not _presses(job)]

    async def _line(self, known: list[Job], due: list[Job], now: float) -> _Line:
        waiting = chain(*self._fronts.values())
        usual = await self._usual({_likeness(job) for job in [*known, *waiting]})
        paused = await self._database.read(bots.mode, bot_id=self._bot_id) is Mode.PAUSED
        left = {
            job.id: remaining(like, self._live.get(job.id), now)
            for job in known
            if job.state is JobState.RUNNING and (like := usual[_likeness(job)])
        }
        to_wait = {
            model: waits(
                [usual[_likeness(job)] for job in front],
                self._workers(model),
                [
                    left.get(job.id)
                    for job in known
                    if job.state is JobState.RUNNING and job.request.model == model
                ],
            )
            for model, front in self._fronts.items()
        }
        models = {job.id: job.request.model for job in due if job.state is JobState.QUEUED}
        standings = await self._database.read(
            jobs.standings, bot_id=self._bot_id, job_ids=[*models]
        )
        forecasts = {
            job_id: Forecast(
                place=standing.place,
                passed=standing.passed,
                begun_again=standing.begun_again,
                left=None if paused else _left(standing, to_wait.get(models[job_id], ())),
                paused=paused,
            )
            for job_id, standing in standings.items()
        }
        return _Line(forecasts=forecasts, left=left)

    async def _usual(self, likenesses: set[Likeness]) -> dict[Likeness, Span | None]:
        return {
            (model, shape): await self._database.read(
                clips.usual_seconds, bot_id=self._bot_id, model=model, shape=shape
            )
            for model, shape in likenesses
        }

    def _view(self, job: Job, line: _Line) -> Owed | None:
        outlook = line.forecasts.get(job.id) or Forecast(left=line.left.get(job.id))
        entry = self._rules.models.get(job.request.model)
        replies = CardReplies(job.language, names_model=self._rules.has_choice)
        card = view(job, entry, replies, outlook, self._live.get(job.id))
        return (job, card) if card.is_final or card.digest != job.card_shown else None


def _presses(job: Job) -> bool:
    """Whether a card was never sent, or has an end to show."""
    return job.card_message_id is None or job.state not in {JobState.QUEUED, JobState.RUNNING}


def _left(standing: Standing, to_wait: Sequence[Span | None]) -> Span | None:
    """Seconds to a job's clip. to_wait: those of the front of the line, in its order."""
    if standing.place <= len(to_wait):
        return to_wait[standing.place - 1]
    last = to_wait[-1] if to_wait else None
    if last is None:
        return None
    # Behind the front the line goes on as it began.
    times = standing.place / len(to_wait)
    return Span(low=last.low * times, high=last.high * times)
