"""diffusers' pipelines of one model, called in one way whatever their classes are.

What differs between them is found in their signatures and components, never in their names: who
calls back after a step, who takes the strength of guidance as an argument, who has two
transformers, who makes sound.
"""

import contextlib
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from inference.entry import SCHEDULES

AfterStep = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]


class Diffusion:
    """A model's pipelines over the same components: from words, and from pictures."""

    def __init__(self, words: Any, pictures: Any = None) -> None:
        """Take over diffusers pipelines that are on their device.

        pictures: the one that also takes pictures; None where `words` does, or none can.
        """
        self.words = words
        self.pictures = words if pictures is None else pictures

    @property
    def pipelines(self) -> tuple[Any, ...]:
        """Each of them once."""
        return (self.words,) if self.pictures is self.words else (self.words, self.pictures)

    def unknown(self, options: Iterable[str]) -> list[str]:
        """Those of the options that are no argument of all these pipelines' calls."""
        known = [inspect.signature(pipeline.__call__).parameters for pipeline in self.pipelines]
        return [name for name in options if not all(name in one for one in known)]

    def __call__(
        self,
        *,
        pictures: Mapping[str, Any],
        options: Mapping[str, Any],
        guidance_scale: float,
        before_forward: Callable[[Any, Any], None],
        after_step: AfterStep,
        **arguments: Any,
    ) -> tuple[Any, Any]:
        """(frames, sound): (T, 3, H, W), 0 to 1; (channels, samples), -1 to 1, or None.

        pictures: arguments that give frames; empty for none. options: further arguments.
        before_forward: told before each pass of a transformer. after_step: as diffusers'
            callback_on_step_end, with `latents`, which it may replace.
        arguments: of the pipeline's call, known to all of them.
        """
        pipeline = self.pictures if pictures else self.words
        known = inspect.signature(pipeline.__call__).parameters
        steps = arguments["num_inference_steps"]
        arguments |= {
            name: value
            for name, value in options.items()
            if name not in SCHEDULES or len(value) == steps
        }
        with contextlib.ExitStack() as stack:
            for transformer in _transformers(pipeline):
                stack.callback(transformer.register_forward_pre_hook(before_forward).remove)
            if "callback_on_step_end" in known:
                arguments["callback_on_step_end"] = after_step
            else:
                stack.enter_context(_told_by_scheduler(pipeline, after_step))
            if "guidance_scale" in known:
                arguments["guidance_scale"] = guidance_scale
            else:
                pipeline.guider = pipeline.guider.new(guidance_scale=guidance_scale)
            output = pipeline(output_type="pt", **arguments, **pictures)
        sound = getattr(output, "audio", None)
        return output.frames[0], None if sound is None else sound[0]

    @property
    def sound_rate(self) -> int:
        """Samples a second of its sound; 0 where it makes none."""
        vocoder = getattr(self.words, "vocoder", None)
        return int(vocoder.config.output_sampling_rate) if vocoder is not None else 0


def with_pictures(words: Any, kind: Any) -> Any:
    """Another diffusers pipeline, of that class, over the same components."""
    has = dict(words.config) | words.components
    wanted = inspect.signature(kind.__init__).parameters
    return kind(**{name: has[name] for name in wanted if name in has})


def _transformers(pipeline: Any) -> list[Any]:
    return [
        component
        for name, component in pipeline.components.items()
        if name.startswith("transformer") and component is not None
    ]


@contextlib.contextmanager
def _told_by_scheduler(pipeline: Any, after_step: AfterStep) -> Iterator[None]:
    """For pipelines that call nobody back (HunyuanVideo 1.5 in diffusers 0.42)."""
    scheduler, numbers = pipeline.scheduler, itertools.count()
    plain = scheduler.step

    def step(*positional: Any, **named: Any) -> tuple[Any, ...]:
        latents, *others = plain(*positional, **named)
        values = after_step(pipeline, next(numbers), None, {"latents": latents})
        return (values["latents"], *others)

    scheduler.step = step
    try:
        yield
    finally:
        del scheduler.step
