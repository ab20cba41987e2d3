"""A model's weights on this machine: beside its file, in the package, or from the hub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inference import repository
from inference.entry import FewStep, ModelEntry
from inference.repository import Hub
from inference.values import ModelUnavailable

_PACKAGE = Path(__file__).parent
HUB = Hub()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A model that is on this machine.

    folder: of its pipeline. commit: "" for a model that is not from the hub.
    few_step: file by component, of the weights for few steps; few_step_commit: theirs.
    """

    folder: Path
    commit: str = ""
    few_step: Mapping[str, Path] = field(default_factory=dict)
    few_step_commit: str = ""


def own_folder(entry: ModelEntry, models_folder: Path | None) -> Path | None:
    """The folder of weights that are not the hub's: the operator's copy, or the package's.

    models_folder: KINOGRAM_MODELS_DIR, where `<name>/model_index.json` comes before all else.
    """
    folders = [_PACKAGE / entry.source] if entry.source else []
    if models_folder is not None:
        folders.insert(0, models_folder / entry.name)
    return next(
        (folder.resolve() for folder in folders if (folder / "model_index.json").is_file()), None
    )


def is_here(entry: ModelEntry, models_folder: Path | None, hub: Hub = HUB) -> bool:
    """Whether the model can be loaded without the network. Asks no network."""
    return own_folder(entry, models_folder) is not None or _cached(entry, hub) is not None


def all_here(entry: ModelEntry, models_folder: Path | None, hub: Hub = HUB) -> bool:
    """Whether the weights for few steps are here as well, where there are any. Asks no network."""
    few = entry.few_step
    if not is_here(entry, models_folder, hub):
        return False
    if few is None or _beside(entry, few, models_folder) is not None:
        return True
    paths = tuple(few.files.values())
    return bool(
        few.revision and repository.found(few.repository, few.revision, paths, hub) is not None
    )


def ready(entry: ModelEntry, models_folder: Path | None, hub: Hub = HUB) -> Path:
    """The folder with the model's pipeline; from the hub, once, if it is not on this machine yet.

    Raises: ModelUnavailable.
    """
    own = own_folder(entry, models_folder)
    if own is not None:
        return own
    _check_source(entry, models_folder)
    return _cached(entry, hub) or _fetched(entry, hub).folder


def pull(entry: ModelEntry, models_folder: Path | None, hub: Hub = HUB) -> Pulled:
    """All of the model, and its weights for few steps, on this machine, every file checked.

    Raises: ModelUnavailable.
    """
    own = own_folder(entry, models_folder)
    if own is None:
        _check_source(entry, models_folder)
        fetched = _fetched(entry, hub)
        pulled = Pulled(folder=fetched.folder, commit=fetched.commit)
    else:
        pulled = Pulled(folder=own)
    few = entry.few_step
    if few is None:
        return pulled
    paths = repository.fetch(few.repository, few.revision, tuple(few.files.values()), hub)
    return Pulled(
        folder=pulled.folder,
        commit=pulled.commit,
        few_step={name: paths.folder / path for name, path in few.files.items()},
        few_step_commit=paths.commit,
    )


def few_step_files(
    entry: ModelEntry, models_folder: Path | None, hub: Hub = HUB
) -> Mapping[str, Path]:
    """The weights for few steps by component; from the hub, once, if they are not here yet.

    models_folder: KINOGRAM_MODELS_DIR, where files in the model's folder come first.
    Raises: ModelUnavailable, also for a model that has none.
    """
    few = entry.few_step
    if few is None:
        raise ModelUnavailable(f"{entry.title} has no weights for few steps.")
    beside = _beside(entry, few, models_folder)
    if beside is not None:
        return beside
    paths = tuple(few.files.values())
    folder = repository.found(few.repository, few.revision, paths, hub) if few.revision else None
    if folder is None:
        folder = repository.fetch(few.repository, few.revision, paths, hub).folder
    return {name: folder / path for name, path in few.files.items()}


def _beside(
    entry: ModelEntry, few: FewStep, models_folder: Path | None
) -> Mapping[str, Path] | None:
    if models_folder is None:
        return None
    paths = {name: models_folder / entry.name / path for name, path in few.files.items()}
    return paths if all(path.is_file() for path in paths.values()) else None


def _cached(entry: ModelEntry, hub: Hub) -> Path | None:
    if "/" not in entry.source or not entry.revision:
        return None
    return repository.found(entry.source, entry.revision, _files(entry), hub)


def _fetched(entry: ModelEntry, hub: Hub) -> repository.Fetched:
    return repository.fetch(entry.source, entry.revision, _files(entry), hub)


def _files(entry: ModelEntry) -> repository.Choose:
    return repository.choose(entry.variant, entry.weights_file)


def _check_source(entry: ModelEntry, models_folder: Path | None) -> None:
    if "/" not in entry.source:
        there = models_folder / entry.name if models_folder else "KINOGRAM_MODELS_DIR"
        raise ModelUnavailable(
            f"{entry.title} has no weights: no model_index.json in {there}, and no source."
        )
