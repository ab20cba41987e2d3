"""A model built from its configurations alone: as large and as slow as the real one, and no use.

Nothing is downloaded. A matrix product takes the same time whatever the numbers are (on a GPU that
slows down when it draws too much power, random numbers are a little slower than trained ones).
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from inference import catalog, loading
from inference.diffusion import Diffusion
from inference.entry import ModelEntry
from inference.quality import LEVELS
from inference.values import ModelUnavailable


def load(entry: ModelEntry, models_folder: Path | None, *, device: str) -> Diffusion:
    """The model's diffusers pipeline from words, random, its weights made on the device.

    What the level of quality says of dtypes and few steps holds as for the real weights; a merged
    LoRA costs no time.
    Raises: ModelUnavailable, when there are no configurations.
    """
    import diffusers
    import torch

    folder = catalog.config_folder(entry, models_folder)
    if not (folder / "model_index.json").is_file():
        raise ModelUnavailable(f"{entry.title} has no configurations in {folder}.")
    loading.quieten()
    torch.manual_seed(0)  # so that all ranks hold the same
    for module in entry.modules:
        import_module(module)
    pipeline = getattr(diffusers, entry.pipeline)  # imports the classes that only it has, too
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    parts: dict[str, Any] = {}
    for name, kind in index.items():
        if isinstance(kind, list):
            parts[name] = None if kind[1] is None else _part(entry, folder, name, kind, device)
        elif not name.startswith("_"):
            parts[name] = kind
    few = entry.few_step if LEVELS[entry.quality].few_step else None
    if few is not None:
        scheduler = parts["scheduler"]
        parts["scheduler"] = type(scheduler).from_config(scheduler.config, **few.scheduler)
    words = pipeline(**parts)
    words.set_progress_bar_config(disable=True)
    return Diffusion(words)


def _part(entry: ModelEntry, folder: Path, name: str, kind: list[str], device: str) -> Any:
    import torch

    if "tokenizer" in name:
        return _tokenizer(folder / name, kind[1])
    settings = folder / name / f"{name}_config.json"
    if settings.is_file():  # of a scheduler or a guider
        return _class(kind).from_config(json.loads(settings.read_text(encoding="utf-8")))
    light = LEVELS[entry.quality].light_decoder or name != "vae"
    dtype = getattr(torch, entry.dtype if light else entry.decoder_dtype)
    with _made_in(dtype), torch.device(device):
        made = component(folder / name, kind)
    _widen(made, dtype)
    return made.eval().requires_grad_(False)


def component(folder: Path, kind: list[str]) -> Any:
    """A pipeline's component by its configuration, as torch makes it: random, or without numbers.

    kind: library and class, as model_index.json names them.
    """
    if kind[0] == "transformers":
        import transformers

        config = transformers.AutoConfig.from_pretrained(folder)
        return getattr(transformers, kind[1])(config)
    found = _class(kind)
    if not hasattr(found, "from_config"):  # one of transformers' sort, outside of it
        return found(found.config_class.from_pretrained(folder))
    return found.from_config(json.loads((folder / "config.json").read_text(encoding="utf-8")))


def _class(kind: list[str]) -> Any:
    library, name = kind
    home = sys.modules.get(f"diffusers.pipelines.{library}") or import_module(library)
    return getattr(home, name)


@contextlib.contextmanager
def _made_in(dtype: Any) -> Iterator[None]:
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _widen(model: Any, dtype: Any) -> None:
    """Hold in float32 what from_pretrained() holds in it whatever dtype is asked for."""
    import torch
    import transformers

    names = set(getattr(model, "_keep_in_fp32_modules_strict", None) or ())
    # transformers widens the others for float16 alone.
    if not isinstance(model, transformers.PreTrainedModel) or dtype is torch.float16:
        names |= set(getattr(model, "_keep_in_fp32_modules", None) or ())
    for name, parameter in model.named_parameters():
        if names.intersection(name.split(".")):
            parameter.data = parameter.data.float()


def _tokenizer(folder: Path, kind: str) -> Any:
    """The model's own where its files are here; else one token a byte, of the same sort."""
    import transformers

    if folder.is_dir():
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return _bytes_of_a_chat() if kind.startswith("Qwen2") else transformers.ByT5Tokenizer()


def _bytes_of_a_chat() -> Any:
    """Byte-level BPE without a merge, and with the marks of a chat (Qwen's)."""
    import transformers

    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in printable]
    letters += [chr(256 + number) for number in range(256 - len(printable))]
    tokenizer = transformers.Qwen2Tokenizer(
        vocab={letter: number for number, letter in enumerate(letters)},
        merges=[],
        unk_token=None,
        bos_token=None,
        eos_token="<|im_end|>",  # noqa: S106
        pad_token="<|endoftext|>",  # noqa: S106
    )
    tokenizer.chat_template = (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
        "<|im_end|>\n{% endfor %}"
    )
    return tokenizer
