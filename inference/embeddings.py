"""What a text encoder made of a text, kept for the next time that text is asked for."""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

MOST_BYTES = 2**30  # LTX-2 needs 0.4 GB a text, the others 4 MB and less
Encoded = tuple[Any, ...]  # of tensors
_TEXTS = ("prompt", "negative_prompt")


class Embeddings:
    """The latest texts with their encodings, in main memory. Not for two threads at once."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Begin empty; whatever was not asked for longest goes when there are more bytes."""
        self.bytes = 0
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, tuple[Encoded, Any]] = OrderedDict()  # and its device

    def attach(self, diffusion: Any) -> None:
        """Have a diffusers pipeline encode each text once, with the same numbers as before.

        All of its architectures encode texts in `encode_prompt`, each text by itself: the prompt
        and the negative prompt, when asked for both, and then give the first half of what they
        return for the one and the second half for the other.
        """
        encode = diffusion.encode_prompt
        signature = inspect.signature(encode)

        def encode_prompt(*positional: Any, **named: Any) -> Encoded:
            bound = signature.bind(*positional, **named)
            bound.apply_defaults()
            asked = dict(bound.arguments)
            if not _is_text_alone(asked):
                return tuple(encode(**asked))
            if not asked.pop("do_classifier_free_guidance", False):
                return self._encoded(encode, asked, halves="negative_prompt" in asked)
            negative = {**asked, "prompt": asked["negative_prompt"] or ""}
            words, no_words = (self._encoded(encode, one, halves=True) for one in (asked, negative))
            return words[: len(words) // 2] + no_words[: len(no_words) // 2]

        diffusion.encode_prompt = encode_prompt

    def _encoded(
        self, encode: Callable[..., Encoded], asked: dict[str, Any], *, halves: bool
    ) -> Encoded:
        """What `encode` makes of the prompt alone. halves: whether it could take a second text."""
        if halves:
            asked = {**asked, "negative_prompt": None, "do_classifier_free_guidance": False}
        key = (encode.__qualname__, *asked.items())
        if key in self._kept:
            self._kept.move_to_end(key)
            return _copy(*self._kept[key])
        encoded = tuple(encode(**asked))
        self._keep(key, encoded)
        return encoded

    def _keep(self, key: Hashable, encoded: Encoded) -> None:
        size = _bytes(encoded)
        if size > self._most_bytes:
            return
        self.bytes += size
        while self.bytes > self._most_bytes:
            _, (oldest, _) = self._kept.popitem(last=False)
            self.bytes -= _bytes(oldest)
        self._kept[key] = _copy(encoded, "cpu"), encoded[0].device


def _is_text_alone(asked: dict[str, Any]) -> bool:
    """Whether one clip's texts are asked for, and nothing is given that they would become."""
    texts = all(asked.get(name) is None or isinstance(asked[name], str) for name in _TEXTS)
    given = any(
        value is not None for name, value in asked.items() if "embeds" in name or "mask" in name
    )
    return texts and not given


def _copy(encoded: Encoded, device: Any) -> Encoded:
    """The same numbers, which nobody can change by what they were copied from."""
    return tuple(one if one is None else one.to(device, copy=True) for one in encoded)


def _bytes(encoded: Encoded) -> int:
    return sum(one.numel() * one.element_size() for one in encoded if one is not None)
