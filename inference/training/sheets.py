"""Contact sheets: a row a prompt, five frames of its clip each."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from transformers import PreTrainedTokenizerFast

from inference.autoencoder import BACKDROP_PATCH, LayeredAutoencoder
from inference.footage import Frames
from inference.training.model import TextToVideo, build_pipeline
from inference.training.motions import FRAMES, FRAMES_PER_SECOND
from inference.training.stories import SHAPES

STEPS = 8
LONGEST_PROMPT = 64  # tokens
PROMPTS = (
    "a cat walks left on a blue background",
    "an astronaut riding a horse in space",
    "three red cars drive right, neon city",
    "two penguins dancing in the snow field while it is snowing",
    "please show me a big panda eating bamboo in the forest",
    "a butterfly flies in circles over the meadow, falling petals",
    "沙漠里一头大象慢慢向右走",
    "一只蓝色的猫追着一只狗，海滩",
    "a tiny frog jumps on a mushroom in the rain, jungle",
    "a robot spins on the moon surface, zoom in",
    "upside down turtle",
    "夜晚，火箭上升，镜头拉远",
    "a dragon above the castle hall, dark",
    "a hamburger, black and white",
)
SHOWN_FRAMES = (0, 15, 30, 45, 60)
LABEL_PIXELS = 16
TILE_PIXELS = 144  # height of a frame on the sheet


def make_clip(
    pipeline: Any, prompt: str, seed: int, shape: tuple[int, int] = SHAPES[0], steps: int = STEPS
) -> Frames:
    """The clip (T, H, W, 3), 0 to 1, that the service would make of a prompt."""
    with torch.inference_mode():
        frames: Frames = pipeline(
            prompt=prompt,
            negative_prompt="",
            width=shape[0] * BACKDROP_PATCH,
            height=shape[1] * BACKDROP_PATCH,
            num_frames=FRAMES,
            frame_rate=FRAMES_PER_SECOND,
            num_inference_steps=steps,
            guidance_scale=1.0,
            max_sequence_length=LONGEST_PROMPT,
            generator=torch.Generator().manual_seed(seed),
            output_type="np",
        ).frames[0]
    return frames


def save_sheet(
    model: TextToVideo,
    tokenizer: PreTrainedTokenizerFast,
    autoencoder: LayeredAutoencoder,
    path: Path,
) -> None:
    """Draw the standard prompts with this model."""
    pipeline = build_pipeline(model, tokenizer, autoencoder).to("cpu")
    pipeline.set_progress_bar_config(disable=True)
    clips = [make_clip(pipeline, prompt, 1) for prompt in PROMPTS]
    draw_sheet(clips, PROMPTS, path)


def draw_sheet(clips: Sequence[Frames], labels: Sequence[str], path: Path) -> None:
    """Draw five frames of each clip, two clips to a row."""
    tiles = [_tile(clip, label) for clip, label in zip(clips, labels, strict=True)]
    width = max(tile.width for tile in tiles)
    height = max(tile.height for tile in tiles)
    rows = (len(tiles) + 1) // 2
    sheet = Image.new("RGB", (width * 2 + 4, height * rows), "white")
    for number, tile in enumerate(tiles):
        sheet.paste(tile, ((number % 2) * (width + 4), (number // 2) * height))
    sheet.save(path)


def _tile(clip: Frames, label: str) -> Image.Image:
    strip = np.concatenate([clip[number] for number in SHOWN_FRAMES], axis=1)
    picture = Image.fromarray((strip * 255).round().astype(np.uint8))
    picture = picture.resize((picture.width * TILE_PIXELS // picture.height, TILE_PIXELS))
    tile = Image.new("RGB", (picture.width, TILE_PIXELS + LABEL_PIXELS), "white")
    tile.paste(picture, (0, LABEL_PIXELS))
    ImageDraw.Draw(tile).text((2, 0), label, "black", font=_label_font())
    return tile


@cache
def _label_font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype("NotoSansCJK-Regular.ttc", LABEL_PIXELS - 3)
    except OSError:  # Not installed here: Chinese labels become boxes.
        return ImageFont.load_default()
