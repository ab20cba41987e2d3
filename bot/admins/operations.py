"""Acts on the whole service: what it does, what it did, and when it shall stop."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlite_utils import Database as Tables

from bot.admins.asked import SHELL, Answer, Asked, name_of
from bot.chart import Day
from bot.replies.operations import OperationReplies, Shown, Unfinished
from bot.text_length import cut, utf16_length
from storage import audit, bots, jobs, people, statistics
from storage.bots import Mode
from storage.jobs import Job, JobState

CAPTION_UNITS = 1024
DAYS = 7
QUARTER_SECONDS = 900.0  # what the clocks of all zones differ by is a multiple of it
MOST_LISTED = 100
MOST_ENTRIES = 20


def show_statistics(db: Tables, asked: Asked) -> Answer:
    """/stats: today and this week, days as the machine's own time zone has them."""
    bot_id = asked.bot_id
    today = datetime.fromtimestamp(asked.now, tz=UTC).astimezone().date()
    dates = [today - timedelta(days=ago) for ago in range(DAYS - 1, -2, -1)]
    midnights = [_begin(day) for day in dates]
    stretches = statistics.stretches(db, bot_id=bot_id, bounds=midnights)
    replies = OperationReplies(asked.language)
    text = replies.statistics(
        today=statistics.since(db, bot_id=bot_id, since=midnights[-2]),
        week=statistics.since(db, bot_id=bot_id, since=midnights[0]),
        people=people.count(db, bot_id=bot_id),
        titles=_titles(asked),
    )
    days = [
        Day(label=f"{day:%m-%d}", clips=stretch.clips, seconds=stretch.median_seconds)
        for day, stretch in zip(dates[:-1], stretches, strict=True)
    ]
    legend = replies.legend()
    text = cut(text, CAPTION_UNITS - utf16_length(legend) - 1)
    return Answer(text=text, days=days, legend=legend)


def _begin(day: date) -> float:
    """Unix seconds when a day begins here, which is not always midnight."""
    begin = datetime.combine(day, time.min).astimezone().timestamp()
    while datetime.fromtimestamp(begin).date() < day:  # noqa: DTZ006 (the machine's own zone)
        begin += QUARTER_SECONDS  # Summer time began at midnight: there was none.
    return begin


def show_queue(db: Tables, asked: Asked) -> Answer:
    """/queue."""
    found = jobs.in_hand(db, bot_id=asked.bot_id, limit=MOST_LISTED)
    places = jobs.places(db, bot_id=asked.bot_id)
    titles = _titles(asked)
    shown = [
        replace(_shown(db, asked, job, places.get(job.id)), model=titles.get(job.request.model, ""))
        for job in found
    ]
    unfinished = _unfinished(db, asked.bot_id)
    mode = bots.mode(db, bot_id=asked.bot_id)
    return Answer(text=OperationReplies(asked.language).queue(shown, unfinished, mode))


def _shown(db: Tables, asked: Asked, job: Job, place: int | None) -> Shown:
    live = asked.live.get(job.id)
    return Shown(
        place=place,
        who=name_of(db, job.bot_id, job.user_id),
        chat_id=None if job.chat_id == job.user_id else job.chat_id,
        seconds=max(0.0, asked.now - job.created_at),
        prompt=job.request.prompt,
        progress=live.progress if live else None,
    )


def _unfinished(db: Tables, bot_id: int) -> Unfinished:
    counts = jobs.counts(db, bot_id=bot_id)
    return Unfinished(
        waiting=counts[JobState.QUEUED],
        running=counts[JobState.RUNNING] + counts[JobState.RENDERED],
    )


def show_workers(db: Tables, asked: Asked) -> Answer:
    """/workers."""
    if not asked.is_serving:
        return Answer(text=OperationReplies(asked.language).not_serving(), refused=True)
    rendering: dict[int, list[Shown]] = {}
    for job_id, live in asked.live.items():
        job = jobs.get(db, job_id)
        if job is not None:
            rendering.setdefault(live.worker, []).append(_shown(db, asked, job, None))
    text = OperationReplies(asked.language).workers(
        asked.workers,
        rendering,
        _unfinished(db, asked.bot_id),
        bots.mode(db, bot_id=asked.bot_id),
        _titles(asked),
        jobs.waiting(db, bot_id=asked.bot_id),
    )
    return Answer(text=text)


def _titles(asked: Asked) -> Mapping[str, str]:
    """The titles of the models that are served, by name, where there are several."""
    served = asked.rules.served if asked.rules.has_choice else {}
    return {name: entry.title for name, entry in served.items()}


def turn_to(mode: Mode) -> Callable[[Tables, Asked], Answer]:
    """The act of /pause, /resume or /drain."""

    def turn(db: Tables, asked: Asked) -> Answer:
        bots.set_mode(db, bot_id=asked.bot_id, mode=mode)
        unfinished = _unfinished(db, asked.bot_id)
        return Answer(text=OperationReplies(asked.language).mode(mode, unfinished))

    return turn


def restart(db: Tables, asked: Asked) -> Answer:
    """/restart: fresh workers, one after the other as they finish what they render."""
    replies = OperationReplies(asked.language)
    if not asked.is_serving:
        return Answer(text=replies.not_serving(), refused=True)
    bots.renew(db, bot_id=asked.bot_id)
    return Answer(text=replies.restarting())


def show_audit(db: Tables, asked: Asked) -> Answer:
    """/audit: the latest entries, without this one."""
    entries = audit.latest(db, bot_id=asked.bot_id, limit=MOST_ENTRIES + 1)[1:]
    replies = OperationReplies(asked.language)
    lines = [
        replies.audit_entry(
            at=datetime.fromtimestamp(entry.at, tz=UTC),
            who="" if entry.actor_id == SHELL else name_of(db, asked.bot_id, entry.actor_id),
            what=" ".join(filter(None, (entry.action, entry.target, entry.detail))),
        )
        for entry in entries
    ]
    return Answer(text=replies.audit(lines))
