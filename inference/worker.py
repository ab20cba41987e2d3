"""One model in one process, rendering one request after another.

A plain class: `inference.fleet` makes a Ray actor of it, `kinogram render` uses it as it is.
The model runs in one thread and the mp4 encoder in another, so that a clip is encoded while the
next is denoised, and the event loop stays free for cancels.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from inference import mark, mp4
from inference.entry import ModelEntry
from inference.footage import Footage
from inference.mp4 import Label
from inference.pipeline import Pipeline
from inference.preview import Previews
from inference.ranks import Ranks
from inference.values import (
    Clip,
    InferenceError,
    ModelUnavailable,
    Progress,
    RenderCancelled,
    Request,
    Stage,
)


class Worker:
    """Renders requests for one model. All methods but cancel() belong to one event loop."""

    def __init__(
        self,
        entry: ModelEntry,
        *,
        models_folder: Path | None = None,
        device: str = "cpu",
        threads: int | None = None,
        marked: bool = True,
        ranks: Ranks | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Name the model and where it runs; nothing is loaded yet.

        threads: for torch, in this process; None leaves the choice to torch.
        marked: whether clips bear the mark (inference/mark.py).
        ranks: with which this one, the first of them, shares the work; None for none.
        clock: Unix seconds, for the time in a clip's label.
        """
        self._entry = entry
        self._models_folder = models_folder
        self._device = device
        self._threads = threads
        self._marked = marked
        self._ranks = ranks
        self._clock = clock
        self._pipeline: Pipeline | None = None
        self._idle_since: float | None = None  # of the model, as perf_counter() tells it
        self._cancels: dict[str, threading.Event] = {}
        self._model_thread = ThreadPoolExecutor(1, "model")
        self._encode_thread = ThreadPoolExecutor(1, "encode")

    async def load(self) -> None:
        """Return when the model is ready and warm. Loading twice loads once.

        Raises: WorkerLost; ModelUnavailable, and may be tried again.
        """
        await asyncio.get_running_loop().run_in_executor(self._model_thread, self._load)

    def _load(self) -> None:
        if self._pipeline is None:
            if self._ranks is not None:
                self._ranks.join()
            pipeline = Pipeline.load(
                self._entry,
                models_folder=self._models_folder,
                device=self._device,
                threads=self._threads,
            )
            if self._ranks is not None:
                pipeline.share(self._ranks)
            pipeline.warm_up()
            self._pipeline = pipeline

    async def render(self, request: Request, *, key: str) -> AsyncIterator[Progress | Clip]:
        """Any number of Progress, then one Clip.

        key: names this render to cancel(). Leaving the iteration early cancels it.
        Raises: RequestRejected; RenderCancelled; OutOfMemory; EncodeError; WorkerLost after an
        error of the GPU (this process should end); ModelUnavailable before load(); InferenceError.
        """
        if key in self._cancels:
            raise InferenceError(f"{key} is being rendered already")
        cancel = self._cancels[key] = threading.Event()
        render = _Render(request, cancel)
        making = asyncio.create_task(self._make(render))
        making.add_done_callback(render.finish)
        try:
            while (progress := await render.progress.get()) is not None:
                yield progress
            clip = await making
            del self._cancels[key]
            yield clip
        finally:
            cancel.set()
            if self._cancels.get(key) is cancel:
                del self._cancels[key]
            making.cancel()

    async def _make(self, render: "_Render") -> Clip:
        loop = asyncio.get_running_loop()
        footage = await loop.run_in_executor(self._model_thread, self._denoise, render)
        return await loop.run_in_executor(self._encode_thread, self._encode, render, footage)

    def _denoise(self, render: "_Render") -> Footage:
        if self._pipeline is None:
            raise ModelUnavailable(f"{self._entry.title} is not loaded.")
        if self._idle_since is not None:
            render.idle_seconds = time.perf_counter() - self._idle_since
        try:
            return self._pipeline.render(
                render.request,
                on_progress=render.note,
                cancelled=render.cancel.is_set,
                previews=Previews(marked=self._marked),
            )
        finally:
            self._idle_since = time.perf_counter()

    def _encode(self, render: "_Render", footage: Footage) -> Clip:
        render.report(Progress(stage=Stage.ENCODE, step=0, steps=1))
        request, fps = render.request, self._entry.frames_per_second
        # The other clip ends with the first frame, and begins with the last one.
        footage = footage.without(int(request.continues), int(request.loops), fps)
        frames = footage.frames
        if self._marked:
            mark.draw(frames)
        label = Label(model=request.model, seed=request.seed, made_at=self._clock())
        data = mp4.encode(frames, fps, label, footage.sound)
        render.report(Progress(stage=Stage.ENCODE, step=1, steps=1))
        count, height, width, _ = frames.shape
        return Clip(
            mp4=data,
            width=width,
            height=height,
            seconds=count / fps,
            fps=fps,
            seed=request.seed,
            model=request.model,
            stage_seconds=render.stage_seconds(),
            idle_seconds=render.idle_seconds,
        )

    def cancel(self, key: str) -> bool:
        """Tell a render to stop: within one denoising step, or when its decode or encode ends.

        Any thread may call this. False when no render of that key is under way.
        """
        cancel = self._cancels.get(key)
        if cancel is not None:
            cancel.set()
        return cancel is not None

    def close(self) -> None:
        """Stop what is under way and end the threads when it has stopped."""
        for cancel in self._cancels.values():
            cancel.set()
        self._model_thread.shutdown(wait=False, cancel_futures=True)
        self._encode_thread.shutdown(wait=False, cancel_futures=True)


class _Render:
    """One request on its way through the two threads."""

    def __init__(self, request: Request, cancel: threading.Event) -> None:
        self.request = request
        self.cancel = cancel
        self.progress: asyncio.Queue[Progress | None] = asyncio.Queue()
        self.idle_seconds = 0.0  # of the model, before this
        self._loop = asyncio.get_running_loop()
        self._began: dict[Stage, float] = {}
        self._ended: dict[Stage, float] = {}

    def report(self, progress: Progress) -> None:
        """As note(), unless the render was told to stop."""
        if self.cancel.is_set():
            raise RenderCancelled("The render was told to stop.")
        self.note(progress)

    def note(self, progress: Progress) -> None:
        """Pass progress from a thread to the event loop, and note the time."""
        self._began.setdefault(progress.stage, time.perf_counter())
        self._ended[progress.stage] = time.perf_counter()
        self._loop.call_soon_threadsafe(self.progress.put_nowait, progress)

    def finish(self, making: asyncio.Task[Clip]) -> None:
        """No more progress comes; an end that nobody waits for any more is no one's error."""
        if not making.cancelled():
            making.exception()
        self.progress.put_nowait(None)

    def stage_seconds(self) -> dict[str, float]:
        """Wall seconds from the first to the last report of each stage."""
        return {stage.value: self._ended[stage] - began for stage, began in self._began.items()}
