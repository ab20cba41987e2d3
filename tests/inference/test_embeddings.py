"""Tests that no text is encoded twice, and that nobody can tell by the clip."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

from inference import loading
from inference.embeddings import Embeddings
from inference.pipeline import Pipeline
from inference.values import Progress, RenderCancelled, Stage
from tests.inference.entries import (
    ARCHITECTURES,
    TINY,
    TINY_COGVIDEOX,
    TINY_CONDITION,
    TINY_LTX2,
    TINY_WAN,
    tiny_request,
)

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@dataclass
class Encoder:
    """A diffusers pipeline, and how often its text encoder was called."""

    diffusion: Any
    calls: int = 0
    texts: dict[str, Any] = field(default_factory=lambda: {"device": torch.device("cpu")})

    def __post_init__(self) -> None:
        self.diffusion.text_encoder.register_forward_pre_hook(self._called)

    def _called(self, _module: Any, _inputs: Any) -> None:
        self.calls += 1

    def encode(self, prompt: Any, **changes: Any) -> tuple[Any, ...]:
        with torch.inference_mode():
            return tuple(self.diffusion.encode_prompt(prompt, **(self.texts | changes)))


@pytest.fixture(
    params=[TINY, TINY_CONDITION, TINY_WAN, TINY_COGVIDEOX, TINY_LTX2], ids=lambda entry: entry.name
)
def encoder(request: pytest.FixtureRequest, models_folder: Path) -> Encoder:
    """One of each way to encode a text."""
    return Encoder(loading.load(request.param, models_folder).words)


def same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(
        (a is None and b is None) or (a.dtype == b.dtype and torch.equal(a, b))
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"negative_prompt": "blurry"},
        {"negative_prompt": None},
        {"negative_prompt": "blurry", "do_classifier_free_guidance": False},
        {"negative_prompt": "", "max_sequence_length": 16},
    ],
    ids=["negative", "none", "no-guidance", "short"],
)
def test_texts_are_encoded_once_and_to_the_same_numbers(encoder, asked):
    plain = encoder.encode("a cat", **asked)
    Embeddings().attach(encoder.diffusion)
    first = encoder.encode("a cat", **asked)
    calls = encoder.calls
    again = encoder.encode("a cat", **asked)
    assert encoder.calls == calls
    assert same(plain, first)
    assert same(plain, again)


def test_the_negative_prompt_is_kept_for_other_prompts_and_swaps_with_them(encoder):
    plain = encoder.encode("blurry", negative_prompt="a dog")
    Embeddings().attach(encoder.diffusion)
    encoder.calls = 0
    encoder.encode("a cat", negative_prompt="blurry")
    assert encoder.calls == 2
    encoder.encode("a dog", negative_prompt="blurry")
    assert encoder.calls == 3, "only the dog is new"
    assert same(plain, encoder.encode("blurry", negative_prompt="a dog"))
    assert encoder.calls == 3


def test_another_length_is_another_encoding(encoder):
    Embeddings().attach(encoder.diffusion)
    long = encoder.encode("a cat", max_sequence_length=32)
    assert encoder.encode("a cat", max_sequence_length=16)[0].shape != long[0].shape


def test_what_is_given_out_can_be_changed_without_harm(encoder):
    Embeddings().attach(encoder.diffusion)
    for _ in range(3):
        given = encoder.encode("a cat", negative_prompt="blurry")
        assert given[0].abs().sum() > 0
        with torch.inference_mode():
            given[0].zero_()


def test_given_encodings_and_lists_of_texts_pass_by(encoder):
    kept = Embeddings()
    kept.attach(encoder.diffusion)
    both = encoder.encode(["a cat", "a dog"], do_classifier_free_guidance=False)
    assert both[0].shape[0] == 2
    names = ("prompt_embeds", "prompt_attention_mask")[: len(both) // 2]
    given = dict(zip(names, both, strict=False))
    assert encoder.encode(None, **given, do_classifier_free_guidance=False)[0] is both[0]
    assert kept.bytes == 0


def test_the_text_not_asked_for_longest_makes_room(encoder):
    measure = Embeddings()
    plain = encoder.diffusion.encode_prompt
    measure.attach(encoder.diffusion)
    encoder.encode("one", do_classifier_free_guidance=False)
    encoder.diffusion.encode_prompt = plain
    kept = Embeddings(most_bytes=2 * measure.bytes)
    kept.attach(encoder.diffusion)
    encoder.calls = 0
    for prompt in ("one", "two", "one", "three", "one"):
        encoder.encode(prompt, do_classifier_free_guidance=False)
        assert kept.bytes <= 2 * measure.bytes
    assert encoder.calls == 3
    encoder.encode("two", do_classifier_free_guidance=False)
    assert encoder.calls == 4, "it had gone"


def test_what_is_larger_than_all_room_is_not_kept_and_drives_nothing_out(encoder):
    kept = Embeddings(most_bytes=1)
    kept.attach(encoder.diffusion)
    encoder.calls = 0
    for _ in range(2):
        encoder.encode("one", do_classifier_free_guidance=False)
    assert encoder.calls == 2
    assert kept.bytes == 0


@pytest.mark.parametrize("entry", ARCHITECTURES, ids=lambda entry: entry.name)
def test_a_repeated_prompt_tells_the_same_progress_and_can_be_cancelled(entry, models_folder):
    diffusion = loading.load(entry, models_folder)
    encoder = Encoder(diffusion.words)
    pipeline = Pipeline(entry, diffusion)
    request = tiny_request(model=entry.name)
    told: list[list[Progress]] = []
    clips = []
    for _ in range(2):
        calls = encoder.calls
        told.append([])
        clips.append(
            pipeline.render_frames(request, on_progress=told[-1].append, cancelled=lambda: False)
        )
    assert encoder.calls == calls
    assert told[0] == told[1]
    assert (clips[0] == clips[1]).all()
    begun = Progress(stage=Stage.TEXT, step=0, steps=1)
    heard: list[Progress] = []
    with pytest.raises(RenderCancelled):
        pipeline.render_frames(request, on_progress=heard.append, cancelled=lambda: begun in heard)
    assert heard == [begun]
