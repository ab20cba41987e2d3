"""The seconds of one clip by stage, as Kinogram renders it and as diffusers does."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference import mp4
from inference.footage import Footage
from inference.measuring.arithmetic import wait
from inference.measuring.plain import Plain
from inference.pipeline import Pipeline
from inference.plan import GIB
from inference.values import ModelUnavailable, Progress, Request, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Seconds of one clip. steps: of each denoising step. forwards: of all transformers.

    decode: until the frames are in main memory. peak_gib: of the GPU's memory; 0 without one.
    """

    text: float
    steps: tuple[float, ...]
    decode: float
    encode: float
    forwards: int
    peak_gib: float

    @property
    def model_seconds(self) -> float:
        """What the model takes, without the mp4."""
        return self.text + sum(self.steps) + self.decode


class Clock:
    """Measures clips. The device is waited for after every step, so that each has its own time."""

    def __init__(self, pipeline: Pipeline, words: Any, plain: Plain | None, device: str) -> None:
        import torch

        self._pipeline = pipeline
        self._plain = plain
        self._device = device
        self._transformers = [
            part
            for owner in ((words,) if plain is None else (words, plain.words))
            for name, part in owner.components.items()
            if name.startswith("transformer") and part is not None
        ]
        self.dtype = next(
            parameter.dtype for parameter in words.transformer.parameters() if parameter.dim() > 1
        )
        self.threads = torch.get_num_threads()
        self.name = torch.cuda.get_device_name(device) if device != "cpu" else "cpu"

    def kinogram(self, request: Request) -> Measurement:
        """As the service renders it."""
        marks = _Marks(self._device)

        def note(progress: Progress) -> None:
            if progress.stage is Stage.DENOISE:
                marks.add()

        return self._measured(
            marks,
            lambda: self._pipeline.render(request, on_progress=note, cancelled=lambda: False),
        )

    def plain(self, request: Request) -> Measurement:
        """As diffusers renders it."""
        marks = _Marks(self._device)
        plain = self._plain
        if plain is None:
            raise ModelUnavailable("There is no plain call to measure.")

        def render() -> Footage:
            frames = plain.render(
                self._pipeline, request, before_forward=marks.add_first, after_step=marks.add
            )
            return Footage(frames=frames)

        return self._measured(marks, render)

    def _measured(self, marks: "_Marks", render: Callable[[], Footage]) -> Measurement:
        import torch

        forwards = 0

        def count(*_: Any) -> None:
            nonlocal forwards
            forwards += 1

        # One transformer may stand in both pipelines.
        each = {id(part): part for part in self._transformers}.values()
        hooks = [part.register_forward_pre_hook(count) for part in each]
        on_gpu = self._device != "cpu"
        if on_gpu:
            torch.cuda.reset_peak_memory_stats(self._device)
        try:
            began = marks.now()
            footage = render()
            ended = marks.now()
        finally:
            for hook in hooks:
                hook.remove()
        peak = torch.cuda.max_memory_allocated(self._device) / GIB if on_gpu else 0.0
        fps = self._pipeline.entry.frames_per_second
        encoding = time.perf_counter()
        mp4.encode(footage.frames, fps, sound=footage.sound)
        encode = time.perf_counter() - encoding
        at = marks.times
        return Measurement(
            text=at[0] - began,
            steps=tuple(after - before for before, after in itertools.pairwise(at)),
            decode=ended - at[-1],
            encode=encode,
            forwards=forwards,
            peak_gib=peak,
        )


class _Marks:
    """Times, in seconds, when the device had done all it was told."""

    def __init__(self, device: str) -> None:
        self.times: list[float] = []
        self._device = device

    def now(self) -> float:
        wait(self._device)
        return time.perf_counter()

    def add(self) -> None:
        self.times.append(self.now())

    def add_first(self) -> None:
        if not self.times:
            self.add()
