"""The values that travel between the conversation and the models (standard library only).

Errors, all of which survive pickling:

    InferenceError            something about a render went wrong
    ├── RequestRejected       the model cannot do what the request asks; the text says what it can
    │   └── PictureRejected   the picture is none that a clip can start from
    ├── ModelUnavailable      the weights cannot be found or loaded
    ├── RenderCancelled       the render was told to stop, and stopped
    ├── OutOfMemory           the clip does not fit this worker's memory
    ├── EncodeError           the frames could not be written as an mp4
    └── WorkerLost            the worker died or fell silent: another may render the job
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Stage(StrEnum):
    """What a worker is doing for a request, in this order."""

    TEXT = "text"
    DENOISE = "denoise"
    DECODE = "decode"
    ENCODE = "encode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asked for, complete enough to render it.

    seconds: length of the clip wished for, in seconds; the model rounds to what it can make.
    aspect_ratio: width:height, such as "16:9"; empty for the model's own.
    seed: 0 to 2**32 - 1.
    variation: a second seed, by which the clip differs a little from the one of `seed` alone; None
        for none.
    steps: denoising steps; None for the model's default.
    image: the clip's first frame as an encoded picture (PNG, JPEG or WebP); None for none.
    last_image: its last frame likewise.
    continues: the image is the last frame of another clip, which this one goes on from: its mp4
        begins with the frame after that.
    loops: the clip that it goes on from begins where this one ends: its mp4 ends with the frame
        before that, so that the two played over and over have no seam.
    """

    prompt: str
    seed: int
    model: str
    negative_prompt: str = ""
    seconds: float = 5.0
    aspect_ratio: str = ""
    variation: int | None = None
    steps: int | None = None
    image: bytes | None = field(default=None, repr=False)
    last_image: bytes | None = field(default=None, repr=False)
    continues: bool = False
    loops: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Step `step` of `steps` of a stage is done; step 0 says that the stage began.

    picture: a small JPEG of what the first frame will show, now and then; None for none.
    """

    stage: Stage
    step: int
    steps: int
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A finished clip.

    mp4: a whole H.264 file with its index in front.
    stage_seconds: wall seconds by Stage value, as measured by the worker.
    idle_seconds: that the model stood still since the render before; 0 for the first one.
    """

    mp4: bytes = field(repr=False)
    width: int
    height: int
    seconds: float
    fps: int
    seed: int
    model: str
    stage_seconds: Mapping[str, float]
    idle_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """One worker of a fleet.

    number: 1 and up; a worker that takes over from a lost one keeps its number.
    state: "loading", "idle", "busy" (denoising), "lost" (between two attempts to have
        one), or "off" (nobody needs one now).
    error: why it is not serving, or was not before; "" while all is well.
    process_id: on the machine the worker runs on; 0 while there is none.
    model: the name of the one that it holds or loads.
    was_ready: whether there ever was one of this number that could render.
    """

    number: int
    state: str
    error: str = ""
    process_id: int = 0
    model: str = ""
    was_ready: bool = False


class InferenceError(Exception):
    """Something about a render went wrong."""


class RequestRejected(InferenceError):
    """The model cannot do what the request asks; the text says what it can."""


class PictureFault(StrEnum):
    """Why no clip can start from a picture."""

    NO_PICTURE = "It is no PNG, JPEG or WebP picture."
    BROKEN = "The picture is broken or cut off."
    TOO_LARGE = "The file is too large."
    TOO_MANY_PIXELS = "The picture has too many pixels."


class PictureRejected(RequestRejected):
    """The picture is none that a clip can start from."""

    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault)
        self.fault = fault


class ModelUnavailable(InferenceError):
    """The weights cannot be found or loaded."""


class RenderCancelled(InferenceError):
    """The render was told to stop, and stopped."""


class OutOfMemory(InferenceError):
    """The clip does not fit this worker's memory."""


class EncodeError(InferenceError):
    """The frames could not be written as an mp4."""


class WorkerLost(InferenceError):
    """The worker died or fell silent: another may render the job."""
