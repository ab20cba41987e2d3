"""Contact sheets: a row a prompt, five frames of its clip each."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from transformers import PreTrainedTokenizerFast

from inference.autoencoder import PatchAutoencoder
from inference.training.model import TextToVideo, build_pipeline
from inference.training.world import FRAMES, FRAMES_PER_SECOND, SIZE

PROMPTS = (
    "a cat moves left on a blue background",
    "a red car? no, a car moves right on green",
    "an elephant moves up on a yellow background",
    "rocket going up, black background",
    "please show me a panda moving down on purple",
    "a butterfly stays still on an orange background",
    "一只猫在蓝色背景上向左移动",
    "红色背景，飞机向右飞",
    "白色背景上一个苹果向下移动",
    "a turtle moves right on white",
    "robot",
    "a bus moves left on a red background",
)
SHOWN_FRAMES = (0, 8, 16, 24, 32)
LABEL_PIXELS = 14


def save_sheet(
    model: TextToVideo,
    tokenizer: PreTrainedTokenizerFast,
    autoencoder: PatchAutoencoder,
    path: Path,
) -> None:
    """Draw the standard prompts with this model."""
    pipeline = build_pipeline(model, tokenizer, autoencoder)
    pipeline.set_progress_bar_config(disable=True)
    draw_sheet(pipeline, PROMPTS, path)


def draw_sheet(
    pipeline: Any,
    prompts: tuple[str, ...],
    path: Path,
    steps: int = 16,
    guidance: float = 1.5,
) -> None:
    """Draw these prompts, two to a row."""
    tiles = []
    for prompt in prompts:
        with torch.inference_mode():
            frames = pipeline(
                prompt=prompt,
                negative_prompt="",
                width=SIZE,
                height=SIZE,
                num_frames=FRAMES,
                frame_rate=FRAMES_PER_SECOND,
                num_inference_steps=steps,
                guidance_scale=guidance,
                generator=torch.Generator().manual_seed(1),
                output_type="np",
            ).frames[0]
        strip = np.concatenate([frames[number] for number in SHOWN_FRAMES], axis=1)
        tile = Image.new("RGB", (strip.shape[1], SIZE + LABEL_PIXELS), "white")
        tile.paste(Image.fromarray((strip * 255).round().astype(np.uint8)), (0, LABEL_PIXELS))
        ImageDraw.Draw(tile).text((2, 1), prompt.encode("ascii", "replace").decode(), "black")
        tiles.append(tile)
    rows = (len(tiles) + 1) // 2
    sheet = Image.new("RGB", (tiles[0].width * 2 + 4, tiles[0].height * rows), "white")
    for number, tile in enumerate(tiles):
        sheet.paste(tile, ((number % 2) * (tile.width + 4), (number // 2) * tile.height))
    sheet.save(path)
