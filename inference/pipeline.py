"""A diffusers video pipeline: loaded once, then run for one request after another.

Every model takes this one path. Torch and diffusers are imported when a pipeline is loaded, so
that the conversation, which only hands requests on, never pays for them.
"""

import math
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from inference import catalog
from inference.entry import ModelEntry
from inference.mp4 import Frames
from inference.pictures import fitted
from inference.preview import Previews, foresee
from inference.values import (
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    RenderCancelled,
    Request,
    Stage,
    WorkerLost,
)

_PACKAGE = Path(__file__).parent
VARIATION = 0.35  # radians from the noise of the seed towards that of the variation


def find_weights(entry: ModelEntry, models_folder: Path | None) -> str:
    """Where diffusers is to load the model from: a folder, or a repository of the hub.

    The operator's own copy, `models_folder/<name>`, comes first, then what the package ships.
    """
    folders = [_PACKAGE / entry.source]
    if models_folder is not None:
        folders.insert(0, models_folder / entry.name)
    for folder in folders:
        if (folder / "model_index.json").is_file():
            return str(folder.resolve())
    return entry.source


def inference_error(error: Exception) -> InferenceError:
    """What a failure inside torch or diffusers means to whoever asked for the clip.

    OutOfMemory when memory ran out; WorkerLost after a CUDA error, which leaves the process
    without a usable device; InferenceError otherwise.
    """
    import torch

    text = str(error)
    if isinstance(error, InferenceError):
        return error
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in text:
        return OutOfMemory(f"The clip does not fit this worker's memory: {text}")
    if isinstance(error, torch.AcceleratorError) or "CUDA error" in text:
        return WorkerLost(f"The GPU failed: {text}")
    return InferenceError(f"{type(error).__name__}: {text}")


class Pipeline:
    """One model in memory. Not for two threads at once."""

    def __init__(self, entry: ModelEntry, diffusion: Any) -> None:
        """Take over a diffusers pipeline (`diffusion`) that is already on its device."""
        self.entry = entry
        self._diffusion = diffusion

    @classmethod
    def load(
        cls,
        entry: ModelEntry,
        *,
        models_folder: Path | None = None,
        device: str = "cpu",
        threads: int | None = None,
    ) -> Self:
        """Load a model onto a device ("cpu", "cuda").

        Safetensors only, and never code from the hub. Quiets diffusers and transformers in this
        process, and gives torch `threads` threads where that is asked for.
        Raises: ModelUnavailable, when the weights cannot be found or loaded.
        """
        import diffusers
        import torch
        import transformers
        from safetensors import SafetensorError

        diffusers.utils.logging.set_verbosity_error()
        diffusers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        if threads is not None:
            torch.set_num_threads(threads)
        weights = find_weights(entry, models_folder)
        dtypes = {
            "default": getattr(torch, entry.dtype),
            "vae": getattr(torch, entry.decoder_dtype),
        }
        try:
            for module in entry.modules:
                import_module(module)
            diffusion = diffusers.DiffusionPipeline.from_pretrained(
                weights,
                revision=entry.revision or None,
                dtype=dtypes,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=Path(weights).is_absolute(),
            ).to(device)
        except (
            ArithmeticError,
            AssertionError,
            AttributeError,
            ImportError,
            LookupError,
            OSError,
            RuntimeError,
            SafetensorError,
            TypeError,
            ValueError,
        ) as error:
            raise ModelUnavailable(
                f"{entry.title} cannot be loaded from {weights}: {_first_line(error)}"
            ) from error
        diffusion.set_progress_bar_config(disable=True)
        return cls(entry, diffusion)

    def render_frames(
        self,
        request: Request,
        *,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        previews: Previews | None = None,
    ) -> Frames:
        """(T, H, W, 3) uint8 RGB; the same seed on the same processor gives the same frames.

        on_progress: told of text, denoise and decode, in the thread that runs this.
        cancelled: asked before and after every denoising step, and after the decode.
        previews: of this render, for the progress to show; None for none.
        Raises: RequestRejected; RenderCancelled; OutOfMemory; WorkerLost; InferenceError.
        The pipeline stays usable after all of them but WorkerLost.
        """
        import torch

        catalog.check(self.entry, request)
        if request.image is not None:
            previews = None  # They would show that picture.
        run = _Run(self.entry, request, on_progress, cancelled, previews)
        width, height = catalog.shape(self.entry, request.aspect_ratio)
        options: dict[str, Any] = dict(self.entry.options)
        num_frames = catalog.frames(self.entry, request.seconds)
        options |= _pictures(request, width, height, num_frames)
        hook = self._diffusion.transformer.register_forward_pre_hook(run.before_forward)
        try:
            run.report(Stage.TEXT, 0, 1)
            with torch.inference_mode():
                video = self._diffusion(
                    prompt=request.prompt,
                    negative_prompt=catalog.negative_prompt(self.entry, request),
                    width=width,
                    height=height,
                    num_frames=num_frames,
                    num_inference_steps=run.steps,
                    guidance_scale=self.entry.guidance_scale,
                    generator=torch.Generator("cpu").manual_seed(request.seed),
                    output_type="pt",
                    callback_on_step_end=run.after_step,
                    **options,
                ).frames[0]  # (T, 3, H, W), 0 to 1
                if not torch.isfinite(video).all():
                    raise InferenceError("The model made numbers that are no picture.")
                pixels = video.permute(0, 2, 3, 1).mul(255).round().to(torch.uint8).cpu().numpy()
            run.report(Stage.DECODE, 1, 1)
        except (RuntimeError, MemoryError, ValueError, TypeError, OSError) as error:
            raise inference_error(error) from error
        finally:
            hook.remove()
        frames: Frames = pixels
        return frames


class _Run:
    """Progress and cancellation of one render, as diffusers calls back."""

    def __init__(
        self,
        entry: ModelEntry,
        request: Request,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        previews: Previews | None,
    ) -> None:
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
        if self._previews is None or self._cancelled():
            return None
        if latents.is_cuda:
            _wait_for_gpu()  # It is told steps ahead, and what it costs to look is measured.
        size = catalog.shape(self._entry, self._request.aspect_ratio)

        def look() -> Frames:
            return foresee(pipeline, self._entry, before, latents, step, size)

        return self._previews.after_step(step, self.steps, look)


def _pictures(request: Request, width: int, height: int, num_frames: int) -> dict[str, Any]:
    """Arguments for diffusers: the frames that are given."""
    if request.image is None:
        return {}
    first = fitted(request.image, width, height)
    if request.last_image is None:
        return {"image": first}
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    # Not as a list of images, of which diffusers 0.42 takes the first alone.
    last = fitted(request.last_image, width, height)
    at = {0: first, num_frames - 1: last}
    return {"conditions": [LTXVideoCondition(image=at[i], frame_index=i) for i in at]}


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


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
