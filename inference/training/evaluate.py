"""Measure the built-in model: one table, and sheets of clips that it was measured on.

    python -m inference.training.evaluate --pictures .../assets --out FOLDER

Every prompt tells a story that training never saw (stories.py, `held_out`), drawn and worded by a
fixed seed, in English and again in Chinese. What the clips show is told by a network that has seen
the true pictures only (judge.py); its own accuracy on true pictures stands beside.
"""

import csv
import random
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import diffusers.utils.logging
import torch
import typer
from diffusers import LTXConditionPipeline
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor

from inference import autoencoder, text_encoder, transformer
from inference.autoencoder import BACKDROP_PATCH
from inference.compositor import compose
from inference.layers import Layers
from inference.pipeline import Pipeline
from inference.training.captions import chinese, english
from inference.training.composites import frozen
from inference.training.fidelity import ENTRY, autoencoder_psnr, given_frame_psnr, timings
from inference.training.judge import Judge, find, load_judge, name, name_backgrounds
from inference.training.latents import BACKGROUNDS
from inference.training.measures import paths, shows
from inference.training.motions import FRAMES, FRAMES_PER_SECOND
from inference.training.sheets import LONGEST_PROMPT, STEPS, draw_sheet, make_clip
from inference.training.staging import stage
from inference.training.stories import PLAIN_BACKGROUND, SHAPES, Story, draw_story
from inference.training.world import Clip, Picture, exact_layers, load_pictures
from inference.vocabulary import COLOURS, MOTIONS, RELATIONS, SCENES, THINGS

