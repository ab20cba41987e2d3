"""The whole chain: people in the sandbox, the bot, workers, and clips in the chats."""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.benchmarks.instant import InstantFleet
from bot.benchmarks.samples import Spread, spread
from bot.benchmarks.serving import LONGEST_SECONDS, PROMPTS, Served, serving, until
from bot.prompts import parse
from bot.rules import rules_of
from bot.settings import Settings
from inference import mark
from inference.entry import ModelEntry
from inference.mp4 import encode
from inference.pipeline import Pipeline
from storage import jobs
from storage.jobs import JobState

ALONE = 10  # prompts that meet an empty line


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """The service with a model that takes no time.

    first_card, clip: from a prompt that meets an empty line to the bot's message, and to the clip.
    gap: from the end of a render to the beginning of the next while jobs wait.
    claims_per_second: renders begun while jobs wait, each claimed, saved and handed over.
    """

    jobs: int
    people: int
    first_card: Spread
    clip: Spread
    gap: Spread
    claims_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead:
    """A real model, bare and within the service by turns. Seconds a clip.

    bare: the pipeline call, the mark and the encode, in one process.
    served: from the prompt to the clip in the chat, one prompt at a time.
    backlog: while jobs wait, from one clip to the next.
    """

    model: str
    rounds: int
    bare: list[float]
    served: list[float]
    backlog: list[float]
    served_overhead_ms: float
    backlog_overhead_ms: float
    served_overhead_share: float
    backlog_overhead_share: float


async def measure_instant(settings: Settings, folder: Path, count: int, people: int) -> Instant:
    """So many jobs of so many people, all waiting when the worker comes; then some alone."""
    fleet, ready = InstantFleet(), asyncio.Event()
    async with serving(settings, folder, people, fleet.opened_when(ready)) as served:
        sends = [
            served.client.send(person, person, f"{PROMPTS[number % 2]} {number}")
            for number in range(count)
            for person in [served.people[number % people]]
        ]
        await asyncio.gather(*sends)
        await _accepted(served, count)
        ready.set()
        await _rendered(served, count)
        began, ended = list(fleet.began), list(fleet.ended)
        await served.settled()
        alone = [await _alone(served, number) for number in range(ALONE)]
    return Instant(
        jobs=count,
        people=people,
        first_card=spread([card for card, _ in alone]),
        clip=spread([clip for _, clip in alone]),
        gap=spread([b - e for b, e in zip(began[1:], ended, strict=False)]),
        claims_per_second=round((count - 1) / (began[count - 1] - began[0]), 1),
    )


async def measure_overhead(
    settings: Settings, folder: Path, rounds: int, told: Callable[[str], None]
) -> Overhead:
    """A clip bare, one served alone and two in a backlog, by turns: A B A B."""
    entry = rules_of(settings.model_copy(update={"data_dir": folder})).model
    pipeline = await asyncio.to_thread(
        Pipeline.load, entry, models_folder=settings.models_dir, device="cpu"
    )
    await asyncio.to_thread(pipeline.warm_up)
    bare: list[float] = []
    alone: list[float] = []
    backlog: list[float] = []
    # Each time another chat: what one takes in a few seconds is limited (bot/telegram/pacing.py).
    async with serving(settings, folder, 2 * rounds + 1, None) as served:
        await _alone(served, 0)  # the worker loads meanwhile
        for number in range(1, rounds + 1):
            told(f"round {number} of {rounds}")
            bare.append(await asyncio.to_thread(_bare, pipeline, entry, settings.mark, number))
            alone.append((await _alone(served, number))[1])
            bare.append(await asyncio.to_thread(_bare, pipeline, entry, settings.mark, number))
            backlog.append(await _backlog(served, rounds + number))
    usual = statistics.median(bare)
    over = statistics.median(alone) - usual
    behind = statistics.median(backlog) - usual
    return Overhead(
        model=entry.name,
        rounds=rounds,
        bare=[round(seconds, 3) for seconds in bare],
        served=[round(seconds, 3) for seconds in alone],
        backlog=[round(seconds, 3) for seconds in backlog],
        served_overhead_ms=round(over * 1000, 1),
        backlog_overhead_ms=round(behind * 1000, 1),
        served_overhead_share=round(over / usual, 4),
        backlog_overhead_share=round(behind / usual, 4),
    )


def _bare(pipeline: Pipeline, entry: ModelEntry, marked: bool, number: int) -> float:
    request = parse(PROMPTS[0], models={entry.name: entry}, seed=number)
    began = time.perf_counter()
    footage = pipeline.render(request, on_progress=lambda _: None, cancelled=lambda: False)
    if marked:
        mark.draw(footage.frames)
    encode(footage.frames, entry.frames_per_second, sound=footage.sound)
    return time.perf_counter() - began


async def _alone(served: Served, number: int) -> tuple[float, float]:
    """Seconds from a prompt to the bot's message and to the clip; nothing else is under way."""
    person = served.people[number % len(served.people)]
    began = time.perf_counter()
    sent = await served.client.send(person, person, PROMPTS[0])
    carded = 0.0
    async with asyncio.timeout(LONGEST_SECONDS):
        async for event in served.client.events(person):
            message = event.get("message") or {}
            if message.get("message_id", 0) <= sent["message_id"]:
                continue
            if not message.get("from", {}).get("is_bot"):
                continue
            carded = carded or time.perf_counter() - began
            if "video" in message:
                break
    taken = time.perf_counter() - began
    await served.settled()
    return carded, taken


async def _backlog(served: Served, number: int) -> float:
    """Seconds a clip where three prompts wait: from the first clip to the last."""
    before = await _count_rendered(served)
    person = served.people[number % len(served.people)]
    for index in range(3):
        await served.client.send(person, person, f"{PROMPTS[0]} {number} {index}")
    await _rendered(served, before + 1)
    began = time.perf_counter()
    await _rendered(served, before + 3)
    taken = time.perf_counter() - began
    await served.settled()
    return taken / 2


async def _accepted(served: Served, count: int) -> None:
    async def is_so() -> bool:
        return sum((await _counts(served)).values()) >= count

    await until(is_so)


async def _rendered(served: Served, count: int) -> None:
    async def is_so() -> bool:
        return await _count_rendered(served) >= count

    await until(is_so)


async def _counts(served: Served) -> dict[JobState, int]:
    return await served.app.database.read(jobs.counts, bot_id=served.app.bot_id)


async def _count_rendered(served: Served) -> int:
    counts = await _counts(served)
    if counts[JobState.FAILED] or counts[JobState.CANCELLED]:
        raise RuntimeError("a job of the measurement failed")
    return counts[JobState.RENDERED] + counts[JobState.DELIVERED]
