"""What is known of one model: where its weights are, what it can be asked for, what it makes.

Standard library only, so that the conversation can check a request without loading torch. Entries
are written as TOML and read by model_file.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from inference.quality import LEVELS, Measured, Quality

# Options that name each step of a schedule; with another number of steps they are left out.
SCHEDULES = frozenset({"timesteps", "sigmas"})
# Arguments of a pipeline's call that no options can be: each render gives them itself.
GIVEN = frozenset(
    {
        "callback_on_step_end",
        "generator",
        "guidance_scale",
        "height",
        "image",
        "negative_prompt",
        "num_frames",
        "num_inference_steps",
        "output_type",
        "prompt",
        "width",
    }
)
CLIP_SECONDS = (5.0, 10.0)  # what people choose from, as far as the model goes


@dataclass(frozen=True, slots=True, kw_only=True)
class FewStep:
    """Weights that make a model's clips in a few steps: a LoRA for each of its transformers.

    repository, revision: of the Hugging Face hub, pinned.
    files: path of a safetensors file in that repository, by the component it is for.
    steps, guidance_scale, options: in place of the entry's own; options are added to those.
    scheduler: changes of the scheduler's configuration.
    """

    repository: str
    files: Mapping[str, str]
    steps: int
    guidance_scale: float
    revision: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    scheduler: Mapping[str, Any] = field(default_factory=dict)
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model: where its weights are, and what it makes.

    source: a repository of the Hugging Face hub, a folder inside this package, or "" for weights
        beside the entry's file.
    revision: the pinned commit of that repository; "" for none (hub: `main`).
    variant: which of a repository's weights, where it has several ("bf16"); "" for the plain ones.
    weights_file: the repository's one safetensors file for all that diffusers names, as models are
        published outside of it; it is read by the configurations of catalog.config_folder(). ""
        where every component has a folder.
    pipeline: the diffusers class that makes clips from words; one of model_file.PIPELINES.
    picture_pipeline: the one that also takes a first frame, over the same weights; "" for none.
    makes_sound: whether a clip comes with a sound track.
    ends_on_picture: whether its weights know a last frame too, which LTXConditionPipeline takes.
    shapes: (width, height) in pixels by aspect ratio.
    pixel_step: widths and heights are multiples of it: pixels to a token of the transformer.
    frame_step: a clip has 1 + k * frame_step frames; the autoencoder packs that many into one.
    fewest_frames, most_frames: limits of a clip, both of that form.
    dtype: what the weights are held and computed in; decoder_dtype: the same for the autoencoder.
    gpus: 0 runs on the CPU; cpus: cores that a worker is given on a cluster.
    memory_gib: what a render of the longest clip needs on its device, in GiB.
    closed_vocabulary: whether it knows the words of vocabulary.py and no others.
    modules: of this project, with classes that the model's own index names; diffusers loads a
        class from outside its own library only when somebody else has imported it.
    options: further arguments of the pipeline's own call, none of GIVEN.
    few_step: weights for fewer steps, where there are any.
    measured: what is fastest, by a part of the device's name; measured by the worker elsewhere.
    quality, compiled_folder: as the operator wants it run, which no file says: the level, and where
        a worker keeps compiled code, None for where torch does.
    replaces: whether an operator's entry means to take the place of the shipped one of its name.
    cites: where these numbers were read.
    """

    name: str
    title: str
    licence: str
    pipeline: str
    shapes: Mapping[str, tuple[int, int]]
    default_aspect_ratio: str
    frames_per_second: int
    pixel_step: int
    frame_step: int
    fewest_frames: int
    most_frames: int
    steps: int
    guidance_scale: float
    memory_gib: float
    source: str = ""
    revision: str = ""
    variant: str = ""
    weights_file: str = ""
    picture_pipeline: str = ""
    makes_sound: bool = False
    ends_on_picture: bool = False
    negative_prompt: str = ""
    dtype: str = "bfloat16"
    decoder_dtype: str = "bfloat16"
    gpus: int = 1
    cpus: int = 4
    closed_vocabulary: bool = False
    modules: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    few_step: FewStep | None = None
    measured: Mapping[str, Measured] = field(default_factory=dict)
    quality: Quality = Quality.EXACT
    compiled_folder: Path | None = None
    replaces: bool = False
    cites: tuple[str, ...] = ()

    def at(self, quality: Quality, compiled_folder: Path | None = None) -> Self:
        """The same model at that level: with the weights for few steps, where it has them."""
        changed = replace(self, quality=quality, compiled_folder=compiled_folder)
        few = self.few_step if LEVELS[quality].few_step else None
        if few is None:
            return changed
        return replace(
            changed,
            steps=few.steps,
            guidance_scale=few.guidance_scale,
            options={**self.options, **few.options},
        )

    @property
    def starts_from_picture(self) -> bool:
        """Whether it takes a first frame, and so can go on from the last one of another clip."""
        return bool(self.picture_pipeline)

    @property
    def abilities(self) -> tuple[str, ...]:
        """What clips can be made from, and whether with sound, in words for operators."""
        from_picture = ("a picture", "another clip") if self.starts_from_picture else ()
        return ("words", *from_picture, *(("with sound",) if self.makes_sound else ()))

    @property
    def longest_seconds(self) -> float:
        """Length of the longest clip, in seconds."""
        return self.most_frames / self.frames_per_second

    @property
    def default_seconds(self) -> float:
        """Length of a clip nobody asked a length for: five seconds, or the longest if shorter."""
        return min(5.0, self.longest_seconds)

    @property
    def choosable_seconds(self) -> tuple[float, ...]:
        """Lengths that people choose from, in seconds; at least one."""
        lengths = tuple(length for length in CLIP_SECONDS if length <= self.longest_seconds)
        return lengths or (self.default_seconds,)

    @property
    def has_negative_prompt(self) -> bool:
        """Whether a negative prompt changes anything: without guidance, diffusers skips it."""
        return self.guidance_scale > 1.0
