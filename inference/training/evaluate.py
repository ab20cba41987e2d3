"""Measure the built-in model: one table, and a sheet of the clips that it was measured on.

    python -m inference.training.evaluate --pictures .../assets --out FOLDER

A prompt for every thing, its motion and background drawn by a fixed seed, in English and in
Chinese. Training draws from all combinations, so these are not held out; the seeds are new.
"""

import csv
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from diffusers import DiffusionPipeline
from rich.console import Console
from rich.progress import track
from rich.table import Table

from inference import autoencoder, catalog, text_encoder, transformer
from inference.training.fit_autoencoder import psnr
from inference.training.latents import to_video
from inference.training.measures import Frames, Seen, look
from inference.training.sheets import draw_sheet
from inference.training.world import ALL_PLACEMENTS, Picture, load_picture, render
from inference.vocabulary import COLOURS, MOTIONS, THINGS

# diffusers finds classes of other modules only where these have been imported.
OWN_MODULES = (autoencoder, text_encoder, transformer)
BUILTIN = Path(__file__).parent.parent / "builtin"
TIMED_CLIPS = 5
AUTOENCODER_CLIPS = 24
SHEET_PROMPTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A prompt in both languages, and what its clip must show."""

    english: str
    chinese: str
    answer: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Shares, 0 to 1, of the clips that show what was asked."""

    thing: float
    motion: float
    colour: float
    everything: float


def questions(seed: int) -> list[Question]:
    """One question a thing, always the same for a seed."""
    chooser = random.Random(seed)
    asked = []
    for thing in THINGS:
        motion, colour = chooser.choice(MOTIONS), chooser.choice(COLOURS)
        still = motion.name == "still"
        action = "stays still" if still else f"moves {motion.name}"
        chinese_action = "静止不动" if still else f"{motion.chinese[0]}移动"
        asked.append(
            Question(
                english=f"a {thing.name} {action} on a {colour.name} background",
                chinese=f"一个{thing.chinese[0]}在{colour.chinese[0]}背景上{chinese_action}",
                answer=Seen(thing=thing.name, motion=motion.name, colour=colour.name),
            )
        )
    return asked


def score(seen: Sequence[Seen], answers: Sequence[Seen]) -> Score:
    """How much of what was asked was seen, measure by measure."""
    pairs = list(zip(seen, answers, strict=True))

    def share(right: Callable[[Seen, Seen], bool]) -> float:
        return statistics.mean(right(one, other) for one, other in pairs)

    return Score(
        thing=share(lambda one, other: one.thing == other.thing),
        motion=share(lambda one, other: one.motion == other.motion),
        colour=share(lambda one, other: one.colour == other.colour),
        everything=share(lambda one, other: one == other),
    )


def render_clip(pipeline: Any, prompt: str, seed: int) -> Frames:
    """The clip the service would make of a prompt, (T, H, W, 3), 0 to 1."""
    entry = catalog.find("builtin")
    width, height = entry.shapes[entry.default_aspect_ratio]
    with torch.inference_mode():
        frames: Frames = pipeline(
            prompt=prompt,
            negative_prompt=entry.negative_prompt,
            width=width,
            height=height,
            num_frames=entry.most_frames,
            num_inference_steps=entry.steps,
            guidance_scale=entry.guidance_scale,
            generator=torch.Generator().manual_seed(seed),
            output_type="np",
            **entry.options,
        ).frames[0]
    return frames


def measure(
    pipeline: Any, prompts: Sequence[str], pictures: Sequence[Picture], seed: int
) -> tuple[list[Seen], list[float]]:
    """What the clips of these prompts show, and the seconds that each took."""
    seen, seconds = [], []
    for number, prompt in enumerate(track(prompts, "rendering")):
        began = time.perf_counter()
        frames = render_clip(pipeline, prompt, seed + number)
        seconds.append(time.perf_counter() - began)
        seen.append(look(frames, pictures))
    return seen, seconds


def autoencoder_psnr(coder: Any, pictures: Sequence[Picture], seed: int) -> float:
    """Mean PSNR in dB of clips through the autoencoder, on colours that it was not fitted to."""
    chooser = random.Random(seed)
    values = []
    for _ in range(AUTOENCODER_CLIPS):
        colour = (chooser.randrange(256), chooser.randrange(256), chooser.randrange(256))
        clip = render(chooser.choice(pictures), chooser.choice(ALL_PLACEMENTS), colour)
        video = to_video(np.asarray(clip, np.float32))
        with torch.inference_mode():
            values.append(psnr(coder.decode(coder.encode(video).latent_dist.mean).sample, video))
    return statistics.mean(values)


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    out: Annotated[Path, typer.Option(help="Folder for scores.csv and sheet.png.")],
    weights: Annotated[Path, typer.Option(help="A diffusers folder.")] = BUILTIN,
    seed: Annotated[int, typer.Option()] = 1000,
) -> None:
    """Print the table; write it and a sheet."""
    out.mkdir(parents=True, exist_ok=True)
    loaded = [load_picture(pictures, thing) for thing in THINGS]
    pipeline = DiffusionPipeline.from_pretrained(weights, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    asked = questions(seed)
    answers = [question.answer for question in asked]
    table = Table("language", "thing", "motion", "background", "all three", "clips")
    with (out / "scores.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                "prompt",
                *(
                    f"{what} {name}"
                    for what in ("asked", "seen")
                    for name in ("thing", "motion", "colour")
                ),
            ]
        )
        for language in ("english", "chinese"):
            prompts = [getattr(question, language) for question in asked]
            seen, seconds = measure(pipeline, prompts, loaded, seed)
            for prompt, answer, found in zip(prompts, answers, seen, strict=True):
                rows.writerow(
                    [
                        prompt,
                        answer.thing,
                        answer.motion,
                        answer.colour,
                        found.thing,
                        found.motion,
                        found.colour,
                    ]
                )
            result = score(seen, answers)
            shares = (result.thing, result.motion, result.colour, result.everything)
            table.add_row(language, *(f"{share:.0%}" for share in shares), str(len(seen)))
    console = Console()
    console.print(table)
    console.print(f"seconds a clip, median: {statistics.median(seconds[:TIMED_CLIPS]):.1f}")
    console.print(f"autoencoder: {autoencoder_psnr(pipeline.vae, loaded, seed):.1f} dB")
    sheet = tuple(question.english for question in asked[:SHEET_PROMPTS])
    draw_sheet(pipeline, sheet, out / "sheet.png")


if __name__ == "__main__":
    typer.run(main)
