"""Options of a prompt, such as `--ar 16:9`. Pure, and linear in the length of the text."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

import regex

from inference.catalog import HIGHEST_SEED, LEVELS, level_steps
from inference.entry import ModelEntry
from inference.values import Request

NAMES = ("ar", "seconds", "seed", "no", "model", "steps")
SEED_DIGITS = len(str(HIGHEST_SEED))
# An option begins a word. Chinese puts no spaces between words, so it may follow a wide character.
# Phones turn -- into one dash, Chinese keyboards write two or wide ones, and what was copied may
# hold minus signs: they are taken for -- where a name follows (see _is_option).
_BEGINS = r"(?<![^ \p{EA=W}\p{EA=F}])(?:--|[—–]{1,2}|[－﹣−‐‑]{2})"
# Some write options without any space: --seed42, or 16:9--seed 42, or cat.--ar 9:16.
_GLUED = (
    rf"(?<=\d)--(?=(?i:{'|'.join(NAMES)})(?![A-Za-z-]))"
    rf"|(?<=[^\s\p{{Pd}}])--(?=(?i:ar|seconds|seed)[ =＝]{{0,3}}\d"
    rf"|(?i:steps)[ =＝]{{1,3}}(?i:{'|'.join(LEVELS)})\b)"
)
# Behind a space, -- and a Chinese word are meant for an option too, though there is none.
_NAME = (
    r"(?i:ar|seconds|seed)(?=\d)|[A-Za-z][^ =＝\p{EA=W}\p{EA=F}]*"
    r"|(?<=(?:^|[ ])--)\p{Han}+"
)
_START = regex.compile(rf"({_BEGINS}|{_GLUED})({_NAME}) ?[=＝]? ?")
# A value, its unit, and what of the prompt stands right behind it, as Chinese does.
_VALUE = regex.compile(r"([!-~０-９Ａ-Ｚａ-ｚ：．]+)(?:秒钟?)?[，。；、！？]*(?=\p{Han}|$)")
_UNIT = regex.compile(r"(?i:s|secs?|seconds?|秒钟?)(?![\w-])")


class OptionRefusal(StrEnum):
    """What is wrong with an option."""

    UNKNOWN = "unknown"
    TWICE = "twice"
    MISSING = "without a value"
    IMPOSSIBLE = "impossible value"
    NO_EFFECT = "no effect on this model"


class OptionRejected(Exception):
    """A text gives an option that there is not, or not so.

    option: its name without dashes. value: what was written as its value.
    choices: the values there are, where they can be listed.
    """

    def __init__(
        self, reason: OptionRefusal, option: str, value: str = "", choices: tuple[str, ...] = ()
    ) -> None:
        super().__init__(reason, option, value, choices)
        self.reason = reason
        self.option = option
        self.value = value
        self.choices = choices


def split(text: str) -> tuple[str, Mapping[str, str]]:
    """The words of a clean text that are its prompt, and the value of each option by its name.

    An option's value is one word, that of `--no` all words up to the next option, and "" where
    there is none. Other words are the prompt, wherever they stand.
    Raises: OptionRejected, when an option is unknown or stands there twice.
    """
    starts = [match for match in _START.finditer(text) if _is_option(match)]
    ends = [*(match.start() for match in starts), len(text)]
    prompt = [text[: ends[0]]]
    values: dict[str, str] = {}
    for match, end in zip(starts, ends[1:], strict=True):
        name, value = match[2].lower(), text[match.end() : end].strip()
        if name not in NAMES:
            raise OptionRejected(OptionRefusal.UNKNOWN, match[2])
        if name in values:
            raise OptionRejected(OptionRefusal.TWICE, name)
        if name != "no":
            word, _, more = value.partition(" ")
            found = _VALUE.match(word)
            value = found[1] if found else word
            unit = _UNIT.match(more) if name == "seconds" else None
            prompt += [word[found.end() :] if found else "", more[unit.end() :] if unit else more]
        values[name] = value
    return " ".join(part for part in map(str.strip, prompt) if part), values


def _is_option(match: regex.Match[str]) -> bool:
    return match[1] == "--" or match[2].lower() in NAMES


def choices(model: ModelEntry, name: str) -> tuple[str, ...]:
    """The values that an option can have with this model; () where they cannot be listed.

    Of `--model` see `chosen_model`.
    """
    match name:
        case "ar":
            return tuple(model.shapes)
        case "seconds":
            return tuple(f"{length:g}" for length in model.choosable_seconds)
        case "steps":
            return tuple(LEVELS)
    return ()


def chosen_model(
    values: Mapping[str, str], models: Mapping[str, ModelEntry], usual: str = ""
) -> ModelEntry:
    """The model that options ask for; where they name none the usual one, if there is such a one.

    values: as `split` gives them. models: those that are served, by name, the first for everybody.
    Raises: OptionRejected, when the one that is named is not among them.
    """
    if "model" not in values:
        return models.get(usual) or next(iter(models.values()))
    allowed, value = tuple(models), values["model"]
    if not value:
        raise OptionRejected(OptionRefusal.MISSING, "model", value, allowed)
    for name, entry in models.items():
        if plainly(name) == plainly(value):
            return entry
    raise OptionRejected(OptionRefusal.IMPOSSIBLE, "model", value, allowed)


def choose(request: Request, values: Mapping[str, str], model: ModelEntry) -> Request:
    """The request with what its options ask of the model.

    values: as `split` gives them; the model is chosen already.
    Raises: OptionRejected, when the model cannot do that.
    """
    for name, value in values.items():
        if name != "model":
            request = _choose(request, name, value, model)
    return request


def plainly(value: str) -> str:
    """A value as meant: Chinese keyboards write １６：９, and people put stops behind it."""
    return unicodedata.normalize("NFKC", value).lower().strip(",;.!?、。)\"'“”‘’")


def _choose(request: Request, name: str, value: str, model: ModelEntry) -> Request:
    if name == "no" and not model.has_negative_prompt:
        raise OptionRejected(OptionRefusal.NO_EFFECT, name, value)
    allowed = choices(model, name)
    if not value:
        raise OptionRejected(OptionRefusal.MISSING, name, value, allowed)
    plain = plainly(value)
    plain = regex.sub(rf"(?<=\d){_UNIT.pattern}$", "", plain) if name == "seconds" else plain
    if (allowed and plain not in allowed) or (name == "seed" and not _is_seed(plain)):
        raise OptionRejected(OptionRefusal.IMPOSSIBLE, name, value, allowed)
    match name:
        case "ar":
            return replace(request, aspect_ratio=plain)
        case "seconds":
            return replace(request, seconds=float(plain))
        case "seed":
            return replace(request, seed=int(plain))
        case "no":
            return replace(request, negative_prompt=value)
        case "steps":
            # Asked for or not, the model's own number is the same request: forecasts go by it.
            steps = None if plain == "standard" else level_steps(model, plain)
            return replace(request, steps=steps)
    raise ValueError(f"there is no option {name}")


def _is_seed(text: str) -> bool:
    digits = text.isascii() and text.isdecimal() and len(text) <= SEED_DIGITS
    return digits and int(text) <= HIGHEST_SEED
