"""`kinogram models`: what there is, what fits this machine, and what of it is here already."""

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.model_weights import pins_file
from bot.terminal import error_console, fail, read_settings
from inference import catalog, pins, placement, weights
from inference.entry import ModelEntry
from inference.values import InferenceError

models = typer.Typer(help="The models: what fits this machine, and what is on it.")
GIB = 2**30


@models.callback(invoke_without_command=True)
def list_models(context: typer.Context) -> None:
    """List the models, with what fits this machine's memory and what is on its disk."""
    if context.invoked_subcommand is not None:
        return
    loaded = read_settings()
    try:
        entries = catalog.entries(loaded.models_dir).values()
        pinned = [pins.pinned(entry, pins_file(loaded)) for entry in entries]
    except InferenceError as error:
        raise fail(error) from None
    served = loaded.models
    gpu, main = placement.largest_gpu_gib(), main_gib()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "model", "needs", "here", "clips from", "licence"):
        # A name is what people copy, and what a pipe looks for.
        table.add_column(heading, overflow="fold", no_wrap=heading == "model")
    for entry in pinned:
        table.add_row(
            "*" if entry.name in served else "",
            f"{entry.name}\n{entry.title}",
            f"{entry.memory_gib:.0f} GiB\n{_fits(entry, gpu, main)}",
            "yes" if weights.is_here(entry, loaded.models_dir) else "no",
            ", ".join(entry.abilities),
            entry.licence,
        )
    console = Console(highlight=False)
    console.print(table)
    there = f"a GPU of {gpu:.0f} GiB" if gpu else "no GPU"
    console.print(
        f"\nThis machine has {there} and {main:.0f} GiB of main memory. * is served "
        f"(KINOGRAM_MODEL={loaded.model}); on a GPU, auto is {catalog.DEFAULT_ON_GPU}.",
        soft_wrap=True,
    )


@models.command()
def pull(
    name: Annotated[str, typer.Argument(help="A model's name; kinogram models lists them.")],
) -> None:
    """Download a model, check every file, and pin what was downloaded."""
    loaded = read_settings()
    try:
        entry = catalog.find(name, loaded.models_dir)
        pins.read(pins_file(loaded))  # What is wrong there is told before a long download.
        error_console.print(f"{entry.title}: {entry.licence}", soft_wrap=True)
        pulled = weights.pull(entry, loaded.models_dir)
        if pulled.commit or pulled.few_step_commit:
            pins.write(pins_file(loaded), entry, pulled)
    except InferenceError as error:
        raise fail(error) from None
    typer.echo(pulled.folder)
    if pulled.commit:
        error_console.print(f"pinned at {pulled.commit} in {pins_file(loaded)}", soft_wrap=True)


def main_gib() -> float:
    """Main memory of this machine in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB


def _fits(entry: ModelEntry, gpu: float, main: float) -> str:
    if not entry.gpus:
        return "fits" if entry.memory_gib <= main else "too large for this machine"
    if not gpu:
        return "there is no GPU"
    return "fits" if entry.memory_gib <= gpu else "held in parts, slower"
