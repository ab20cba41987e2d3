"""`kinogram render`: the model alone, from words, from a picture, or on from a clip."""

import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from inference import mark, pictures, sound, values
from inference.entry import ModelEntry
from inference.footage import Footage
from inference.mp4 import Label, decode, encode
from inference.pipeline import Pipeline
from inference.values import PictureRejected, Request, RequestRejected, Stage


def read_picture(path: Path, entry: ModelEntry) -> tuple[bytes, str]:
    """A file's picture, as large as the model needs it, and the aspect ratio nearest to it.

    Raises: RequestRejected, when it cannot be read or is none that a clip can start from.
    """
    try:
        picture = pictures.reduce(path.read_bytes(), pictures.picture_side(entry))
    except OSError as error:
        reason = f"{error.strerror}."
    except PictureRejected as error:
        reason = str(error)
    else:
        return picture.jpeg, pictures.nearest_aspect_ratio(entry, picture.width, picture.height)
    raise RequestRejected(f"{path} cannot be read as a picture: {reason}")


def read_clip(path: Path, entry: ModelEntry, aspect_ratio: str | None) -> tuple[Footage, str]:
    """A clip that the model can go on from, and the aspect ratio it has.

    aspect_ratio: the one wished for; None for whichever the clip has.
    Raises: RequestRejected, when it is no such clip.
    """
    frames, frames_per_second = decode(path)
    _, height, width, _ = frames.shape
    shapes = {
        ratio: size
        for ratio, size in entry.shapes.items()
        if aspect_ratio is None or ratio == aspect_ratio
    }
    for ratio, size in shapes.items():
        if size == (width, height) and abs(frames_per_second - entry.frames_per_second) < 0.01:
            return Footage(frames=frames, sound=sound.read(path)), ratio
    allowed = ", ".join(f"{wide}x{high} ({ratio})" for ratio, (wide, high) in shapes.items())
    raise RequestRejected(
        f"{path} is {width}x{height} at {frames_per_second:g} frames a second; {entry.title} goes "
        f"on from clips of {allowed} at {entry.frames_per_second}."
    )


def render(
    entry: ModelEntry,
    request: Request,
    console: Console,
    *,
    before: Footage | None = None,
    models_folder: Path | None = None,
    marked: bool = True,
    clock: Callable[[], float] = time.time,
) -> bytes:
    """The mp4 of a request, its progress shown as a bar.

    before: what the clip starts with; the request's picture repeats its last frame.
    marked: whether all of it bears the mark. A mark that `before` has stays there without it.
    clock: Unix seconds, for the time in the file's label.
    Raises: InferenceError.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("loading the model", total=None)

        def show(progress: values.Progress) -> None:
            bar.update(
                task,
                description=f"{progress.stage.value} {progress.step}/{progress.steps}",
                completed=progress.step,
                total=progress.steps,
            )

        pipeline = Pipeline.load(
            entry, models_folder=models_folder, device="cuda" if entry.gpus else "cpu"
        )
        footage = pipeline.render(request, on_progress=show, cancelled=lambda: False)
        show(values.Progress(stage=Stage.ENCODE, step=0, steps=1))
        fps = entry.frames_per_second
        if before is not None:
            footage = sound.in_a_row(before, footage.without(1, 0, fps), fps)
        if marked:
            mark.draw(footage.frames)
        label = Label(model=request.model, seed=request.seed, made_at=clock())
        mp4 = encode(footage.frames, fps, label, footage.sound)
        show(values.Progress(stage=Stage.ENCODE, step=1, steps=1))
    return mp4
