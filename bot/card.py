"""The one status message of a job, from its place in line to the clip. Pure."""

import hashlib
import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.replies.card import CardReplies
from bot.replies.words import name_unknown
from bot.text_length import cut, utf16_length
from inference.catalog import level
from inference.entry import ModelEntry
from inference.prompt_words import unknown_words
from inference.values import Progress, Stage
from storage.clips import Span
from storage.jobs import NO_PICTURES, SCREENED, Job, JobState

CAPTION_UNITS = 1024  # Telegram counts UTF-16 code units
BAR_CELLS = 10
CANCEL = "cancel"
APPEAL = "appeal"
# Of buttons, in rows; each is an action of bot/telegram/taps.py, but for Share (bot/keyboard.py).
UNDER_A_CLIP = (("again", "vary", "edit"), ("extend", "delete"))
UNDER_A_CLIP_THAT_CAN_LOOP = (("again", "vary", "edit"), ("extend", "loop", "delete"))
UNDER_A_SHORT_CLIP = (("again", "vary", "edit"), ("delete",))
UNDER_A_DRAFT = (("full",), ("again", "vary", "edit"), ("delete",))  # no draft is gone on from
UNDER_A_PRIVATE_CLIP = (("share", "publish"),)
UNDER_A_PUBLIC_CLIP = (("share", "unpublish"),)
# Where each stage ends on the way from nothing to a whole clip; the denoiser is nearly all of it.
STAGE_SPANS = {
    Stage.TEXT: (0.0, 0.02),
    Stage.DENOISE: (0.02, 0.85),
    Stage.DECODE: (0.85, 0.95),
    Stage.ENCODE: (0.95, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What this process knows of a running job: its last progress, and when it was claimed.

    worker: the number of the one that renders it. picture: the latest preview, a JPEG.
    """

    progress: Progress | None
    claimed_at: float
    worker: int = 0
    picture: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a job may expect.

    place: 1 is next; None when it does not wait. passed: a job that came later goes before it.
    begun_again: the first in line was begun already, and has to be begun again.
    left: seconds to its clip; None while unknown. paused: none is begun until an admin says so.
    """

    place: int | None = None
    passed: bool = False
    begun_again: bool = False
    left: Span | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """What a card shall show. A clip's text is its caption. buttons: actions, in rows.

    picture: a JPEG, or None for whatever the card shows above its words, if anything.
    """

    text: str
    buttons: tuple[tuple[str, ...], ...] = ()
    is_clip: bool = False
    is_final: bool = False
    picture: bytes | None = field(default=None, repr=False)
    digest: str = field(init=False)
    picture_digest: str = field(init=False)

    def __post_init__(self) -> None:
        picture_digest = _digest(self.picture) if self.picture else ""
        shown = f"{self.is_clip}\n{self.buttons}\n{picture_digest}\n{self.text}"
        object.__setattr__(self, "picture_digest", picture_digest)
        object.__setattr__(self, "digest", _digest(shown.encode()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def share_done(progress: Progress | None) -> float:
    """How much of a clip is rendered, 0 to 1."""
    if progress is None:
        return 0.0
    start, end = STAGE_SPANS[progress.stage]
    return start + (end - start) * min(1.0, progress.step / max(1, progress.steps))


def remaining(usual: Span, live: Live | None, now: float) -> Span:
    """Seconds that a running job still needs. usual: what clips like it take."""
    share = share_done(live.progress) if live else 0.0
    elapsed = now - live.claimed_at if live else 0.0

    def left(seconds: float) -> float:
        by_share = seconds * (1.0 - share)
        # Work that takes longer than it should is not finished the sooner for it.
        return max(1.0, min(by_share, seconds - elapsed), by_share * 0.5)

    return Span(low=left(usual.low), high=left(usual.high))


def waits(
    line: Sequence[Span | None], workers: int, running: Sequence[Span | None]
) -> list[Span | None]:
    """Seconds to the clip of each job in line; None where nothing like it was measured.

    Nobody can tell when there will be a worker: without one, all are None.
    line: what clips like each one take, in the order of their turns. running: what the jobs that
    run still need. One that is not known is taken for the longest known.
    """
    longest = max(filter(None, [*line, *running]), key=lambda span: span.high, default=None)
    if longest is None or workers < 1:
        return [None] * len(line)
    # A worker that writes one clip while it draws the next is free when the later one is done.
    needed = [left or longest for left in running]
    busy = sorted((left.high, left.low) for left in needed)[-workers:]
    free = [(0.0, 0.0)] * (workers - len(busy)) + busy  # sorted, and so a heap
    found: list[Span | None] = []
    for usual in line:
        takes = usual or longest
        high, low = free[0][0] + takes.high, free[0][1] + takes.low
        heapq.heapreplace(free, (high, low))
        found.append(Span(low=low, high=high) if usual else None)
    return found


def view(
    job: Job, entry: ModelEntry | None, replies: CardReplies, outlook: Forecast, live: Live | None
) -> CardView:
    """What the card of this job shall show now.

    entry: the job's model; None for one that there is no more, which a job may outlive.
    """
    if job.state.has_clip:
        buttons = under_a_clip(job, entry, public=False)
        text = caption(job, entry, replies)
        return CardView(text=text, buttons=buttons, is_clip=True, is_final=True)
    if job.state in {JobState.FAILED, JobState.CANCELLED}:
        text = f"{replies.ended(job.state, job.error)}\n\n{job.request.prompt}"
        buttons = ((APPEAL,),) if job.error == SCREENED else ()
        return CardView(text=text, buttons=buttons, is_final=True)
    if job.cancel_requested_at is not None:
        return CardView(text=f"⏹ {replies.stopping()}\n\n{job.request.prompt}")
    progress = live.progress if live else None
    if outlook.place:
        head = _waiting(job, entry, outlook, replies, replies.waiting(outlook.place))
        if outlook.passed:
            head += f"\n{replies.passed()}"
        elif outlook.begun_again:
            head += f"\n{replies.begun_again(own=job.attempt > 0)}"
        if outlook.paused:
            head += f"\n{replies.paused()}"
    elif progress is None:
        head = f"{_waiting(job, entry, outlook, replies, replies.starting())}\n{_bar(0.0)}"
    else:
        head = _running(job, entry, replies, outlook, progress)
    text = f"{head}\n\n{job.request.prompt}{_remark(job, entry, replies)}"
    picture = live.picture if live and job.card_picture != NO_PICTURES else None
    return CardView(text=text, buttons=((CANCEL,),), picture=picture)


def _is_draft(job: Job, entry: ModelEntry | None) -> bool:
    return entry is not None and level(entry, job.request.steps) == "draft"


def _remakes(job: Job, entry: ModelEntry | None) -> tuple[tuple[str, ...], ...]:
    if _is_draft(job, entry):
        return UNDER_A_DRAFT
    if entry is None or not entry.starts_from_picture:
        return UNDER_A_SHORT_CLIP
    can_loop = entry.ends_on_picture and not job.request.loops
    return UNDER_A_CLIP_THAT_CAN_LOOP if can_loop else UNDER_A_CLIP


def under_a_clip(
    job: Job, entry: ModelEntry | None, *, public: bool
) -> tuple[tuple[str, ...], ...]:
    """The buttons under a clip that everybody finds, or its maker alone."""
    return _remakes(job, entry) + (UNDER_A_PUBLIC_CLIP if public else UNDER_A_PRIVATE_CLIP)


def _remark(job: Job, entry: ModelEntry | None, replies: CardReplies) -> str:
    """A line about the words that a model of few words left out."""
    if entry is None or not entry.closed_vocabulary:
        return ""
    unknown = unknown_words(job.request.prompt)
    return f"\n{name_unknown(replies.language, unknown)}" if unknown else ""


def _waiting(
    job: Job, entry: ModelEntry | None, outlook: Forecast, replies: CardReplies, state: str
) -> str:
    """The first line until the render begins, with what it will cost."""
    cost = replies.cost(job.cost_tenths)
    parts = [f"🎬 {state}", *_time_left(replies, outlook), cost]
    return " · ".join([*parts, *_model(job, entry, replies)])


def _model(job: Job, entry: ModelEntry | None, replies: CardReplies) -> list[str]:
    """Which model makes the clip, where people choose one."""
    return [entry.title if entry else job.request.model] if replies.names_model else []


def _running(
    job: Job, entry: ModelEntry | None, replies: CardReplies, outlook: Forecast, progress: Progress
) -> str:
    parts = [f"🎬 {replies.stage(progress.stage)}"]
    if progress.steps > 1:
        parts.append(f"{progress.step}/{progress.steps}")
    parts += [*_time_left(replies, outlook), *_model(job, entry, replies)]
    return f"{' · '.join(parts)}\n{_bar(share_done(progress))}"


def _bar(share: float) -> str:
    filled = math.floor(share * BAR_CELLS)
    return "▰" * filled + "▱" * (BAR_CELLS - filled)


def _time_left(replies: CardReplies, outlook: Forecast) -> list[str]:
    if outlook.left is None:
        return []
    return [replies.time_left(_steady(outlook.left.low), _steady(outlook.left.high))]


def _steady(seconds: float) -> float:
    # Coarser the longer it is, so that a card does not change with every tick of the clock.
    for limit, grain in ((10, 1), (60, 5), (600, 60)):
        if seconds <= limit:
            return max(grain, round(seconds / grain) * grain)
    return round(seconds / 300) * 300


def caption(job: Job, entry: ModelEntry | None, replies: CardReplies) -> str:
    """Prompt, seed and remark, the prompt cut at a whole character to fit Telegram's limit."""
    about = replies.caption(job.request.seed, draft=_is_draft(job, entry))
    about = " · ".join([about, *_model(job, entry, replies)])
    tail = f"\n{about}{_remark(job, entry, replies)}"
    return cut(job.request.prompt, CAPTION_UNITS - utf16_length(tail)) + tail
