"""How true the built-in model is to pictures: its autoencoder, a given first frame, a clip gone on.

Also how fast it is, from prompt to mp4. All through inference/pipeline.py, as the service does it.
"""

import random
import statistics
import time
from pathlib import Path

import numpy as np
import torch

from inference import catalog
from inference.autoencoder import LayeredAutoencoder
from inference.compositor import compose
from inference.footage import Frames
from inference.mp4 import as_png, encode
from inference.pipeline import Pipeline
from inference.training.captions import english
from inference.training.fit_autoencoder import psnr
from inference.training.motions import FRAMES_PER_SECOND
from inference.training.staging import stage
from inference.training.stories import SHAPES, Story
from inference.training.world import Clip, Picture, exact_layers
from inference.values import Request

TIMED_CLIPS = 5
ENTRY = catalog.find("builtin")


def autoencoder_psnr(
    autoencoder: LayeredAutoencoder, stories: list[Story], pictures: dict[str, Picture], seed: int
) -> float:
    """Mean PSNR in dB of whole clips of these stories, their layers encoded and decoded."""
    chooser = random.Random(seed)
    values = []
    for story in stories:
        clip = Clip(story=story, staging=stage(story, SHAPES[0], chooser), shape=SHAPES[0])
        layers = exact_layers([clip], pictures)
        first = autoencoder.encode_layers(layers)
        tokens = torch.cat([first, autoencoder.track_tokens(layers.tracks)], dim=1)
        latents = autoencoder.to_latents(tokens, (2, SHAPES[0][1], SHAPES[0][0]))
        decoded = compose(autoencoder.layers(latents), FRAMES_PER_SECOND)
        values.append(psnr(decoded, compose(layers, FRAMES_PER_SECOND)))
    return statistics.mean(values)


def render(pipeline: Pipeline, prompt: str, seed: int, image: bytes | None = None) -> Frames:
    """A clip as the service renders it."""
    request = Request(prompt=prompt, seed=seed, model=ENTRY.name, image=image)
    return pipeline.render_frames(request, on_progress=lambda _: None, cancelled=lambda: False)


def frame_psnr(one: Frames, other: Frames) -> float:
    """PSNR in dB of two frames (H, W, 3) uint8."""
    difference = torch.from_numpy(one.astype(np.float32) - other.astype(np.float32)) / 255
    return float(-10 * torch.log10(difference.square().mean()))


def given_frame_psnr(
    pipeline: Pipeline, stories: list[Story], pictures: dict[str, Picture], seed: int
) -> tuple[float, float]:
    """Mean PSNR of a given picture against the clip's first frame, and of going on.

    The second: the last frame of such a clip against the first new one of a clip that goes on.
    """
    chooser = random.Random(seed)
    starts, goings = [], []
    for number, story in enumerate(stories):
        clip = Clip(story=story, staging=stage(story, SHAPES[0], chooser), shape=SHAPES[0])
        frame = compose(exact_layers([clip], pictures), FRAMES_PER_SECOND)[0, :, 0]
        given = frame.permute(1, 2, 0).mul(255).round().byte().numpy()
        prompt = english(chooser, story)
        made = render(pipeline, prompt, seed + number, as_png(given))
        starts.append(frame_psnr(made[0], given))
        further = render(pipeline, prompt, seed + number, as_png(made[-1]))
        goings.append(frame_psnr(further[1], made[-1]))
    return statistics.mean(starts), statistics.mean(goings)


def timings(weights: Path) -> tuple[float, float, float]:
    """Seconds to load, median and longest seconds of a clip from prompt to mp4."""
    began = time.perf_counter()
    pipeline = Pipeline.load(ENTRY, models_folder=weights.parent)
    loading = time.perf_counter() - began
    seconds = []
    for number in range(TIMED_CLIPS):
        began = time.perf_counter()
        frames = render(pipeline, "an astronaut riding a horse in space", number)
        encode(frames, ENTRY.frames_per_second)
        seconds.append(time.perf_counter() - began)
    return loading, statistics.median(seconds), max(seconds)
