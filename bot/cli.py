"""The command `kinogram`: try it, serve it, render with the model alone."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from bot import cli_admins, cli_bench, cli_cluster
from bot.cli_models import models
from bot.data_folder import DataFolderError
from bot.languages import Language
from bot.local_telegram import SandboxError, sandboxed
from bot.model_weights import prepare
from bot.options import OptionRejected
from bot.prompts import PromptRejected, parse
from bot.replies.prompts import explain
from bot.screening.screen import ScreenListError
from bot.settings import Settings
from bot.terminal import error_console, fail, read_settings, save
from inference import catalog, placement
from inference.values import InferenceError

SANDBOX_PORT = 8081
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A chat bot that turns a prompt into a video.",
)
cli_admins.add_to(app)
app.add_typer(models, name="models")
app.add_typer(cli_cluster.cluster, name="cluster")
app.add_typer(cli_bench.bench, name="bench")


def _run(work: Coroutine[Any, Any, int]) -> NoReturn:
    from bot.app import AppError

    try:
        code = asyncio.run(work)
    except (AppError, DataFolderError, ScreenListError, SandboxError, InferenceError) as error:
        raise fail(error) from None
    except KeyboardInterrupt:
        code = 130
    # All is closed and durable. Ray's exit handlers can take 20 s more, and longer while it still
    # starts; its processes end with this one anyway.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@app.command()
def serve(
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="A local Telegram in the browser, without an account.")
    ] = False,
    sandbox_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the sandbox page; 0 takes a free one.")
    ] = SANDBOX_PORT,
) -> None:
    """Run the bot on Telegram, or on the sandbox."""
    loaded = read_settings()
    if not sandbox and loaded.telegram_token is None:
        raise fail(
            "nothing to serve: set KINOGRAM_TELEGRAM_TOKEN to the token that @BotFather gave you, "
            "or add --sandbox to try the bot without Telegram"
        )
    _run(_serve(loaded, sandbox_port if sandbox else None))


async def _serve(loaded: Settings, sandbox_port: int | None) -> int:
    from bot.app import open_app

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        if sandbox_port is not None:
            loaded = await stack.enter_async_context(sandboxed(loaded, sandbox_port))
        application = await stack.enter_async_context(open_app(loaded))
        if sandbox_port is not None:
            # The one line a person needs, on stdout where scripts find it too.
            typer.echo(f"Open {str(loaded.telegram_api_url).rstrip('/')} in a browser.")
        await application.run(stop)
    return 0


@app.command(name="try")
def try_(
    prompt: Annotated[str, typer.Argument(help="What the video shall show.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The mp4.")] = Path("clip.mp4"),
) -> None:
    """Send one prompt through the whole service, as a person would, and save the clip."""
    from bot.tryout import tryout

    # Operators' log lines would stand between the lines of the conversation.
    loaded = read_settings(
        log_level="error", http_host="127.0.0.1", http_port=0, workers=1, access="open"
    )
    _refuse_unwritable(output)
    _run(tryout(loaded, prompt, output, Console(highlight=False)))


@app.command()
def render(
    prompt: Annotated[str, typer.Argument(help="What the video shall show.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The mp4.")],
    model: Annotated[str, typer.Option(help="A model's name.")] = catalog.DEFAULT_MODEL,
    seconds: Annotated[float | None, typer.Option(help="Length of the clip.")] = None,
    aspect_ratio: Annotated[str | None, typer.Option(help="Such as 16:9.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed makes the same clip.")] = None,
    negative_prompt: Annotated[str, typer.Option(help="What it shall not show.")] = "",
    image: Annotated[
        Path | None, typer.Option(help="A PNG, JPEG or WebP picture: the first frame.")
    ] = None,
    extend: Annotated[
        Path | None, typer.Option(help="A clip to go on from; the output holds both.")
    ] = None,
) -> None:
    """Render with the model alone, without any chat."""
    loaded = read_settings()
    _refuse_unwritable(output)
    if image is not None and extend is not None:
        raise fail("--image and --extend exclude one another: a clip has one first frame")
    from bot import rendering
    from inference.mp4 import as_png

    before = None
    try:
        entry = catalog.find(model, loaded.models_dir).at(loaded.quality)
        picture, nearest = rendering.read_picture(image, entry) if image else (None, "")
        by_chance = secrets.randbits(32)
        usual = {"ar": nearest} if nearest else {}
        request = parse(prompt, models={entry.name: entry}, seed=by_chance, usual=usual)
        request = replace(
            request,
            seed=request.seed if seed is None else seed,
            negative_prompt=negative_prompt or request.negative_prompt,
            seconds=request.seconds if seconds is None else seconds,
            aspect_ratio=request.aspect_ratio if aspect_ratio is None else aspect_ratio,
            image=picture,
        )
        catalog.check(entry, request)
        if extend is not None:
            before, shape = rendering.read_clip(extend, entry, aspect_ratio or None)
            request = replace(request, image=as_png(before.frames[-1]), aspect_ratio=shape)
        catalog.check(entry, request)
        placement.expect("cuda" if entry.gpus else "cpu")  # before a long download
        mp4 = rendering.render(
            prepare(entry, loaded),
            request,
            error_console,
            before=before,
            models_folder=loaded.models_dir,
            marked=loaded.mark,
        )
    except (PromptRejected, OptionRejected) as error:
        raise fail(explain(Language("en"), error)) from None
    except InferenceError as error:
        raise fail(error) from None
    try:
        save(output, mp4)
    except OSError as error:
        raise fail(f"--output {str(output)!r} cannot be written: {error.strerror}") from None
    typer.echo(f"{output}  (seed {request.seed})")


def _refuse_unwritable(output: Path) -> None:
    if output.is_dir() or not output.absolute().parent.is_dir():
        raise fail(f"--output {str(output)!r} cannot be written: no such folder, or a folder")
