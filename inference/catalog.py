"""The models Kinogram knows, and what each of them can be asked for.

One folder a model, `inference/models/NAME/`:

    model.toml    the entry (entry.py says what its keys mean)
    config/       model_index.json and the components' configurations, laid out as in the hub's
                  repository (config/transformer/config.json,
                  config/scheduler/scheduler_config.json ...; no tokenizers), so that the model can
                  be built with random weights without a download; see config_folder()

An operator's own models stand in the same form in `KINOGRAM_MODELS_DIR/NAME/`.
Standard library only, so that the conversation can check a request without loading torch.
"""

import functools
from collections.abc import Mapping
from pathlib import Path

from inference import model_file
from inference.entry import ModelEntry
from inference.values import ModelUnavailable, Request, RequestRejected

DEFAULT_MODEL = "builtin"
DEFAULT_ON_GPU = "wan2.2-ti2v-5b"
MOST_STEPS = 100
HIGHEST_SEED = 2**32 - 1
# Levels of effort: denoising steps in tenths of the model's own number. The price follows them.
LEVELS: Mapping[str, int] = {"draft": 3, "standard": 10, "best": 20}
_SHIPPED = Path(__file__).parent / "models"


@functools.cache
def shipped() -> Mapping[str, ModelEntry]:
    """The entries of this package by name: those for a CPU first, then by the memory they need."""
    read = [model_file.read(path, shipped=True) for path in _SHIPPED.glob(f"*/{model_file.FILE}")]
    read.sort(key=lambda entry: (entry.gpus, entry.memory_gib, entry.name))
    return {entry.name: entry for entry in read}


def entries(models_folder: Path | None) -> Mapping[str, ModelEntry]:
    """The shipped entries and the operator's, by name.

    models_folder: KINOGRAM_MODELS_DIR, with NAME/model.toml of each model of the operator's own.
    Raises: ModelUnavailable, when a file there is wrong or takes a shipped name without saying so.
    """
    known = dict(shipped())
    if models_folder is None:
        return known
    for path in sorted(models_folder.glob(f"*/{model_file.FILE}")):
        entry = model_file.read(path)
        if entry.name in known and not entry.replaces:
            raise ModelUnavailable(
                f"{path}: replaces = true is missing; Kinogram has a model {entry.name} of its own."
            )
        if entry.replaces and entry.name not in known:
            raise ModelUnavailable(f"{path}: replaces is true, but Kinogram has no {entry.name}.")
        known[entry.name] = entry
    return known


def find(name: str, models_folder: Path | None = None) -> ModelEntry:
    """The entry of that name.

    models_folder: as for entries().
    Raises: ModelUnavailable, naming the models there are, or what is wrong in an operator's file.
    """
    known = entries(models_folder)
    try:
        return known[name]
    except KeyError:
        raise ModelUnavailable(
            f'There is no model "{name}"; there are {", ".join(known)}.'
        ) from None


def config_folder(entry: ModelEntry, models_folder: Path | None = None) -> Path:
    """The folder with the model's model_index.json and its components' configurations.

    An operator's own model has them in config/ too, or like the built-in one beside its weights.
    """
    folder = _SHIPPED / entry.name / "config"
    if folder.is_dir() and not entry.replaces:
        return folder
    if entry.source and "/" not in entry.source:
        return _SHIPPED.parent / entry.source
    own = (models_folder or Path()) / entry.name
    return own / "config" if (own / "config").is_dir() else own


def check(entry: ModelEntry, request: Request) -> None:
    """Return only when the model can do what is asked.

    Raises: RequestRejected, with a sentence that names what is allowed.
    """
    refusal = _refusal(entry, request)
    if refusal:
        raise RequestRejected(refusal)


def _refusal(entry: ModelEntry, request: Request) -> str:
    steps = denoising_steps(entry, request)
    if request.model != entry.name:
        return f"This is {entry.name}; the request is for {request.model}."
    if not request.prompt.strip():
        return "The prompt is empty."
    if refusal := _picture_refusal(entry, request):
        return refusal
    if request.aspect_ratio and request.aspect_ratio not in entry.shapes:
        allowed = ", ".join(entry.shapes)
        return f"{entry.title} makes clips of {allowed}, not {request.aspect_ratio}."
    if not 0 < request.seconds <= entry.longest_seconds:
        longest = f"{entry.longest_seconds:.1f}"
        return f"{entry.title} makes clips of up to {longest} seconds, not {request.seconds:g}."
    if not 1 <= steps <= MOST_STEPS:
        return f"A clip takes 1 to {MOST_STEPS} steps, not {steps}."
    for seed in (request.seed, request.variation or 0):
        if not 0 <= seed <= HIGHEST_SEED:
            return f"A seed is a whole number from 0 to {HIGHEST_SEED}, not {seed}."
    return ""


def _picture_refusal(entry: ModelEntry, request: Request) -> str:
    if (request.loops or request.last_image is not None) and not entry.ends_on_picture:
        return f"{entry.title} makes clips that end as they will, not on a given picture."
    if request.image is None:
        if request.last_image is not None:
            return "A clip that ends on a picture starts from one too."
        return "To go on from a clip takes its last frame." if request.continues else ""
    if not entry.starts_from_picture:
        return f"{entry.title} makes clips from words alone, not from a picture."
    if request.variation is not None:
        return "A clip that starts from a picture is varied by another seed."
    return ""


def frames(entry: ModelEntry, seconds: float) -> int:
    """Number of frames the model makes for a clip of about `seconds`: 1 + k * frame_step."""
    steps = round((seconds * entry.frames_per_second - 1) / entry.frame_step)
    return min(max(1 + steps * entry.frame_step, entry.fewest_frames), entry.most_frames)


def shape(entry: ModelEntry, aspect_ratio: str) -> tuple[int, int]:
    """(width, height) in pixels; an empty aspect ratio means the model's own."""
    return entry.shapes[aspect_ratio or entry.default_aspect_ratio]


def denoising_steps(entry: ModelEntry, request: Request) -> int:
    """Denoising steps that a render of this request takes."""
    return entry.steps if request.steps is None else request.steps


def level_steps(entry: ModelEntry, level: str) -> int:
    """Denoising steps of one of the LEVELS."""
    return min(max(1, entry.steps * LEVELS[level] // 10), MOST_STEPS)


def level(entry: ModelEntry, steps: int | None) -> str:
    """Which of the LEVELS so many steps are; None stands for the model's own number."""
    if steps is None or steps == entry.steps:
        return "standard"
    return "draft" if steps < entry.steps else "best"


def negative_prompt(entry: ModelEntry, request: Request) -> str:
    """What the clip shall not show: the request's words, and those that the model always needs."""
    return ", ".join(filter(None, (request.negative_prompt, entry.negative_prompt)))