# diffusers finds classes of other modules only where these have been imported.
OWN_MODULES = (autoencoder, text_encoder, transformer)
BUILTIN = Path(__file__).parent.parent / "builtin"
BATCH = 8
MIDDLE = FRAMES // 2
PAIRS = 100
CLIPS_A_MOTION = 12
SHEET_CLIPS = 16
TRUE = "true pictures"
FIDELITY_CLIPS = 12
LANGUAGES: tuple[tuple[str, Callable[[random.Random, Story], str]], ...] = (
    ("English", english),
    ("Chinese", chinese),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A measure: the share of right answers, 0 to 1, of so many clips."""

    measure: str
    language: str
    share: float
    clips: int


def held_out_stories(seed: int, count: int, **fixed: Any) -> list[Story]:
    """Stories of one plain thing that training never saw; fixed: what they have in common."""
    chooser = random.Random(seed)
    found: list[Story] = []
    while len(found) < count:
        plain = chooser.random() < PLAIN_BACKGROUND
        story = Story(
            first=chooser.choice(THINGS) if fixed else THINGS[len(found) % len(THINGS)],
            motion=chooser.choice(MOTIONS),
            background=chooser.choice(COLOURS if plain else SCENES),
        )
        story = replace(story, **fixed)
        if story.held_out:
            found.append(story)
    return found


def make_layers(
    pipeline: Any, prompts: Sequence[str], seed: int, steps: int = STEPS
) -> list[Layers]:
    """The layers of square clips of these prompts, as batches; layers.py."""
    batches = []
    starts = range(0, len(prompts), BATCH)
    for start in track(starts, "rendering"):
        part = list(prompts[start : start + BATCH])
        seeds = [
            torch.Generator().manual_seed(seed + start + number) for number in range(len(part))
        ]
        with torch.inference_mode():
            latents = pipeline(
                prompt=part,
                negative_prompt=[""] * len(part),
                width=SHAPES[0][0] * BACKDROP_PATCH,
                height=SHAPES[0][1] * BACKDROP_PATCH,
                num_frames=FRAMES,
                frame_rate=FRAMES_PER_SECOND,
                num_inference_steps=steps,
                guidance_scale=1.0,
                max_sequence_length=LONGEST_PROMPT,
                generator=seeds,
                output_type="latent",
            ).frames
            batches.append(pipeline.vae.layers(latents))
    return batches


def middle_frames(batches: Iterable[Layers]) -> Tensor:
    """The middle frame of every clip, (N, 3, H, W)."""
    frames = [
        compose(frozen(layers, [MIDDLE] * len(layers.view)), FRAMES_PER_SECOND)[:, :, 0]
        for layers in batches
    ]
    return torch.cat(frames)


def share(right: Sequence[bool]) -> float:
    """The share of what is right."""
    return statistics.mean(right) if right else 0.0


def score_frames(
    judge: Judge, frames: Tensor, stories: Sequence[Story], language: str
) -> list[Result]:
    """How often the judge names the thing, or both, and the background in frames of stories."""
    named, scenes = [], []
    for story, frame in zip(stories, frames, strict=True):
        wanted = {thing.picture for thing in (story.first, story.second) if thing is not None}
        (boxes,) = find(judge, frame[None], most=len(wanted))
        named.append({THINGS[name(judge, frame, box)].picture for box in boxes} == wanted)
        (background,) = name_backgrounds(judge, frame[None])
        scenes.append(BACKGROUNDS[background] == story.background)
    things = "two objects" if stories[0].second is not None else "object"
    results = [Result(measure=things, language=language, share=share(named), clips=len(named))]
    if stories[0].second is None:
        scene = share(scenes)
        results.append(Result(measure="scene", language=language, share=scene, clips=len(scenes)))
    return results


def score_motions(
    judge: Judge, batches: Iterable[Layers], stories: Sequence[Story], language: str
) -> Result:
    """How often the measured path is that of the motion asked for."""
    clips = (layers.clip(number) for layers in batches for number in range(len(layers.view)))
    right = []
    for story, layers in zip(stories, clips, strict=True):
        video = compose(layers, FRAMES_PER_SECOND)[0]
        right.append(story.motion is not None and shows(paths(judge, video), story.motion))
    return Result(measure="motion", language=language, share=share(right), clips=len(right))


def true_layers(
    stories: Sequence[Story], pictures: dict[str, Picture], seed: int
) -> Iterator[Layers]:
    """The stories made of the true pictures."""
    chooser = random.Random(seed)
    for story in stories:
        clip = Clip(story=story, staging=stage(story, SHAPES[0], chooser), shape=SHAPES[0])
        yield exact_layers([clip], pictures)


def every_score(
    pipeline: Any, judge: Judge, pictures: dict[str, Picture], seed: int, things: int, steps: int
) -> list[Result]:
    """All shares of the table, of English and Chinese prompts and of true pictures.

    things: how many single-thing clips, 0 for one a thing.
    """
    single = held_out_stories(seed, things or len(THINGS))
    chooser = random.Random(seed)
    pairs = [
        replace(
            story,
            second=chooser.choice([thing for thing in THINGS if thing is not story.first]),
            relation=chooser.choice(RELATIONS),
            motion=chooser.choice(MOTIONS[:2]),
        )
        for story in random.Random(seed).sample(single, min(PAIRS, len(single)))
    ]
    moving = [
        story
        for motion in MOTIONS
        for story in held_out_stories(
            seed + 1, CLIPS_A_MOTION, motion=motion, background=chooser.choice(COLOURS)
        )
    ]
    results = []
    for language, write in LANGUAGES:
        worder = random.Random(seed)
        for stories in (single, pairs):
            batches = make_layers(
                pipeline, [write(worder, story) for story in stories], seed, steps
            )
            results += score_frames(judge, middle_frames(batches), stories, language)
        batches = make_layers(pipeline, [write(worder, story) for story in moving], seed, steps)
        results.append(score_motions(judge, batches, moving, language))
    for stories in (single, pairs):
        frames = middle_frames(true_layers(stories, pictures, seed))
        results += score_frames(judge, frames, stories, TRUE)
    true = true_layers(moving, pictures, seed)
    results.append(score_motions(judge, true, moving, TRUE))
    return results


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    out: Annotated[Path, typer.Option(help="Folder for scores.csv and sheets.")],
    weights: Annotated[Path, typer.Option(help="A diffusers folder named builtin.")] = BUILTIN,
    seed: Annotated[int, typer.Option()] = 1000,
    things: Annotated[int, typer.Option(help="Clips of single things; 0: one a thing.")] = 0,
    steps: Annotated[int, typer.Option(help="Denoising steps.")] = STEPS,
) -> None:
    """Print the table; write it and two sheets."""
    out.mkdir(parents=True, exist_ok=True)
    loaded = load_pictures(pictures)
    diffusers.utils.logging.set_verbosity_error()
    pipeline = LTXConditionPipeline.from_pretrained(weights, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    results = every_score(pipeline, load_judge(), loaded, seed, things, steps)
    table = Table("measure", "language", "share", "clips")
    with (out / "scores.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["measure", "language", "share", "clips"])
        for one in results:
            rows.writerow([one.measure, one.language, round(one.share, 4), one.clips])
            table.add_row(one.measure, one.language, f"{one.share:.1%}", str(one.clips))
    console = Console()
    console.print(table)
    stories = held_out_stories(seed + 2, FIDELITY_CLIPS)
    service = Pipeline.load(ENTRY, models_folder=weights.parent)
    first, further = given_frame_psnr(service, stories, loaded, seed)
    console.print(f"autoencoder: {autoencoder_psnr(pipeline.vae, stories, loaded, seed):.1f} dB")
    console.print(f"picture to video, first frame: {first:.1f} dB; extend: {further:.1f} dB")
    loading, median, longest = timings(weights)
    console.print(f"load {loading:.1f} s; clip to mp4: median {median:.1f} s, most {longest:.1f} s")
    chooser = random.Random(seed)
    for language, write in LANGUAGES:
        shown = [draw_story(chooser) for _ in range(SHEET_CLIPS)]
        prompts = [write(chooser, story) for story in shown]
        clips = [make_clip(pipeline, prompt, seed) for prompt in prompts]
        draw_sheet(clips, prompts, out / f"sheet-{language.lower()}.png")


if __name__ == "__main__":
    typer.run(main)
