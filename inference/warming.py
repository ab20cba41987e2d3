"""The first clips of a model, for nobody: what is slow once is done before anybody waits."""

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from inference import catalog
from inference.entry import ModelEntry
from inference.mp4 import as_png
from inference.speed import Speed
from inference.values import (
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    Request,
    Stage,
    WorkerLost,
)

STEPS = 3  # The first of them warms up or compiles; the others are like any.
Render = Callable[[Request, Callable[[Progress], None]], Any]
log = logging.getLogger(__name__)


def shape_of(entry: ModelEntry, request: Request) -> Hashable:
    """What the sizes of all tensors of a render follow from."""
    return (
        catalog.shape(entry, request.aspect_ratio),
        catalog.frames(entry, request.seconds),
        request.image is not None,
        request.last_image is not None,
    )


def warm_up(entry: ModelEntry, speed: Speed, render: Render, only: Request | None = None) -> None:
    """Return when a request will be as fast as those after it.

    The usual clip is made once, and so are all that people can choose when they are compiled for.
    render: makes a clip, telling of its progress.
    only: the clip to be ready for instead of all these.
    Raises: ModelUnavailable, when the model cannot make its usual clip; WorkerLost.
    """
    usual = (
        replace(only, steps=STEPS)
        if only is not None
        else Request(
            prompt="a clip",
            seed=0,
            model=entry.name,
            seconds=entry.default_seconds,
            aspect_ratio=entry.default_aspect_ratio,
            steps=STEPS,
        )
    )
    began = time.perf_counter()
    speed.pin(shape_of(entry, usual))
    try:
        speed.tune(lambda: _step_seconds(usual, render))
    except WorkerLost:
        raise
    except InferenceError as error:
        raise ModelUnavailable(f"{entry.title} cannot make a clip: {error}") from error
    others = _choosable(entry, usual) if speed.compiled else []
    # Nothing was rendered yet, if the model's table says what is fastest.
    for request in others if only is None else [usual]:
        speed.pin(shape_of(entry, request))
        try:
            render(request, lambda _: None)
        except OutOfMemory as error:
            log.warning("%s: a clip that people can choose: %s", entry.name, error)
    log.info("%s is warm: %s, %.1f s", entry.name, speed, time.perf_counter() - began)


def _step_seconds(request: Request, render: Render) -> float:
    """Seconds of a denoising step that is not the first."""
    import torch

    at: dict[int, float] = {}

    def note(progress: Progress) -> None:
        if progress.stage is Stage.DENOISE:
            if torch.cuda.is_available():
                torch.cuda.synchronize()  # It is told what to do long before it has done it.
            at[progress.step] = time.perf_counter()

    render(request, note)
    return min(at[step] - at[step - 1] for step in range(2, STEPS + 1))


def _choosable(entry: ModelEntry, usual: Request) -> list[Request]:
    """All shapes and lengths that people choose from, from words and from a picture."""
    found = []
    for ratio in entry.shapes:
        width, height = catalog.shape(entry, ratio)
        grey = as_png(np.full((height, width, 3), 128, np.uint8))
        for seconds in entry.choosable_seconds:
            request = replace(usual, aspect_ratio=ratio, seconds=seconds, steps=2)
            found.append(request)
            if entry.starts_from_picture:
                found.append(replace(request, image=grey))
            if entry.ends_on_picture:
                found.append(replace(request, image=grey, last_image=grey))
    return found
