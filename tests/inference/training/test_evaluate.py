"""The evaluator: right answers for true pictures, chance for an untrained model."""

import random

import pytest
import torch

from inference.autoencoder import LayeredAutoencoder
from inference.training.captions import english
from inference.training.evaluate import (
    Result,
    held_out_stories,
    make_layers,
    middle_frames,
    score_frames,
    score_motions,
)
from inference.training.judge import Judge, load_judge
from inference.training.model import TextToVideo, build_pipeline
from inference.training.tokenizer import build_tokenizer
from inference.vocabulary import MOTIONS, THINGS

CLIPS = 16
SEED = 5
# diffusers' own; see tests/inference/test_pipeline.py.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge()


def untrained_pipeline():
    torch.manual_seed(0)
    autoencoder = LayeredAutoencoder()
    for part in (autoencoder.backdrop, autoencoder.patch, autoencoder.track):
        torch.nn.init.orthogonal_(part.basis)
    for part in (autoencoder.picture, autoencoder.tile):
        torch.nn.init.normal_(part.basis, std=0.02)
    model = TextToVideo(autoencoder)
    pipeline = build_pipeline(model, build_tokenizer(), autoencoder)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def by_measure(results: list[Result]) -> dict[str, float]:
    return {result.measure: result.share for result in results}


def test_an_untrained_model_scores_near_chance(judge):
    stories = held_out_stories(SEED, CLIPS)
    prompts = [english(random.Random(number), story) for number, story in enumerate(stories)]
    batches = make_layers(untrained_pipeline(), prompts, SEED, steps=2)
    scores = by_measure(score_frames(judge, middle_frames(batches), stories, "English"))
    assert scores["object"] <= 1 / CLIPS
    assert scores["scene"] <= 0.25
    half = stories[: CLIPS // 2]  # whole clips are dear: the first of two batches
    assert score_motions(judge, batches[:1], half, "English").share <= 0.25


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
