"""The evaluator's questions."""

from inference.training.evaluate import held_out_stories
from inference.vocabulary import MOTIONS, THINGS

SEED = 5


def test_questions_are_held_out_one_a_thing_and_always_the_same():
    stories = held_out_stories(SEED, 40)
    assert all(story.held_out for story in stories)
    assert [story.first for story in stories] == list(THINGS[:40])
    assert stories == held_out_stories(SEED, 40)
    assert stories != held_out_stories(SEED + 1, 40)


def test_questions_may_have_something_in_common():
    stories = held_out_stories(SEED, 5, motion=MOTIONS[2])
    assert {story.motion for story in stories} == {MOTIONS[2]}
    assert all(story.held_out for story in stories)
