"""`kinogram bench service`: what the service itself costs, beside the model."""

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from bot.benchmarks import arriving, chain, growth, memory
from bot.benchmarks.report import Results
from bot.rules import Rules, rules_of
from bot.settings import Settings

T = TypeVar("T")
SAMPLES = 30
AMPLE = {"daily_credits": 100_000.0, "waiting_a_person": 10_000, "waiting_a_chat": 10_000}


async def measure(
    settings: Settings,
    results: Results,
    *,
    jobs: int,
    people: int,
    rounds: int,
    longest_line: int,
    memory_jobs: int,
    told: Callable[[str], None],
) -> None:
    """Every measurement in turn; each is in `results` as soon as it is there.

    rounds: of the real model, 0 for none. Folders are temporary, and gone afterwards.
    Raises: what open_app and sandboxed raise.
    """
    ample = settings.model_copy(update=AMPLE | {"workers": 1})

    async def within(work: Callable[[Path], Awaitable[T]]) -> T:
        with tempfile.TemporaryDirectory(prefix="kinogram-bench-") as folder:
            return await work(Path(folder))

    told("accepts a second")
    arrived = await within(lambda folder: arriving.measure(ample, folder, jobs, people))
    results.add("accepts", asdict(arrived))
    told("the chain with a model that takes no time")
    instant = await within(lambda folder: chain.measure_instant(ample, folder, jobs, people))
    results.add("instant model", asdict(instant))
    sizes = [size for size in (100, 1_000, 10_000, 100_000) if size <= longest_line]
    told("growth with the line")
    grown = await within(
        lambda folder: growth.measure(folder, _rules(ample, folder), sizes, SAMPLES, told)
    )
    results.add("growth", [asdict(one) for one in grown])
    if memory_jobs:
        told("memory")
        used = await within(
            lambda folder: memory.measure(folder, _rules(ample, folder), memory_jobs, told)
        )
        results.add("memory", asdict(used))
    if rounds:
        told(f"{settings.model}, bare and served by turns")
        overhead = await within(lambda folder: chain.measure_overhead(ample, folder, rounds, told))
        results.add("overhead", asdict(overhead))


def _rules(settings: Settings, folder: Path) -> Rules:
    return rules_of(settings.model_copy(update={"data_dir": folder}))
