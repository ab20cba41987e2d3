"""Commits of models that were pulled, and weights that are there before a worker asks for them."""

from pathlib import Path

import structlog

from bot.settings import Settings
from inference import pins, weights
from inference.entry import ModelEntry
from inference.quality import LEVELS
from inference.values import ModelUnavailable

log = structlog.get_logger(__name__)


def pins_file(settings: Settings) -> Path:
    """The file with the commits of models that were pulled; perhaps there is none yet."""
    return (settings.models_dir or settings.data_dir) / pins.FILE


def prepare(entry: ModelEntry, settings: Settings) -> ModelEntry:
    """The entry at the commit that was pulled; its weights on this machine where it renders.

    On a cluster each node fetches them itself. Here a worker would be given up on meanwhile. What
    cannot be fetched now is left to the workers, who try again: prompts are taken all the same.
    Raises: inference.values.ModelUnavailable, for a wrong file of pins.
    """
    entry = pins.pinned(entry, pins_file(settings))
    if settings.ray_address is None:
        try:
            _fetch(entry, settings)
        except ModelUnavailable as error:
            log.warning("a model cannot be fetched", model=entry.name, error=str(error))
    return entry


def _fetch(entry: ModelEntry, settings: Settings) -> None:
    if not weights.is_here(entry, settings.models_dir):
        log.info("fetching a model", model=entry.name, source=entry.source)
    weights.ready(entry, settings.models_dir)
    if entry.few_step and LEVELS[entry.quality].few_step:
        weights.few_step_files(entry, settings.models_dir)
