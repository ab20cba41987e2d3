"""Pictures of a clip that is being denoised: what its first frame will show, as far as one can see.

Only of long renders, and few enough to cost next to nothing.
"""

import io
import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from inference import mark
from inference.entry import ModelEntry
from inference.footage import Frames

LONG_SECONDS = 20.0  # of denoising; whoever waits less sees the clip soon enough
GAP_SECONDS = 10.0
MOST_SHARE = 0.02  # of the time that the render takes
SIDE = 320  # pixels, at most
log = logging.getLogger(__name__)


class Previews:
    """The pictures of one render: offered after every step, made now and then."""

    def __init__(
        self, *, marked: bool = True, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Begin before the first step.

        marked: whether they bear the mark, as the clip does. clock: seconds.
        """
        self._marked = marked
        self._clock = clock
        self._began = 0.0
        self._latest = 0.0
        self._longest = 0.0  # that a picture took
        self._spent = 0.0
        self._failed = False

    def after_step(self, step: int, steps: int, look: Callable[[], Frames]) -> bytes | None:
        """A small JPEG of what `look` sees, when it is time for one.

        step: the one just done, from 0. look: gives (H, W, 3) uint8.
        """
        if step == 0:
            # The first step warms up; the others are measured from here.
            self._began = self._latest = self._clock()
            return None
        if self._failed or not self._is_time(step, steps):
            return None
        started = self._clock()
        try:
            jpeg = _small_jpeg(look(), marked=self._marked)
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            # The clip is what counts: a model that cannot be looked into is rendered all the same.
            log.warning("no preview can be made", exc_info=True)
            self._failed = True
            return None
        self._latest = self._clock()
        self._longest = max(self._longest, self._latest - started)
        self._spent += self._latest - started
        return jpeg

    def _is_time(self, step: int, steps: int) -> bool:
        now = self._clock()
        whole = (now - self._began) / step * steps
        return (
            step + 1 < steps  # after the last comes the clip
            and whole >= LONG_SECONDS
            and now - self._latest >= GAP_SECONDS
            # What one costs is known after the first.
            and self._spent + self._longest <= MOST_SHARE * whole
        )


def foresee(
    pipeline: Any, entry: ModelEntry, before: Any, latents: Any, step: int, size: tuple[int, int]
) -> Frames:
    """(H, W, 3) uint8: the first frame of the clip that a step of flow matching was heading for.

    From one level of noise to the next it went straight; further along that line all noise is gone
    (Liu et al. 2022, arXiv:2209.03003). One latent frame is decoded, the first.
    before, latents: of a diffusers pipeline, before and after that step, counted from 0.
    size: width and height of the clip.
    """
    import torch

    here, there = (float(pipeline.scheduler.sigmas[at]) for at in (step, step + 1))
    clean = latents - (latents - before) * (there / (there - here))
    vae = pipeline.vae
    first = _latent_frame(pipeline, clean, size).to(vae.dtype)  # (1, C, 1, h, w)
    known = dict(vae.config) | dict(vae.named_buffers())
    # HunyuanVideo has neither.
    mean, std = (
        torch.as_tensor(known.get(name, otherwise)).to(first).view(1, -1, 1, 1, 1)
        for name, otherwise in (("latents_mean", 0.0), ("latents_std", 1.0))
    )
    first = first * std / known.get("scaling_factor", 1.0) + mean
    timestep = []
    if known.get("timestep_conditioning"):
        timestep.append(torch.tensor([entry.options.get("decode_timestep", 0.0)]).to(first))
    frame = vae.decode(first, *timestep, return_dict=False)[0][0, :, 0].float()  # (3, H, W)
    if not torch.isfinite(frame).all():
        raise ValueError("numbers that are no picture")
    pixels = (frame.permute(1, 2, 0).clamp(-1, 1) + 1).mul(127.5).round()
    frames: Frames = pixels.to(torch.uint8).cpu().numpy()
    return frames


def _latent_frame(pipeline: Any, latents: Any, size: tuple[int, int]) -> Any:
    """The first frame of latents, (1, C, 1, h, w)."""
    if latents.ndim == 5:
        return latents[:, :, :1]
    # Tokens (1, N, C), frame after frame, in LTX; the pipeline itself reads them so.
    spatial = pipeline.transformer_spatial_patch_size
    temporal = pipeline.transformer_temporal_patch_size
    columns, rows = (side // pipeline.vae_spatial_compression_ratio for side in size)
    tokens = latents[:, : rows * columns // spatial**2]
    unpack = pipeline._unpack_latents
    return unpack(tokens, temporal, rows, columns, spatial, temporal)[:, :, :1]


def _small_jpeg(frame: Frames, *, marked: bool) -> bytes:
    picture = Image.fromarray(frame)
    picture.thumbnail((SIDE, SIDE))
    pixels = np.array(picture)[None]
    if marked:
        mark.draw(pixels)
    written = io.BytesIO()
    Image.fromarray(pixels[0]).save(written, "JPEG", quality=80, comment="AI-generated by Kinogram")
    return written.getvalue()
