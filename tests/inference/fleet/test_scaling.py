"""Tests of the plan for the seats, by its laws and by example."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.fleet.scaling import TURN_SECONDS, Place, plan

MODELS = ["usual", "b", "c"]
NOW = 10_000.0
IDLE = 600.0
ages = st.sampled_from([0.0, 1.0, 299.0, 300.0, 599.0, 600.0, 5000.0])


@st.composite
def places(draw) -> Place:
    model = draw(st.sampled_from([None, *MODELS]))
    held = NOW - draw(ages)
    return Place(
        model=model,
        working=model is not None and draw(st.booleans()),
        held_since=held,
        idle_since=max(held, NOW - draw(ages)),
    )


fleets = st.lists(places(), min_size=1, max_size=6)
demands = st.dictionaries(st.sampled_from(MODELS), st.integers(0, 9))


def planned(fleet, jobs, fewest=0, now=NOW):
    return plan(fleet, jobs, usual="usual", fewest=fewest, idle_seconds=IDLE, now=now)


def seats(held: str, *, age: float = 0.0, working: bool = False) -> list[Place]:
    """A place a letter, all since `age` seconds ago; - for off."""
    names = {"u": "usual", "-": None}
    return [
        Place(
            model=names.get(letter, letter),
            working=working,
            held_since=NOW - age,
            idle_since=NOW - age,
        )
        for letter in held
    ]


@settings(max_examples=100)
@given(fleets, demands, st.integers(0, 6))
def test_the_laws_of_every_plan(fleet, jobs, fewest):
    after = planned(fleet, jobs, fewest)
    count = Counter(model for model in after if model)
    assert len(after) == len(fleet)
    assert count.total() >= min(fewest, len(fleet))
    if any(model is None for model in after):
        assert all(count[model] >= wanted for model, wanted in jobs.items()), (
            "none waits for what is off"
        )
    for place, model in zip(fleet, after, strict=True):
        if place.working and NOW - place.held_since < TURN_SECONDS:
            assert model == place.model, "no turn is cut short"
        if model is None and place.model is not None:
            assert not place.working
            assert NOW - place.idle_since >= IDLE
            assert count.total() >= fewest
        if model not in {place.model, None}:
            assert jobs.get(model, 0) > 0 or model == "usual"
    settled = [
        Place(
            model=model,
            working=place.working,
            held_since=place.held_since if model == place.model else NOW,
            idle_since=place.idle_since if model == place.model else NOW,
        )
        for place, model in zip(fleet, after, strict=True)
    ]
    assert planned(settled, jobs, fewest) == after, "and it stays so while nothing happens"


@settings(max_examples=50)
@given(st.integers(1, 3), st.permutations(MODELS))
def test_no_model_starves_however_many_jobs_the_others_have(number, order):
    fleet = seats("-" * number)
    served = dict.fromkeys(order, 0.0)
    now = NOW
    for _ in range(6):
        jobs = dict.fromkeys(sorted(order, key=lambda name: served[name]), 1000)
        after = planned(fleet, jobs, now=now)
        fleet = [
            Place(
                model=model,
                working=True,
                held_since=place.held_since if model == place.model else now,
                idle_since=now,
            )
            for place, model in zip(fleet, after, strict=True)
        ]
        served |= {model: now for model in after if model}
        now += TURN_SECONDS
    assert all(now - since <= (len(MODELS) + 1) * TURN_SECONDS for since in served.values())


def test_the_fleet_grows_with_the_queue_and_no_further_than_its_seats():
    assert planned(seats("u---"), {"usual": 3}) == ["usual"] * 3 + [None]
    assert planned(seats("u---"), {"usual": 99}) == ["usual"] * 4


def test_seats_end_after_the_idle_time_down_to_the_fewest_which_hold_the_usual_model():
    assert planned(seats("ubb", age=IDLE - 1), {}) == ["usual", "b", "b"]
    assert planned(seats("ubb", age=IDLE), {}) == [None, None, None]
    assert planned(seats("ubb", age=IDLE), {}, fewest=1) == ["usual", None, None]
    assert planned(seats("bb", age=IDLE), {}, fewest=1) == [None, "usual"]
    assert planned(seats("--"), {}, fewest=1) == ["usual", None]


def test_a_seat_with_nothing_to_do_changes_its_model_at_once_for_jobs_of_another():
    assert planned(seats("u"), {"b": 1}) == ["b"]
    assert planned(seats("u"), {"b": 5, "usual": 1}) == ["usual"], "its own job is first"
    assert planned(seats("u-"), {"b": 1}) == ["usual", "b"], "an empty seat rather"


def test_a_seat_with_jobs_of_its_own_changes_only_after_its_turn():
    young, old = (seats("uu", age=age, working=True) for age in (TURN_SECONDS - 1, TURN_SECONDS))
    assert planned(young, {"b": 50, "usual": 50}) == ["usual", "usual"]
    assert planned(old, {"b": 50, "usual": 50}) == ["b", "usual"]


def test_seats_follow_the_jobs_when_there_are_fewer_of_them():
    old = seats("uuuu", age=TURN_SECONDS, working=True)
    assert Counter(planned(old, {"usual": 100, "b": 100})) == {"usual": 2, "b": 2}
    assert Counter(planned(old, {"usual": 1000, "b": 5})) == {"usual": 3, "b": 1}
