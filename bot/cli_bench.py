"""The commands `kinogram bench ...`, which measure speed on this machine."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.benchmarks.model_tables import print_gpu, print_model
from bot.benchmarks.report import Results, print_service
from bot.model_weights import pins_file
from bot.terminal import error_console, fail, read_settings
from inference import catalog, pins, placement, weights
from inference.quality import Quality
from inference.values import InferenceError, Request

bench = typer.Typer(no_args_is_help=True, help="Measure speed on this machine.")
PROMPT = "an astronaut riding a horse in space"
JsonFile = Annotated[
    Path | None, typer.Option("--json", help="A file for all that is measured, as it comes.")
]


@bench.command()
def service(
    *,
    jobs: Annotated[int, typer.Option(min=2, max=100_000, help="Prompts of one run.")] = 200,
    people: Annotated[int, typer.Option(min=1, max=10_000, help="Who send them.")] = 50,
    rounds: Annotated[
        int, typer.Option(min=0, max=100, help="Clips by the real model, bare and served; 0: none.")
    ] = 3,
    longest_line: Annotated[
        int, typer.Option(min=100, max=100_000, help="Most jobs that wait.")
    ] = 100_000,
    memory_jobs: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Jobs over which memory is watched; 0: none.")
    ] = 10_000,
    json: JsonFile = None,
) -> None:
    """The whole service beside the model: accepts, cards, gaps, claims, overhead, growth."""
    from bot.benchmarks.service import measure

    settings = read_settings(log_level="error")
    results = open_results("bench service", json)
    work = measure(
        settings,
        results,
        jobs=jobs,
        people=people,
        rounds=rounds,
        longest_line=longest_line,
        memory_jobs=memory_jobs,
        told=lambda what: error_console.print(what, style="dim"),
    )
    try:
        asyncio.run(work)
    except (RuntimeError, OSError, TimeoutError) as error:
        raise fail(f"the measurement ended early: {error or 'it took too long'}", 1) from None
    print_service(results.values, Console(highlight=False))
    # Ray's exit handlers can take long; its processes end with this one anyway.
    sys.stdout.flush()
    os._exit(0)


@bench.command()
def model(
    name: Annotated[str, typer.Argument(help="A model's name; kinogram models lists them.")],
    *,
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="Without the model's weights: no download.")
    ] = False,
    quality: Annotated[
        Quality | None, typer.Option(help="A level, instead of KINOGRAM_QUALITY.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=2, max=catalog.MOST_STEPS, help="Instead of the model's own.")
    ] = None,
    aspect_ratio: Annotated[str, typer.Option(help="Such as 16:9.")] = "",
    seconds: Annotated[float | None, typer.Option(help="Length of the clip.")] = None,
    repeats: Annotated[
        int, typer.Option(min=1, max=100, help="Clips of each, Kinogram's and plain by turns.")
    ] = 3,
    gpus: Annotated[int, typer.Option(min=1, max=16, help="That share the work of a clip.")] = 1,
    json: JsonFile = None,
) -> None:
    """One model, warm, stage by stage, beside diffusers' plain call."""
    loaded = read_settings(log_level="error")
    try:
        entry = catalog.find(name, loaded.models_dir)
        entry = entry.at(quality or loaded.quality, loaded.compiled_dir)
        if not random_weights:
            entry = pins.pinned(entry, pins_file(loaded))
        request = Request(
            prompt=PROMPT,
            seed=0,
            model=entry.name,
            seconds=entry.default_seconds if seconds is None else seconds,
            aspect_ratio=aspect_ratio or entry.default_aspect_ratio,
            steps=steps,
        )
        catalog.check(entry, request)
        results = open_results("bench model", json)
        from inference.measuring.model import measure

        measured = measure(
            entry,
            loaded.models_dir,
            random=random_weights,
            request=request,
            repeats=repeats,
            gpus=gpus,
            told=lambda what: error_console.print(what, style="dim"),
        )
    except InferenceError as error:
        raise fail(error) from None
    for key, value in measured.items():
        results.add(key, value)
    print_model(measured, Console(highlight=False, soft_wrap=True))


@bench.command()
def gpu(
    only: Annotated[
        list[str] | None, typer.Option("--model", help="Only this model; may be repeated.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, max=100, help="As for bench model.")] = 2,
    json: JsonFile = None,
) -> None:
    """Every model at every level of quality on this machine's GPUs, beside what was aimed at.

    With random weights where a model is not here. It takes hours; --json keeps what is done.
    """
    from bot.benchmarks import gpu as every

    loaded = read_settings(log_level="error")
    try:
        known = catalog.entries(loaded.models_dir)
        chosen = [catalog.find(name, loaded.models_dir) for name in only or known]
    except InferenceError as error:
        raise fail(error) from None
    if not placement.gpus():
        raise fail("there is no GPU that torch can use on this machine")
    todo = every.runs(
        [pins.pinned(entry, pins_file(loaded)) for entry in chosen],
        lambda entry: weights.all_here(entry, loaded.models_dir),
        placement.gpus(),
    )
    results = open_results("bench gpu", json)
    every.measure(
        todo, repeats, results, lambda what: error_console.print(what, style="dim", markup=False)
    )
    print_gpu(results.values, Console(highlight=False, soft_wrap=True))


def open_results(command: str, file: Path | None) -> Results:
    """Where the measurements go; a file that cannot be written ends the command."""
    try:
        return Results(command, file)
    except OSError as error:
        raise fail(f"--json {str(file)!r} cannot be written: {error.strerror}") from None
