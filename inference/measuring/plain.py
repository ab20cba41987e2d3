"""diffusers' plain call over the components of a pipeline that has been made faster."""

import contextlib
import copy
from collections.abc import Callable
from typing import Any

from inference import catalog
from inference.diffusion import Diffusion
from inference.entry import ModelEntry
from inference.footage import Frames
from inference.pipeline import Pipeline, inference_error
from inference.quality import LEVELS
from inference.values import Request


class Plain:
    """The same weights and steps, and nothing of what Kinogram does besides."""

    def __init__(self, entry: ModelEntry, words: Any, device: str) -> None:
        """Share a diffusers pipeline's components, before a Pipeline takes it over.

        Where its transformers will be changed for good (8 bits), they are copied.
        Raises: MemoryError or RuntimeError, when there is no room for that.
        """
        has = dict(words.components)
        if LEVELS[entry.quality].fp8:
            has |= {
                name: copy.deepcopy(part).to(device)
                for name, part in has.items()
                if name.startswith("transformer") and part is not None
            }
        scheduler = has["scheduler"]
        has["scheduler"] = type(scheduler).from_config(scheduler.config)
        settings = {
            name: value
            for name, value in words.config.items()
            if name not in has and not name.startswith("_")
        }
        self.words = type(words)(**has, **settings)
        self.words.set_progress_bar_config(disable=True)
        self._diffusion = Diffusion(self.words)
        self._entry = entry

    def render(
        self,
        pipeline: Pipeline,
        request: Request,
        *,
        before_forward: Callable[[], None] = lambda: None,
        after_step: Callable[[], None] = lambda: None,
    ) -> Frames:
        """Frames (T, H, W, 3) uint8 of a request from words, the pipeline's speed set aside.

        Raises: InferenceError.
        """
        import torch

        def told(_pipeline: Any, _step: int, _time: Any, values: dict[str, Any]) -> Any:
            after_step()
            return values

        decoder = self.words.vae
        held = decoder.dtype
        width, height = catalog.shape(self._entry, request.aspect_ratio)
        with pipeline.without_speed(), contextlib.ExitStack() as stack, torch.no_grad():
            decoder.to(getattr(torch, self._entry.decoder_dtype))
            stack.callback(decoder.to, held)
            try:
                video, _ = self._diffusion(
                    pictures={},
                    options=self._entry.options,
                    guidance_scale=self._entry.guidance_scale,
                    before_forward=lambda *_: before_forward(),
                    after_step=told,
                    prompt=request.prompt,
                    negative_prompt=catalog.negative_prompt(self._entry, request),
                    width=width,
                    height=height,
                    num_frames=catalog.frames(self._entry, request.seconds),
                    num_inference_steps=catalog.denoising_steps(self._entry, request),
                    generator=torch.Generator("cpu").manual_seed(request.seed),
                )  # (T, 3, H, W), 0 to 1
                pixels = video.permute(0, 2, 3, 1).mul(255).round().to(torch.uint8)
                frames: Frames = pixels.cpu().numpy()
            except (RuntimeError, MemoryError, ValueError, TypeError, OSError) as error:
                raise inference_error(error) from error
        return frames
