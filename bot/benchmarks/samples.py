"""Times taken, and what they come to."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What many times come to. Milliseconds."""

    median_ms: float
    p99_ms: float
    least_ms: float
    most_ms: float
    count: int


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of some times in seconds, at least one."""
    ordered = sorted(seconds)
    # The nearest-rank percentile: a time that was really taken.
    p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
    return Spread(
        median_ms=_milliseconds(statistics.median(ordered)),
        p99_ms=_milliseconds(p99),
        least_ms=_milliseconds(ordered[0]),
        most_ms=_milliseconds(ordered[-1]),
        count=len(ordered),
    )


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
