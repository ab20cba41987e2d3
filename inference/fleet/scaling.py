"""Which seat should hold which model, or nothing: decided without Ray, from numbers alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TURN_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a plan needs to know of one seat.

    model: that it holds, loads, or gets as soon as its present job is done; None for off.
    working: whether it has a job.
    held_since: when it was given that model. idle_since: when it last had a job, or held_since.
    """

    model: str | None
    working: bool = False
    held_since: float = 0.0
    idle_since: float = 0.0


def plan(
    places: Sequence[Place],
    demands: Mapping[str, int],
    *,
    usual: str,
    fewest: int,
    idle_seconds: float,
    now: float,
) -> list[str | None]:
    """The model that each seat should hold, or None for off; a seat with a job finishes it first.

    A seat is filled when jobs wait for one. When all are taken, one whose own model has nothing
    for it to do changes to the other, and after TURN_SECONDS also one whose own jobs wait, where
    another model has no seat at all or far more jobs for each of its seats.

    demands: unfinished jobs by model, those first that had no seat for the longest time.
    usual: the model of seats that are kept though nobody needs them.
    fewest: seats that are never off. idle_seconds: after which the others are.
    """
    return _Plan(places, demands, now).made(usual, fewest, idle_seconds)


class _Plan:
    def __init__(self, places: Sequence[Place], demands: Mapping[str, int], now: float) -> None:
        self._places = places
        self._demands = {model: jobs for model, jobs in demands.items() if jobs > 0}
        self._now = now
        self._models = [place.model for place in places]
        self._seats = Counter(model for model in self._models if model is not None)

    def made(self, usual: str, fewest: int, idle_seconds: float) -> list[str | None]:
        while (change := self._needed()) is not None:
            self._give(*change)
        # Last those that hold the usual model: they are the ones to keep.
        for seat in sorted(range(len(self._models)), key=lambda seat: self._models[seat] == usual):
            if self._spare(seat) and self._now - self._places[seat].idle_since >= idle_seconds:
                self._give(seat, usual if self._seats.total() <= fewest else None)
        for seat, model in enumerate(self._models):
            if model is None and self._seats.total() < fewest:
                self._give(seat, usual)
        return self._models

    def _give(self, seat: int, model: str | None) -> None:
        before = self._models[seat]
        if before is not None:
            self._seats[before] -= 1
        if model is not None:
            self._seats[model] += 1
        self._models[seat] = model

    def _needed(self) -> tuple[int, str] | None:
        """A seat, and the model with fewer seats than jobs that it should have."""
        short = [model for model, jobs in self._demands.items() if jobs > self._seats[model]]
        # Those without a seat first; sorting keeps their order.
        short.sort(
            key=lambda model: (
                self._seats[model] > 0,
                -self._share_with_one_more(model) if self._seats[model] else 0,
            )
        )
        for model in short:
            if (seat := self._giver(model)) is not None:
                return seat, model
        return None

    def _share_with_one_more(self, model: str) -> float:
        return self._demands[model] / (self._seats[model] + 1)

    def _spare(self, seat: int) -> bool:
        """Whether the seat is on, and its model has nothing for it to do."""
        model = self._models[seat]
        if model is None or self._places[seat].working or self._moved(seat):
            return False
        return self._seats[model] > self._demands.get(model, 0)

    def _moved(self, seat: int) -> bool:
        return self._models[seat] != self._places[seat].model

    def _giver(self, model: str) -> int | None:
        """The seat that should have this model now, if any."""
        numbers = range(len(self._places))
        for seat in numbers:
            if self._models[seat] is None:
                return seat
        spare = [seat for seat in numbers if self._spare(seat) and self._models[seat] != model]
        if spare:
            return min(spare, key=lambda seat: self._places[seat].idle_since)
        turns = [seat for seat in numbers if self._may_turn(seat, model)]
        return min(turns, key=self._last_and_held_since, default=None)

    def _last_and_held_since(self, seat: int) -> tuple[bool, float]:
        own = self._models[seat]
        is_last = own is not None and self._seats[own] == 1
        return is_last, self._places[seat].held_since

    def _may_turn(self, seat: int, model: str) -> bool:
        """Whether a seat with jobs of its own has had its turn, and is needed more elsewhere."""
        own = self._models[seat]
        if own is None or own == model or self._moved(seat) or not self._had_its_turn(seat):
            return False
        needed = self._demands.get(own, 0)
        if not self._seats[model]:
            # The last seat of a model goes to the next in a round: one a turn in all the fleet.
            is_last = needed > 0 and self._seats[own] == 1
            return not is_last or all(map(self._had_its_turn, range(len(self._places))))
        if self._seats[own] == 1 and needed:
            return False
        return self._share_with_one_more(model) > needed / self._seats[own]

    def _had_its_turn(self, seat: int) -> bool:
        held_since = self._places[seat].held_since
        return not self._moved(seat) and self._now - held_since >= TURN_SECONDS
