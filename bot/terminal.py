"""What every command of the shell needs: the settings, and a way to say what is wrong."""

from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from bot.log import configure_logging
from bot.settings import Settings, SettingsError, load_settings

error_console = Console(stderr=True, highlight=False)


def fail(sentence: object, code: int = 2) -> typer.Exit:
    """To be raised: ends the command with that sentence."""
    error_console.print(f"kinogram: {sentence}", style="red", markup=False, soft_wrap=True)
    return typer.Exit(code)


def read_settings(**overrides: Any) -> Settings:
    """The settings, with `overrides` on top; a wrong one ends the command."""
    try:
        loaded = load_settings(**overrides)
    except SettingsError as error:
        raise fail(error) from None
    configure_logging(loaded.log_level)
    return loaded


def save(path: Path, data: bytes) -> None:
    """Write a file whole. Raises: OSError; nothing half-written is left then."""
    with path.open("wb") as file:
        try:
            file.write(data)
            file.flush()
        except OSError:
            if path.is_file():  # and no device
                path.unlink()
            raise
