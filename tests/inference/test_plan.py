"""Tests of how a model is held on a device: no more given up than memory asks for."""

import itertools

import pytest

from inference.plan import USABLE, Needs, Plan, choose, gentler, holdings, memory, working

# GiB in bfloat16 (decoder in float32), as counted in the models' own files.
MODELS = {
    "wan2.1-t2v-1.3b": Needs(
        weights={"text_encoder": 10.6, "transformer": 2.6, "vae": 0.5}, working=8.3
    ),
    "wan2.2-ti2v-5b": Needs(
        weights={"text_encoder": 10.6, "transformer": 9.3, "vae": 2.6}, working=17.5
    ),
    "wan2.2-t2v-a14b": Needs(
        weights={"text_encoder": 10.6, "transformer": 26.6, "transformer_2": 26.6, "vae": 0.5},
        working=12.0,
    ),
    "cogvideox-2b": Needs(
        weights={"text_encoder": 8.9, "transformer": 3.2, "vae": 0.4}, working=6.0
    ),
    "textless": Needs(weights={"transformer": 4.0, "vae": 1.0}, working=3.0),
}
GPUS = (6.0, 8.0, 11.0, 15.6, 23.5, 31.4, 39.5, 47.4, 79.1, 139.8)
TEXT, ALL = ("text_encoder",), ("text_encoder", "transformer")


@pytest.mark.parametrize(
    ("model", "free", "plan"),
    [
        ("wan2.1-t2v-1.3b", 79.1, Plan()),
        ("wan2.1-t2v-1.3b", 23.5, Plan()),
        ("wan2.1-t2v-1.3b", 15.6, Plan(streamed=TEXT)),
        ("wan2.1-t2v-1.3b", 11.0, Plan(streamed=TEXT, tiled=True)),
        ("wan2.2-ti2v-5b", 79.1, Plan()),
        ("wan2.2-ti2v-5b", 39.5, Plan(streamed=TEXT)),
        ("wan2.2-ti2v-5b", 23.5, Plan(streamed=TEXT, tiled=True)),
        ("wan2.2-ti2v-5b", 15.6, Plan(streamed=ALL, tiled=True)),
        ("wan2.2-t2v-a14b", 139.8, Plan()),
        ("wan2.2-t2v-a14b", 79.1, Plan(streamed=TEXT)),
        ("wan2.2-t2v-a14b", 39.5, Plan(streamed=(*ALL, "transformer_2"), tiled=True)),
        ("cogvideox-2b", 23.5, Plan()),
        ("cogvideox-2b", 8.0, Plan(streamed=TEXT, tiled=True)),
        ("textless", 7.0, Plan(tiled=True)),
        ("textless", 1.0, Plan(streamed=("transformer",), tiled=True)),
    ],
)
def test_no_more_is_given_up_than_the_memory_asks_for(model, free, plan):
    assert choose(MODELS[model], free) == plan


@pytest.mark.parametrize(("model", "free"), [*itertools.product(MODELS, GPUS)])
def test_what_is_chosen_fits_wherever_anything_does(model, free):
    needs = MODELS[model]
    plan = choose(needs, free)
    fits = [way for way in holdings(needs) if memory(needs, way) <= free * USABLE]
    assert plan == (fits[0] if fits else holdings(needs)[-1])


@pytest.mark.parametrize("model", MODELS)
def test_each_way_takes_less_memory_than_the_one_before(model):
    ways = [memory(MODELS[model], way) for way in holdings(MODELS[model])]
    assert ways == sorted(ways, reverse=True)
    assert len(set(ways)) == len(ways)


@pytest.mark.parametrize("model", MODELS)
def test_a_gentler_way_takes_less_memory_until_there_is_none(model):
    needs = MODELS[model]
    ways = holdings(needs)
    for plan in ways[:-1]:
        kinder = gentler(needs, plan)
        assert memory(needs, kinder) < memory(needs, plan)
        assert kinder.tiled
    assert gentler(needs, ways[-1]) == ways[-1]


def test_a_clip_that_does_not_fit_leaves_the_transformer_where_it_is_at_first():
    needs = MODELS["wan2.2-ti2v-5b"]
    assert gentler(needs, Plan()) == Plan(streamed=TEXT, tiled=True)
    assert gentler(needs, Plan(streamed=TEXT, tiled=True)) == Plan(streamed=ALL, tiled=True)


def test_a_plan_says_what_is_not_as_usual():
    assert str(Plan()) == "all on the device"
    assert str(Plan(streamed=ALL, tiled=True)) == (
        "text_encoder and transformer streamed from main memory, decoded in tiles"
    )


def test_what_is_no_weight_is_working_memory_and_there_always_is_some():
    assert working(40.0, {"transformer": 9.0, "vae": 1.0}) == 30.0
    assert working(40.0, {"transformer": 39.0}) == 4.0
