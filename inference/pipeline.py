"""A diffusers video pipeline: loaded once, then run for one request after another.

Every model takes this one path. Torch and diffusers are imported when a pipeline is loaded, so
that the conversation, which only hands requests on, never pays for them.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from inference import catalog, loading, parting, placement, warming
from inference.diffusion import Diffusion
from inference.embeddings import Embeddings
from inference.entry import ModelEntry
from inference.footage import Footage, Frames, Sound
from inference.pictures import fitted
from inference.plan import Plan, choose, gentler
from inference.preview import Previews
from inference.ranks import Ranks
from inference.speed import Speed
from inference.steps import Run
from inference.values import (
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    Request,
    Stage,
    WorkerLost,
)

log = logging.getLogger(__name__)


# In the words of torch, cuBLAS and cuDNN, whose errors are mostly of one class. After the first
# kind the device is as it was; after the others nothing that runs in this process can be trusted.
_NO_MEMORY = ("allocate memory", "STATUS_ALLOC_FAILED", "CUDA error: out of memory")
_NO_DEVICE = ("CUDA error", "cuDNN error", "NCCL error")
_NO_KERNEL = "STATUS_NOT_SUPPORTED"  # of cuBLAS or cuDNN, for these shapes; nothing was begun


def inference_error(error: Exception) -> InferenceError:
    """What a failure inside torch or diffusers means to whoever asked for the clip.

    OutOfMemory when memory ran out; WorkerLost after an error of the GPU, which leaves the process
    without a usable device; InferenceError otherwise.
    """
    import torch

    text = str(error)
    if isinstance(error, InferenceError):
        return error
    short = any(words in text for words in _NO_MEMORY)
    if short or isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return OutOfMemory(f"The clip does not fit this worker's memory: {text}")
    lost = isinstance(error, torch.AcceleratorError) or any(words in text for words in _NO_DEVICE)
    if lost and _NO_KERNEL not in text:
        return WorkerLost(f"The GPU failed: {text}")
    return InferenceError(f"{type(error).__name__}: {text}")


class Pipeline:
    """One model in memory. Not for two threads at once."""

    def __init__(self, entry: ModelEntry, diffusion: Diffusion, *, device: str = "cpu") -> None:
        """Take over diffusers pipelines and put them on their device.

        Raises: ModelUnavailable, when it does not fit there, or its level of quality needs what is
        not there; WorkerLost.
        """
        self.entry = entry
        self._diffusion = diffusion
        self._device = device
        needs = placement.needs(diffusion.words, entry.memory_gib)
        self._speed = Speed(entry, diffusion.words, device)
        # In 8 bits weights take half of what they took.
        self._needs = replace(needs, weights=placement.weights_gib(diffusion.words))
        self.plan = choose(self._needs, placement.room_gib(diffusion.words, device))
        log.info("%s on %s: %s", entry.name, device, self.plan)
        self._placed = self.plan
        self._ranks: Ranks | None = None
        self._embeddings = Embeddings()
        for pipeline in diffusion.pipelines:
            self._embeddings.attach(pipeline)
        try:
            placement.place(diffusion.words, self.plan, device)
        except RuntimeError as error:
            meaning = inference_error(error)
            if isinstance(meaning, WorkerLost):
                raise meaning from error
            raise ModelUnavailable(f"{entry.title} does not fit {device}: {meaning}") from error

    @classmethod
    def load(
        cls,
        entry: ModelEntry,
        *,
        models_folder: Path | None = None,
        device: str = "cpu",
        threads: int | None = None,
    ) -> Self:
        """Load a model onto a device ("cpu", "cuda"); see inference.loading.

        Raises: ModelUnavailable, when there is no such device, or the weights cannot be found or
        loaded; WorkerLost.
        """
        placement.expect(device)
        return cls(entry, loading.load(entry, models_folder, threads=threads), device=device)

    def share(self, ranks: Ranks) -> None:
        """Have every forward shared with other processes; returns when all of them can.

        On a CPU, where diffusers 0.42 cannot, each of them computes it whole.
        Raises: ModelUnavailable, when diffusers does not know how to part this model.
        """
        self._speed.decide_nothing()
        if self._device.startswith("cuda"):
            parting.part(self._diffusion.words, self._needs.transformers, ranks.size)
        self._ranks = ranks
        ranks.wait_for_all()

    def without_speed(self) -> contextlib.AbstractContextManager[None]:
        """For a measurement: the components as they are in diffusers' plain call."""
        return self._speed.set_aside()

    def warm_up(self, only: Request | None = None) -> None:
        """Return when a request will be as fast as those after it; nothing needs it to work.

        only: the one request to be made ready for; None for all that
        people can choose.
        Raises: ModelUnavailable, when the model cannot make a clip; WorkerLost.
        """
        warming.warm_up(
            self.entry,
            self._speed,
            lambda request, on_progress: self.render(
                request, on_progress=on_progress, cancelled=lambda: False
            ),
            only,
        )

    def __str__(self) -> str:
        """For logs and people: the level of quality, what makes it fast, and how it is held."""
        return f"{self.entry.quality}: {self._speed}; {self.plan}"

    def render_frames(
        self,
        request: Request,
        *,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        previews: Previews | None = None,
    ) -> Frames:
        """The pictures of render() alone, (T, H, W, 3) uint8 RGB."""
        return self.render(
            request, on_progress=on_progress, cancelled=cancelled, previews=previews
        ).frames

    def render(
        self,
        request: Request,
        *,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        previews: Previews | None = None,
    ) -> Footage:
        """What the model makes of a request; the same seed on the same processor gives the same.

        on_progress: told of text, denoise and decode, in the thread that runs this.
        cancelled: asked before and after every denoising step, and after the decode.
        previews: of this render, for the progress to show; None for none.
        Where memory runs out it is tried once more in a way that takes less, from the beginning,
        unless other ranks share the work.
        Raises: RequestRejected; RenderCancelled; OutOfMemory; WorkerLost; InferenceError.
        The pipeline stays usable after all of them but WorkerLost.
        """
        if self._ranks is not None:  # They would not try it once more with this one.
            with self._ranks.in_step(request, on_progress, cancelled) as (report, stop):
                return self._rendered(request, report, stop, previews)
        try:
            return self._rendered(request, on_progress, cancelled, previews)
        except OutOfMemory as error:
            log.warning("%s; once more, with less", error)
        # Not before the error is gone, for its traceback holds what filled the memory.
        with self._held_gently():
            return self._rendered(request, on_progress, cancelled, previews)

    @contextlib.contextmanager
    def _held_gently(self) -> Iterator[None]:
        """Hold the model so that it takes less memory, and then as before.

        Raises: WorkerLost, when that cannot be done.
        """
        plan = gentler(self._needs, self.plan)
        log.info("%s: %s", self.entry.name, plan)
        self.hold(plan)
        try:
            yield
        except WorkerLost:
            raise  # and let this process go
        except BaseException:
            self.hold(self.plan)
            raise
        self.hold(self.plan)

    def hold(self, plan: Plan) -> None:
        """Hold the model in another way from now on. Raises: WorkerLost, when that cannot be."""
        placement.give_back_memory()
        if plan == self._placed:
            return
        try:
            placement.place(self._diffusion.words, plan, self._device)
        except RuntimeError as error:
            raise WorkerLost(f"The model cannot be held in another way: {error}") from error
        self._placed = plan

    def _rendered(
        self,
        request: Request,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        previews: Previews | None,
    ) -> Footage:
        """As render(), tried once."""
        import torch

        catalog.check(self.entry, request)
        if request.image is not None:
            previews = None  # They would show that picture.
        run = Run(self.entry, request, on_progress, cancelled, previews)
        width, height = catalog.shape(self.entry, request.aspect_ratio)
        num_frames = catalog.frames(self.entry, request.seconds)
        pictures = _pictures(request, width, height, num_frames)
        self._speed.begin()
        shape = warming.shape_of(self.entry, request)
        # What streams a layer's weights cannot be compiled into it.
        streamed = set(self._placed.streamed).intersection(self._needs.transformers)
        try:
            run.report(Stage.TEXT, 0, 1)
            with self._speed.for_shape(None if streamed else shape), torch.inference_mode():
                video, sound = self._diffusion(
                    pictures=pictures,
                    options=self.entry.options,
                    guidance_scale=self.entry.guidance_scale,
                    before_forward=run.before_forward,
                    after_step=run.after_step,
                    prompt=request.prompt,
                    negative_prompt=catalog.negative_prompt(self.entry, request),
                    width=width,
                    height=height,
                    num_frames=num_frames,
                    num_inference_steps=run.steps,
                    generator=torch.Generator("cpu").manual_seed(request.seed),
                )  # (T, 3, H, W), 0 to 1
                if not torch.isfinite(video).all():
                    raise InferenceError("The model made numbers that are no picture.")
                pixels = _in_main_memory(video.permute(0, 2, 3, 1).mul(255).round().to(torch.uint8))
            run.report(Stage.DECODE, 1, 1)
        except (RuntimeError, MemoryError, ValueError, TypeError, OSError) as error:
            raise inference_error(error) from error
        return Footage(frames=pixels.numpy(), sound=self._sound(sound))

    def _sound(self, samples: Any) -> Sound | None:
        import torch

        if samples is None or not self.entry.makes_sound:
            return None
        samples = samples.float().nan_to_num(0.0).clamp(-1.0, 1.0).mul(32767).round()
        return Sound(samples=samples.to(torch.int16).cpu().numpy(), rate=self._diffusion.sound_rate)


def _in_main_memory(pixels: Any) -> Any:
    """The same tensor where the encoder reads it; the GPU, with the next job waiting, copies fast.

    To pinned memory, which torch keeps for the next time, goes several times what goes to other.
    """
    import torch

    if not pixels.is_cuda:
        return pixels
    return torch.empty_like(pixels, device="cpu", pin_memory=True).copy_(pixels)


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
