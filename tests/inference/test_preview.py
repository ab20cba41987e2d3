"""Tests of the pictures that a long render shows on its way."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference import mark
from inference.catalog import find
from inference.footage import Frames
from inference.pipeline import Pipeline
from inference.preview import SIDE, Previews
from inference.values import InferenceError, Progress, Request, Stage
from tests.inference.entries import (
    ARCHITECTURES,
    TINY,
    TINY_COGVIDEOX,
    TINY_CONDITION,
    tiny_request,
)

# diffusers 0.42 hands a tensor to numpy in the old way when timesteps are given (LTXCondition).
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


class Clock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def render(
    pipeline: Pipeline, request: Request, *, step_seconds: float, marked: bool = True
) -> tuple[list[Progress], Frames]:
    """What a render says whose steps take that long, and its frames."""
    clock, seen = Clock(), list[Progress]()

    def hear(progress: Progress) -> None:
        seen.append(progress)
        if progress.stage is Stage.DENOISE and progress.step:
            clock.now += step_seconds

    frames = pipeline.render_frames(
        request,
        on_progress=hear,
        cancelled=lambda: False,
        previews=Previews(marked=marked, clock=clock),
    )
    return seen, frames


def pictures(seen: list[Progress]) -> list[Image.Image]:
    return [Image.open(io.BytesIO(item.picture)) for item in seen if item.picture is not None]


def likeness(picture: Image.Image, frame: Frames) -> float:
    """Correlation of a preview with a frame of its clip, 1 for the same picture."""
    small = np.asarray(Image.fromarray(frame).resize(picture.size), float)
    return float(np.corrcoef(np.asarray(picture, float).ravel(), small.ravel())[0, 1])


class Frank(Previews):
    """Looks after every step but the first, and keeps what it sees as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Frames] = []

    def after_step(self, step: int, steps: int, look: Callable[[], Frames]) -> bytes | None:
        if 0 < step < steps:
            self.seen.append(look())
        return None


@pytest.mark.parametrize(
    "entry",
    [entry for entry in ARCHITECTURES if entry is not TINY_COGVIDEOX],
    ids=lambda entry: entry.name,
)
def test_every_architecture_can_be_looked_into(entry, models_folder):
    # One latent frame, for decoders of random weights make another of a frame among others.
    pipeline = Pipeline.load(replace(entry, fewest_frames=1), models_folder=models_folder)
    request = tiny_request(model=entry.name, steps=8, seconds=0.1)
    looked, clip = Frank(), list[Frames]()
    for previews in (looked, None):
        frames = pipeline.render_frames(
            request, on_progress=lambda _: None, cancelled=lambda: False, previews=previews
        )
        clip.append(frames)
    assert np.array_equal(*clip), "to be looked at does not change a clip"
    alike = [np.corrcoef(seen.ravel(), clip[0][0].ravel())[0, 1] for seen in looked.seen]
    assert len(alike) == 7
    assert min(alike) > 0.9
    assert alike[-1] > 0.99


def test_a_model_without_a_straight_way_from_noise_to_clip_is_rendered_unseen(
    models_folder, caplog
):
    pipeline = Pipeline.load(TINY_COGVIDEOX, models_folder=models_folder)
    request = tiny_request(model=TINY_COGVIDEOX.name, steps=8)
    seen, frames = render(pipeline, request, step_seconds=30.0)
    assert not pictures(seen)
    assert "preview" not in caplog.text, "that is as it should be"
    plain = pipeline.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)
    assert np.array_equal(frames, plain)


def test_the_built_in_model_shows_what_its_clip_will_show() -> None:
    pipeline = Pipeline.load(find("builtin"))
    request = Request(prompt="a cat in the forest", seed=3, model="builtin", aspect_ratio="16:9")
    seen, frames = render(pipeline, request, step_seconds=10.0)
    shown = pictures(seen)
    assert [picture.size for picture in shown] == [(320, 175)] * 6
    assert all(max(picture.size) <= SIDE for picture in shown)
    likely = [likeness(picture, frames[0]) for picture in shown]
    assert likely[-1] > 0.9
    assert likely[-1] > likely[0] > 0.3, "and sees more with every step"
    marked = np.array(shown[-1])[None]
    before = marked.copy()
    mark.draw(marked)
    assert np.abs(marked.astype(int) - before).max() < 40, "it bears the mark already"


@pytest.mark.parametrize(
    ("steps", "step_seconds", "shown_at"),
    [
        (8, 2.0, []),  # a short render
        (8, 3.0, [5]),
        (40, 1.0, [11, 21, 31]),
        (6, 30.0, [2, 3, 4, 5]),
    ],
)
def test_long_renders_show_one_every_ten_seconds(steps, step_seconds, shown_at, models_folder):
    pipeline = Pipeline.load(TINY, models_folder=models_folder)
    seen, _ = render(pipeline, tiny_request(steps=steps), step_seconds=step_seconds)
    assert [item.step for item in seen if item.picture is not None] == shown_at


def test_they_cost_little_of_the_render_once_it_is_known_what_one_costs() -> None:
    def shown(cost: float) -> int:
        clock = Clock()

        def look() -> Frames:
            clock.now += cost
            return np.zeros((64, 64, 3), np.uint8)

        previews = Previews(clock=clock)
        made = 0
        for step in range(100):
            clock.now += 1.0
            made += previews.after_step(step, 100, look) is not None
        return made

    assert [shown(cost) for cost in (0.0, 0.4, 0.9, 3.0)] == [9, 5, 2, 1]


def test_a_render_from_a_picture_shows_none(models_folder: Path) -> None:
    pipeline = Pipeline.load(TINY_CONDITION, models_folder=models_folder)
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(picture, "PNG")
    request = tiny_request(model=TINY_CONDITION.name, steps=8, image=picture.getvalue())
    seen, _ = render(pipeline, request, step_seconds=10.0)
    assert pictures(seen) == []


def test_a_model_that_cannot_be_looked_into_is_rendered_all_the_same(
    models_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline = Pipeline.load(TINY, models_folder=models_folder)
    clock, seen = Clock(), list[Progress]()

    def hear(progress: Progress) -> None:
        seen.append(progress)
        clock.now += 10.0

    # Its autoencoder fails at that width, and so this render in the end.
    with pytest.raises(InferenceError):
        pipeline.render_frames(
            tiny_request(steps=8, aspect_ratio="bug"),
            on_progress=hear,
            cancelled=lambda: False,
            previews=Previews(clock=clock),
        )
    assert pictures(seen) == []
    assert [item.step for item in seen if item.stage is Stage.DENOISE] == list(range(9))
    assert len(caplog.records) == 1, "one warning, not one a step"
