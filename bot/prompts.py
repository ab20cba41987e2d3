"""Chat text becomes a Request, or is refused with a reason. Pure: no chat, no clock, no storage."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

import regex

from bot.options import OptionRefusal, OptionRejected, choices, choose, chosen_model, plainly, split
from inference.entry import ModelEntry
from inference.values import Request

MOST_CHARACTERS = 199
MOST_CODE_POINTS = 600
# Marks that reorder what follows them: a prompt could make the card around it read wrongly.
BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
INVISIBLE = frozenset("\u200b\u2060\ufeff")
# Controls but for spaces, and lone surrogates, which no UTF-8 file or database can hold.
_CONTROLS = {
    character
    for character in map(chr, (*range(0xA0), *range(0xD800, 0xE000)))
    if unicodedata.category(character) in {"Cc", "Cs"} and not character.isspace()
}
_DROPPED = re.compile(f"[{re.escape(''.join(sorted(BIDI_CONTROLS | INVISIBLE | _CONTROLS)))}]")
_SHOWN = regex.compile(r"[^\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}\p{Cf}\p{Z}\u2800]")

_CLUSTER = regex.compile(r"\X")


class Refusal(StrEnum):
    """Why a text is no prompt."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    TOO_DENSE = "too many code points"
    NEGATIVE_TOO_LONG = "negative prompt too long"
    NEGATIVE_TOO_DENSE = "too many code points in the negative prompt"


class PromptRejected(Exception):
    """The text is no prompt.

    length and limit: grapheme clusters, or code points when the reason is a TOO_DENSE.
    """

    def __init__(self, reason: Refusal, length: int, limit: int) -> None:
        super().__init__(reason, length, limit)
        self.reason = reason
        self.length = length
        self.limit = limit


def clean(text: str) -> str:
    """The text in NFC on one line, without control characters and bidi overrides."""
    return unicodedata.normalize("NFC", " ".join(_DROPPED.sub("", text).split()))


def count_characters(text: str) -> int:
    """Characters as people count them: extended grapheme clusters (UAX #29)."""
    return len(_CLUSTER.findall(text))


def parse(
    text: str,
    *,
    models: Mapping[str, ModelEntry],
    seed: int,
    usual: Mapping[str, str] | None = None,
) -> Request:
    """The request that a chat text makes of a model.

    models: to choose from, by name, the first for everybody. seed: for a text without `--seed`.
    usual: values of options that the text does not give, as far as its model has them.
    Raises: PromptRejected, when no prompt is left of the text, or too long a one;
    options.OptionRejected.
    """
    usual = usual or {}
    prompt, options = split(clean(text))
    model = chosen_model(options, models, usual.get("model", ""))
    has = {name: value for name, value in usual.items() if value in choices(model, name)}
    return _told(choose(_plain(model, seed), has, model), prompt, options, model)


def parse_onto(
    request: Request, text: str, *, models: Mapping[str, ModelEntry], joined: bool = False
) -> Request:
    """A request told otherwise: the text's prompt, and what its options change.

    The request's model is among the models. Under another one its seed is kept, and its shape where
    that one makes it.
    joined: its clip is joined to another one, and so keeps its model and its shape.
    Raises: as `parse` does.
    """
    prompt, options = split(clean(text))
    model, before = chosen_model(options, models, request.model), request
    if model.name != request.model:
        shape = request.aspect_ratio
        request = _plain(model, request.seed)
        if shape in model.shapes:
            request = replace(request, aspect_ratio=shape)
    told = _told(request, prompt, options, model)
    if joined:
        _keep("model", before.model, told.model)
        _keep("ar", before.aspect_ratio, told.aspect_ratio)
    return told


def _keep(option: str, has: str, wanted: str) -> None:
    if wanted != has:
        raise OptionRejected(OptionRefusal.IMPOSSIBLE, option, wanted, (has,))


def model_of(
    text: str, *, models: Mapping[str, ModelEntry], usual: Mapping[str, str]
) -> ModelEntry:
    """The model that `parse` makes a request of.

    Raises: options.OptionRejected.
    """
    _, options = split(clean(text))
    return chosen_model(options, models, usual.get("model", ""))


def _plain(model: ModelEntry, seed: int) -> Request:
    return Request(
        prompt="",
        seed=seed,
        model=model.name,
        seconds=model.default_seconds,
        aspect_ratio=model.default_aspect_ratio,
    )


def _told(request: Request, prompt: str, options: Mapping[str, str], model: ModelEntry) -> Request:
    # What is blank (a lone joiner, a filler, an empty Braille cell) asks for nothing.
    if not _SHOWN.search(prompt):
        raise PromptRejected(Refusal.EMPTY, 0, MOST_CHARACTERS)
    _measure(prompt, Refusal.TOO_LONG, Refusal.TOO_DENSE)
    if "seed" in options:
        # Who names a seed wants the clip of that seed, not one varied from it.
        request = replace(request, variation=None)
    request = choose(replace(request, prompt=prompt), options, model)
    _measure(request.negative_prompt, Refusal.NEGATIVE_TOO_LONG, Refusal.NEGATIVE_TOO_DENSE)
    return request


def as_draft(text: str) -> str:
    """The text with the option that makes a draft of it.

    Raises: options.OptionRejected, when it asks for other steps, or for what cannot be.
    """
    _, options = split(clean(text))
    if "steps" not in options:
        return f"{text} --steps draft"
    if plainly(options["steps"]) != "draft":
        raise OptionRejected(OptionRefusal.IMPOSSIBLE, "steps", options["steps"], ("draft",))
    return text


def _measure(words: str, too_long: Refusal, too_dense: Refusal) -> None:
    length = count_characters(words)
    if length > MOST_CHARACTERS:
        raise PromptRejected(too_long, length, MOST_CHARACTERS)
    if len(words) > MOST_CODE_POINTS:
        raise PromptRejected(too_dense, len(words), MOST_CODE_POINTS)
