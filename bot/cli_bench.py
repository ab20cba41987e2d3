"""The commands `kinogram bench ...`, which measure speed on this machine."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.benchmarks.report import Results, print_service
from bot.terminal import error_console, fail, read_settings

bench = typer.Typer(no_args_is_help=True, help="Measure speed on this machine.")
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


def open_results(command: str, file: Path | None) -> Results:
    """Where the measurements go; a file that cannot be written ends the command."""
    try:
        return Results(command, file)
    except OSError as error:
        raise fail(f"--json {str(file)!r} cannot be written: {error.strerror}") from None
