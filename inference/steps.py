"""Progress, previews and cancellation of one render, as diffusers calls back."""

import math
from collections.abc import Callable
from typing import Any

from inference import catalog
from inference.entry import ModelEntry
from inference.footage import Frames
from inference.preview import Previews, foresee
from inference.values import Progress, RenderCancelled, Request, Stage

VARIATION = 0.35  # radians from the noise of the seed towards that of the variation


class Run:
    """One render, from its first word of progress to its last."""

    def __init__(
        self,
        entry: ModelEntry,
        request: Request,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        previews: Previews | None,
    ) -> None:
        """Begin; the parameters are those of Pipeline.render_frames()."""
        self.steps = catalog.denoising_steps(entry, request)
        self._entry = entry
        self._request = request
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._previews = previews
        self._latents: Any = None  # after the latest step
        self._denoising = False

    def report(self, stage: Stage, step: int, steps: int, picture: bytes | None = None) -> None:
        """Pass progress on, unless the render was told to stop."""
        self._stop_if_cancelled()
        self._on_progress(Progress(stage=stage, step=step, steps=steps, picture=picture))

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise RenderCancelled("The render was told to stop.")

    def before_forward(self, _module: Any, _inputs: Any) -> None:
        """The transformer's first call is where the text ends and denoising begins."""
        self._stop_if_cancelled()
        if not self._denoising:
            self._denoising = True
            self.report(Stage.TEXT, 1, 1)
            self.report(Stage.DENOISE, 0, self.steps)

    def after_step(self, pipeline: Any, step: int, _time: Any, values: dict[str, Any]) -> Any:
        """One step is done (`callback_on_step_end`); after the last one the decode begins."""
        self.steps = pipeline.num_timesteps
        if values["latents"].is_cuda:
            _wait_for_gpu()  # It is told steps ahead: progress would come early and a cancel late.
        self._stop_if_cancelled()  # before the time that a preview takes
        if step == 0 and self._request.variation is not None and self.steps > 1:
            values["latents"] = _varied(values["latents"], self._request.variation)
        self.report(
            Stage.DENOISE, step + 1, self.steps, self._preview(pipeline, step, values["latents"])
        )
        if step + 1 == self.steps:
            self.report(Stage.DECODE, 0, 1)
        return values

    def _preview(self, pipeline: Any, step: int, latents: Any) -> bytes | None:
        before, self._latents = self._latents, latents
        # Without levels of noise there is no straight way to look along (CogVideoX).
        if self._previews is None or not hasattr(pipeline.scheduler, "sigmas"):
            return None
        size = catalog.shape(self._entry, self._request.aspect_ratio)

        def look() -> Frames:
            return foresee(pipeline, self._entry, before, latents, step, size)

        return self._previews.after_step(step, self.steps, look)


def _wait_for_gpu() -> None:
    import torch

    torch.cuda.current_stream().synchronize()


def _varied(latents: Any, seed: int) -> Any:
    """Latents that are nearly all noise still, with a little of other noise, as strong as before.

    No pipeline has to know of it: `callback_on_step_end` may change the latents.
    """
    import torch

    generator = torch.Generator("cpu").manual_seed(seed)
    noise = torch.randn(latents.shape, generator=generator, dtype=torch.float32).to(latents)
    return math.cos(VARIATION) * latents + math.sin(VARIATION) * noise
