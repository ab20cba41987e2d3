"""Stories, how they are told and how they are played."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from inference.layers import (
    BLUE,
    BLUR,
    COLOURFULNESS,
    EXPOSURE,
    LOG_SIZE,
    MIRRORED,
    RED,
    SECOND,
    SECOND_IN_FRONT,
    SHOWN,
    TINT,
    TURN,
    VIEW,
    WIND_X,
    WIND_Y,
    X,
    Y,
)
from inference.training.captions import caption, chinese, english
from inference.training.motions import DIRECTIONS, FRAMES, Curve, curve
from inference.training.staging import ARRANGEMENTS, WINDS, Staging, stage
from inference.training.stories import SHAPES, Story, draw_story
from inference.vocabulary import (
    CAMERAS,
    COLOURS,
    MOTIONS,
    RELATIONS,
    SCENES,
    SIZES,
    STYLES,
    THINGS,
    WEATHERS,
    Meaning,
    meanings_of_words,
)

REACH = (0.5, 0.4)
NAMED = {
    meaning.name: meaning for meaning in (*MOTIONS, *SCENES, *WEATHERS, *CAMERAS, *STYLES, *SIZES)
}
CAT = next(thing for thing in THINGS if thing.name == "cat")
BALL = next(thing for thing in THINGS if not thing.faces)


def played(story, shape=SHAPES[0], seed=0):
    return stage(story, shape, random.Random(seed))


def test_held_out_stories_are_an_eighth_and_never_drawn():
    chooser = random.Random(1)
    drawn = [draw_story(chooser) for _ in range(2000)]
    assert not any(story.held_out for story in drawn)
    assert len({story.first for story in drawn}) > 700
    every = [
        Story(first=thing, motion=motion, background=COLOURS[3])
        for thing in THINGS[:200]
        for motion in MOTIONS
    ]
    assert sum(story.held_out for story in every) / len(every) == pytest.approx(1 / 8, abs=0.02)


def test_the_same_seed_draws_the_same_stories():
    one, other = (draw_story(random.Random(9)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("motion", [motion.name for motion in MOTIONS if motion.name != "go"])
def test_every_motion_begins_where_the_thing_stands(motion):
    for side in (-1.0, 1.0):
        moved = curve(motion, side, REACH)
        assert moved.shape == (FRAMES - 1, 4)
        assert np.abs(moved[0]).max() < 0.2


@pytest.mark.parametrize("motion", list(DIRECTIONS))
def test_directions_lead_where_they_say(motion):
    x, y = DIRECTIONS[motion]
    assert curve(motion, 1.0, REACH)[-1].tolist() == pytest.approx([x * 0.5, y * 0.4, 0, 0])


def test_other_motions_do_what_they_say():
    def moved(name: str) -> Curve:
        return curve(name, 1.0, REACH)

    assert not moved("still").any()
    assert moved("grow")[-1, LOG_SIZE] > 0.5 > 0 > -0.5 > moved("shrink")[-1, LOG_SIZE]
    assert moved("spin")[-1, TURN] == pytest.approx(2 * math.pi)
    assert moved("bounce")[:, Y].max() <= 0
    assert (moved("jump")[:, Y] < -0.1).any()
    assert moved("jump")[:, Y].max() <= 0
    assert moved("circle")[:, X].max() > 0.15
    assert moved("circle")[:, Y].max() > 0.3
    assert np.abs(moved("swing")[:, TURN]).max() > 0.4
    assert np.abs(np.diff(moved("shake")[:, X])).min() > 0.01


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("motion", MOTIONS, ids=lambda motion: motion.name)
def test_a_things_middle_stays_in_the_frame(shape, motion):
    half = (shape[0] / 16, shape[1] / 16)
    for seed in range(10):
        staging = played(Story(first=CAT, motion=motion), shape, seed)
        way = staging.places[0, :2] + np.concatenate([np.zeros((1, 2)), staging.tracks[:, 0, :2]])
        assert (np.abs(way) < half).all()


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
def test_two_things_stand_as_their_relation_says(relation):
    story = Story(first=CAT, second=BALL, relation=relation, motion=MOTIONS[0])
    staging = played(story)
    first, second = staging.places[0], staging.places[SECOND]
    assert first[SHOWN] > 0 < second[SHOWN]
    x, y, size, front = ARRANGEMENTS[relation.name]
    if relation.name != "chasing":
        assert np.sign(second[X] - first[X]) == np.sign(x)
    assert np.sign(round(float(second[Y] - first[Y]), 6)) == np.sign(y)
    assert second[LOG_SIZE] - first[LOG_SIZE] == pytest.approx(math.log(size), abs=1e-5)
    assert (staging.view[SECOND_IN_FRONT] > 0) == front
    assert (staging.tracks[:, 0] == staging.tracks[:, SECOND]).all()


def test_who_chases_runs_behind():
    chasing = next(one for one in RELATIONS if one.name == "chasing")
    for name, sign in (("left", 1), ("right", -1)):
        staging = played(Story(first=CAT, second=BALL, relation=chasing, motion=NAMED[name]))
        assert np.sign(staging.places[0, X] - staging.places[SECOND, X]) == sign


def test_what_looks_left_is_mirrored_when_it_moves_right():
    for thing, motion, mirrored in ((CAT, "right", 1), (CAT, "left", -1), (BALL, "right", -1)):
        staging = played(Story(first=thing, motion=NAMED[motion]))
        assert staging.places[0, MIRRORED] == mirrored


def test_counts_colours_sizes_styles_weather_and_cameras_have_their_effect():
    plain = played(Story(first=CAT, motion=NAMED["still"]))
    assert (plain.places[:, SHOWN] > 0).sum() == 1
    for count in (2, 3):
        several = played(Story(first=CAT, count=count, motion=NAMED["still"]))
        assert (several.places[:, SHOWN] > 0).sum() == count
    tinted = played(Story(first=CAT, first_colour=COLOURS[0], motion=NAMED["still"]))
    assert tinted.places[0, TINT] == 1
    assert tinted.places[0, RED : BLUE + 1] * 255 == pytest.approx(COLOURS[0].red_green_blue)

    def with_(**changes: Meaning) -> Staging:
        return played(replace(Story(first=CAT, motion=NAMED["still"]), **changes))

    assert with_(size=NAMED["big"]).places[0, LOG_SIZE] > plain.places[0, LOG_SIZE] + 0.3
    assert with_(size=NAMED["tiny"]).places[0, LOG_SIZE] < plain.places[0, LOG_SIZE] - 0.3
    assert with_(style=NAMED["upside down"]).places[0, TURN] == pytest.approx(math.pi)
    assert with_(style=NAMED["black and white"]).view[COLOURFULNESS] == 0
    assert with_(style=NAMED["blurry"]).view[BLUR] == 1
    assert with_(style=NAMED["dark"]).view[EXPOSURE] < -1
    assert with_(style=NAMED["bright"]).view[EXPOSURE] > 0.5
    rain = with_(weather=NAMED["rain"])
    assert tuple(rain.view[[WIND_X, WIND_Y]]) == pytest.approx(WINDS["rain"])
    assert with_(camera=NAMED["zoom in"]).tracks[-1, VIEW, LOG_SIZE] > 0.3
    assert with_(camera=NAMED["zoom out"]).tracks[-1, VIEW, LOG_SIZE] < -0.3
    assert with_(camera=NAMED["pan left"]).tracks[-1, VIEW, X] < -0.2
    assert with_(camera=NAMED["pan right"]).tracks[-1, VIEW, X] > 0.2


FULL = Story(
    first=CAT,
    second=BALL,
    relation=RELATIONS[1],
    motion=NAMED["up"],
    background=NAMED["desert"],
    weather=NAMED["rain"],
    camera=NAMED["zoom in"],
    size=NAMED["big"],
    style=NAMED["dark"],
    first_colour=COLOURS[4],
)


@pytest.mark.parametrize("write", [english, chinese])
def test_a_caption_names_everything_that_is_told(write):
    language = "english" if write is english else "chinese"
    told = (
        CAT,
        BALL,
        FULL.motion,
        FULL.background,
        FULL.weather,
        FULL.camera,
        FULL.size,
        FULL.style,
        COLOURS[4],
    )
    for seed in range(60):
        text = write(random.Random(seed), FULL).lower()
        for meaning in told:
            words = [*getattr(meaning, language), *getattr(meaning, "plurals", ())]
            assert any(word.removesuffix("的") in text for word in words), (text, meaning.name)


def test_what_is_not_told_is_not_in_the_caption():
    story = Story(first=CAT, background=NAMED["desert"], told=False)
    for seed in range(60):
        for write in (english, chinese):
            text = write(random.Random(seed), story)
            assert not any(word in text for word in NAMED["desert"].words), text


@pytest.mark.parametrize("write", [english, chinese])
def test_parts_come_in_any_order_and_small_talk_may_go_before(write):
    story = Story(first=CAT, motion=NAMED["up"], background=NAMED["desert"])
    texts = [write(random.Random(seed), story) for seed in range(200)]
    desert = NAMED["desert"].words
    before = 0
    for text in texts:
        thing = min(
            (text.lower().find(word) for word in CAT.words if word in text.lower()), default=-1
        )
        place = min(
            (text.lower().find(word) for word in desert if word in text.lower()), default=-1
        )
        before += 0 <= place < thing
    assert 20 < before < 180
    openings = (
        ("please", "show", "draw", "hello") if write is english else ("请", "画", "你好", "给我")
    )
    assert 10 < sum(text.lower().startswith(openings) for text in texts) < 120


def test_both_languages_are_spoken():
    chooser = random.Random(2)
    texts = [caption(chooser, FULL) for _ in range(200)]
    assert 0.45 < sum(text.isascii() for text in texts) / 200 < 0.75


def test_several_things_are_told_by_number_or_plural():
    known = meanings_of_words()
    for seed in range(40):
        text = english(random.Random(seed), Story(first=CAT, count=2)).lower()
        assert any(
            word in CAT.plurals
            for word in text.replace(",", "").replace(".", "").replace("!", "").split()
        ), text
    assert known["cats"] is CAT
