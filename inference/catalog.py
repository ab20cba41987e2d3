"""The models Kinogram knows, and what each of them can be asked for.

Standard library only, so that the conversation can check a request without loading torch.
A `revision` is the commit of the hub repository that was read when the entry was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.values import ModelUnavailable, Request, RequestRejected

DEFAULT_MODEL = "builtin"
MOST_STEPS = 100
HIGHEST_SEED = 2**32 - 1
CLIP_SECONDS = (5.0, 10.0)  # what people choose from, as far as the model goes
# Levels of effort: denoising steps in tenths of the model's own number. The price follows them.
LEVELS: Mapping[str, int] = {"draft": 3, "standard": 10, "best": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model: where its weights are, and what it makes.

    source: a folder inside this package, or a repository of the Hugging Face hub.
    revision: the pinned commit of that repository; "" for none (hub: `main`).
    shapes: (width, height) in pixels by aspect ratio.
    frame_step: a clip has 1 + k * frame_step frames; the autoencoder packs that many into one.
    fewest_frames, most_frames: limits of a clip, both of that form.
    dtype: what the weights are held and computed in; decoder_dtype: the same for the autoencoder.
    gpus: 0 runs on the CPU; cpus: cores that a worker is given on a cluster.
    memory_gib: what a render of the longest clip needs on its device, in GiB.
    closed_vocabulary: whether it knows the words of vocabulary.py and no others.
    starts_from_picture: whether its pipeline takes a first frame (`image`).
    modules: of this project, with classes that the model's own index names; diffusers loads a
        class from outside its own library only when somebody else has imported it.
    options: further arguments of the pipeline's own call.
    cites: where these numbers were read.
    """

    name: str
    title: str
    source: str
    revision: str
    licence: str
    shapes: Mapping[str, tuple[int, int]]
    default_aspect_ratio: str
    frames_per_second: int
    frame_step: int
    fewest_frames: int
    most_frames: int
    steps: int
    guidance_scale: float
    negative_prompt: str
    dtype: str
    decoder_dtype: str
    gpus: int
    cpus: int
    memory_gib: float
    closed_vocabulary: bool = False
    starts_from_picture: bool = False
    modules: tuple[str, ...] = ()
    options: Mapping[str, float] = field(default_factory=dict)
    cites: tuple[str, ...] = ()

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


_WAN_NEGATIVE_PROMPT = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，"
    "低质量，JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，"
    "毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走"
)

_ENTRIES = (
    ModelEntry(
        name="builtin",
        title="Kinogram's own small model",
        source="builtin",
        revision="",
        licence="MIT",
        shapes={"1:1": (256, 256), "16:9": (352, 192), "9:16": (192, 352)},
        default_aspect_ratio="1:1",
        frames_per_second=12,
        frame_step=60,
        fewest_frames=61,
        most_frames=61,
        steps=8,
        guidance_scale=1.0,
        negative_prompt="",
        dtype="float32",
        decoder_dtype="float32",
        gpus=0,
        cpus=2,
        memory_gib=2.0,
        closed_vocabulary=True,
        modules=("inference.autoencoder", "inference.text_encoder", "inference.transformer"),
        starts_from_picture=True,
        options={"frame_rate": 12, "max_sequence_length": 64, "image_cond_noise_scale": 0.0},
        cites=("inference/training/README.md",),
    ),
    ModelEntry(
        name="wan2.2-ti2v-5b",
        title="Wan 2.2 TI2V 5B",
        source="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        revision="b8fff7315c768468a5333511427288870b2e9635",
        licence="Apache-2.0",
        shapes={"16:9": (1280, 704), "9:16": (704, 1280), "1:1": (960, 960)},
        default_aspect_ratio="16:9",
        frames_per_second=24,
        frame_step=4,
        fewest_frames=25,
        most_frames=121,
        steps=50,
        guidance_scale=5.0,
        negative_prompt=_WAN_NEGATIVE_PROMPT,
        dtype="bfloat16",
        decoder_dtype="float32",
        gpus=1,
        cpus=4,
        memory_gib=40.0,
        cites=(
            "https://huggingface.co/Wan-AI/Wan2.2-TI2V-5B-Diffusers",
            "https://github.com/Wan-Video/Wan2.2 (wan/configs/wan_ti2v_5B.py)",
        ),
    ),
    ModelEntry(
        name="wan2.1-t2v-1.3b",
        title="Wan 2.1 T2V 1.3B",
        source="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        revision="0fad780a534b6463e45facd96134c9f345acfa5b",
        licence="Apache-2.0",
        shapes={"16:9": (832, 480), "9:16": (480, 832), "1:1": (624, 624)},
        default_aspect_ratio="16:9",
        frames_per_second=16,
        frame_step=4,
        fewest_frames=17,
        most_frames=81,
        steps=50,
        guidance_scale=5.0,
        negative_prompt=_WAN_NEGATIVE_PROMPT,
        dtype="bfloat16",
        decoder_dtype="float32",
        gpus=1,
        cpus=4,
        memory_gib=22.0,
        cites=(
            "https://huggingface.co/Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
            "https://huggingface.co/docs/diffusers/api/pipelines/wan",
        ),
    ),
    ModelEntry(
        name="ltx-video",
        title="LTX-Video 0.9.5 2B",
        source="Lightricks/LTX-Video-0.9.5",
        revision="e58e28c39631af4d1468ee57a853764e11c1d37e",
        licence="OpenRAIL-M (LTX-Video 2B 0.9.5)",
        shapes={"16:9": (768, 448), "9:16": (448, 768), "1:1": (576, 576)},
        default_aspect_ratio="16:9",
        frames_per_second=24,
        frame_step=8,
        fewest_frames=25,
        most_frames=161,
        steps=40,
        guidance_scale=3.0,
        negative_prompt="worst quality, inconsistent motion, blurry, jittery, distorted",
        dtype="bfloat16",
        decoder_dtype="bfloat16",
        gpus=1,
        cpus=4,
        memory_gib=20.0,
        options={"frame_rate": 24, "decode_timestep": 0.05, "decode_noise_scale": 0.025},
        cites=(
            "https://huggingface.co/Lightricks/LTX-Video-0.9.5",
            "https://huggingface.co/docs/diffusers/api/pipelines/ltx_video",
        ),
    ),
)

CATALOG: Mapping[str, ModelEntry] = {entry.name: entry for entry in _ENTRIES}


def find(name: str) -> ModelEntry:
    """The entry of that name.

    Raises: ModelUnavailable, naming the models there are.
    """
    try:
        return CATALOG[name]
    except KeyError:
        raise ModelUnavailable(
            f'There is no model "{name}"; there are {", ".join(CATALOG)}.'
        ) from None


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
    if request.image is None:
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
