"""diffusers pipelines, found and loaded: safetensors only, and never code from the hub."""

from importlib import import_module
from pathlib import Path

from inference import catalog, components, few_steps, single_file, weights
from inference.diffusion import Diffusion, with_pictures
from inference.entry import ModelEntry
from inference.quality import LEVELS
from inference.values import ModelUnavailable


def load(entry: ModelEntry, models_folder: Path | None, *, threads: int | None = None) -> Diffusion:
    """A model's diffusers pipelines in main memory.

    Quiets diffusers and transformers in this process, and gives torch `threads` threads where that
    is asked for. Weights that are not on this machine come from the hub. With those for few steps,
    where the entry's level of quality has them.
    Raises: ModelUnavailable, when the weights cannot be found or loaded.
    """
    import diffusers
    import torch
    from safetensors import SafetensorError

    quieten()
    if threads is not None:
        torch.set_num_threads(threads)
    folder = weights.ready(entry, models_folder)
    light = LEVELS[entry.quality].light_decoder
    few = entry.few_step if LEVELS[entry.quality].few_step else None
    dtypes = {
        "default": getattr(torch, entry.dtype),
        "vae": getattr(torch, entry.dtype if light else entry.decoder_dtype),
    }
    try:
        for module in entry.modules:
            import_module(module)
        pipeline = getattr(diffusers, entry.pipeline)
        models = {}
        if entry.weights_file and (folder / entry.weights_file).is_file():
            configs = catalog.config_folder(entry, models_folder)
            models = single_file.load(folder / entry.weights_file, configs, dtypes)
        models |= components.load(
            folder, variant=entry.variant, dtypes=dtypes, modules=entry.modules, without=models
        )
        words = pipeline.from_pretrained(
            folder,
            **models,
            variant=entry.variant or None,
            dtype=dtypes,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
        )
        if few is not None:
            few_steps.merge(words, few, weights.few_step_files(entry, models_folder))
    except ModelUnavailable:
        raise
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        ImportError,
        LookupError,
        OSError,
        RuntimeError,
        SafetensorError,
        TypeError,
        ValueError,
    ) as error:
        raise ModelUnavailable(
            f"{entry.title} cannot be loaded from {folder}: {_first_line(error)}"
        ) from error
    pictures = None
    if entry.picture_pipeline not in {"", entry.pipeline}:
        pictures = with_pictures(words, getattr(diffusers, entry.picture_pipeline))
    diffusion = Diffusion(words, pictures)
    if unknown := diffusion.unknown(entry.options):
        raise ModelUnavailable(
            f"{entry.title}: options.{unknown[0]} is nothing that {entry.pipeline} takes."
        )
    for pipeline in diffusion.pipelines:
        pipeline.set_progress_bar_config(disable=True)
    return diffusion


def quieten() -> None:
    """Have diffusers and transformers say nothing in this process but errors."""
    import diffusers
    import transformers
    from huggingface_hub.utils.tqdm import disable_progress_bars

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    disable_progress_bars()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
