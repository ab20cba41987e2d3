"""The one status message of a job, from its place in line to the clip. Pure."""

import hashlib
import math
from dataclasses import dataclass, field

from bot.replies import Replies
from bot.text_length import cut, utf16_length
from bot.word_list import name_unknown
from inference.catalog import CATALOG
from inference.prompt_words import unknown_words
from inference.values import Progress, Stage
from storage.jobs import Job, JobState

CAPTION_UNITS = 1024  # Telegram counts UTF-16 code units
BAR_CELLS = 10
CANCEL_PREFIX = "cancel:"
# Where each stage ends on the way from nothing to a whole clip; the denoiser is nearly all of it.
STAGE_SPANS = {
    Stage.TEXT: (0.0, 0.02),
    Stage.DENOISE: (0.02, 0.85),
    Stage.DECODE: (0.85, 0.95),
    Stage.ENCODE: (0.95, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What this process knows of a running job: its last progress, and when it was claimed."""

    progress: Progress | None
    claimed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A queued job's place (1 is next) and seconds left to its clip; None while unknown."""

    place: int | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """What a card shall show. A clip's text is its caption; final views have no button."""

    text: str
    button: str = ""
    is_clip: bool = False
    is_final: bool = False
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        shown = f"{self.is_clip}\n{self.button}\n{self.text}"
        object.__setattr__(self, "digest", hashlib.sha256(shown.encode()).hexdigest()[:16])


def share_done(progress: Progress | None) -> float:
    """How much of a clip is rendered, 0 to 1."""
    if progress is None:
        return 0.0
    start, end = STAGE_SPANS[progress.stage]
    return start + (end - start) * min(1.0, progress.step / max(1, progress.steps))


def forecast(
    place: int | None, typical_seconds: float | None, workers: int, live: Live | None, now: float
) -> Forecast:
    """Place and time left, from the measured seconds a clip."""
    if typical_seconds is None:
        return Forecast(place=place)
    if place is None:
        elapsed = now - live.claimed_at if live else 0.0
        share = share_done(live.progress) if live else 0.0
        by_share = typical_seconds * (1.0 - share)
        left = max(1.0, min(by_share, typical_seconds - elapsed)) if share < 1 else 1.0
        return Forecast(seconds_left=max(left, by_share * 0.5))
    rounds = math.ceil(place / max(1, workers))
    return Forecast(place=place, seconds_left=typical_seconds * (rounds + 0.5))


def view(job: Job, replies: Replies, outlook: Forecast, live: Live | None) -> CardView:
    """What the card of this job shall show now."""
    if job.state in {JobState.RENDERED, JobState.DELIVERED}:
        return CardView(text=caption(job, replies), is_clip=True, is_final=True)
    if job.state in {JobState.FAILED, JobState.CANCELLED}:
        text = f"{replies.ended(job.state, job.error)}\n\n{job.request.prompt}"
        return CardView(text=text, is_final=True)
    if job.cancel_requested_at is not None:
        return CardView(text=f"⏹ {replies.stopping()}\n\n{job.request.prompt}")
    progress = live.progress if live else None
    if outlook.place:
        head = _waiting(job, outlook, replies, replies.waiting(outlook.place))
    elif progress is None:
        head = f"{_waiting(job, outlook, replies, replies.starting())}\n{_bar(0.0)}"
    else:
        head = _running(replies, outlook, progress)
    text = f"{head}\n\n{job.request.prompt}{_remark(job, replies)}"
    return CardView(text=text, button=replies.cancel_button())


def _remark(job: Job, replies: Replies) -> str:
    """A line about the words that a model of few words left out."""
    entry = CATALOG.get(job.request.model)  # A job may outlive its model's entry.
    if entry is None or not entry.closed_vocabulary:
        return ""
    unknown = unknown_words(job.request.prompt)
    return f"\n{name_unknown(replies.language, unknown)}" if unknown else ""


def _waiting(job: Job, outlook: Forecast, replies: Replies, state: str) -> str:
    """The first line until the render begins, with what it will cost."""
    cost = replies.cost(job.cost_tenths)
    return " · ".join([f"🎬 {state}", *_time_left(replies, outlook), cost])


def _running(replies: Replies, outlook: Forecast, progress: Progress) -> str:
    parts = [f"🎬 {replies.stage(progress.stage)}"]
    if progress.steps > 1:
        parts.append(f"{progress.step}/{progress.steps}")
    parts += _time_left(replies, outlook)
    return f"{' · '.join(parts)}\n{_bar(share_done(progress))}"


def _time_left(replies: Replies, outlook: Forecast) -> list[str]:
    left = outlook.seconds_left
    return [] if left is None else [replies.time_left(_steady(left))]


def _bar(share: float) -> str:
    filled = math.floor(share * BAR_CELLS)
    return "▰" * filled + "▱" * (BAR_CELLS - filled)


def _steady(seconds: float) -> float:
    # Coarser the longer it is, so that a card does not change with every tick of the clock.
    for limit, grain in ((10, 1), (60, 5), (600, 60)):
        if seconds <= limit:
            return max(grain, round(seconds / grain) * grain)
    return round(seconds / 300) * 300


def caption(job: Job, replies: Replies) -> str:
    """Prompt, seed and remark, the prompt cut at a whole character to fit Telegram's limit."""
    tail = f"\n{replies.caption(job.request.seed)}{_remark(job, replies)}"
    return cut(job.request.prompt, CAPTION_UNITS - utf16_length(tail)) + tail
