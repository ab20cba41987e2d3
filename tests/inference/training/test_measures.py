"""The measures of a clip: right about the world itself, at chance on noise."""

import random

import numpy as np
import pytest

from inference.training.evaluate import questions, score
from inference.training.measures import Seen, look, motion_of
from inference.training.world import FRAMES, SIZE, STEPS, placements, render
from inference.vocabulary import COLOURS, MOTIONS, THINGS
from tests.inference.training.pictures import drawn_pictures

PICTURES = drawn_pictures()


@pytest.mark.parametrize("motion", STEPS)
def test_a_rendered_clip_is_seen_as_what_it_was_rendered_from(motion):
    for number in (0, 5, 11):
        colour = COLOURS[(number + 1) % len(COLOURS)]
        clip = render(PICTURES[number], placements(motion)[-1], colour.red_green_blue)
        assert look(clip, PICTURES) == Seen(
            thing=THINGS[number].name, motion=motion, colour=colour.name
        )


def test_noise_is_seen_at_chance():
    answers = [question.answer for question in questions(1)]
    generator = np.random.default_rng(0)
    seen = [
        look(generator.random((FRAMES, SIZE, SIZE, 3), np.float32), PICTURES) for _ in answers[:8]
    ]
    result = score(seen, answers[:8])
    assert result.thing <= 0.25
    assert result.everything == 0


def test_an_empty_clip_has_no_motion():
    assert motion_of(np.full((FRAMES, 2), np.nan, np.float32)) == ""


def test_questions_ask_for_every_thing_once_and_the_same_for_a_seed():
    asked = questions(7)
    assert [question.answer.thing for question in asked] == [thing.name for thing in THINGS]
    assert asked == questions(7)
    assert asked != questions(8)


def test_a_score_counts_each_measure_alone():
    right = Seen(thing="cat", motion="left", colour="blue")
    wrong = Seen(thing="cat", motion="up", colour="blue")
    result = score([right, wrong], [right, right])
    assert (result.thing, result.motion, result.colour, result.everything) == (1, 0.5, 1, 0.5)


def test_chance_is_far_below_what_is_asked_of_the_model():
    chooser = random.Random(0)
    answers = [question.answer for question in questions(1)]
    guesses = [
        Seen(
            thing=chooser.choice(THINGS).name,
            motion=chooser.choice(MOTIONS).name,
            colour=chooser.choice(COLOURS).name,
        )
        for _ in answers
    ]
    assert score(guesses, answers).everything < 0.1
