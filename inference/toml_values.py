"""What a key of a TOML file may hold: each check returns the value, or says what it must be."""

import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], Any]
_RATIO = re.compile(r"([1-9][0-9]?):([1-9][0-9]?)")
_WEIGHTS = re.compile(r"(?!.*\.\.)[\w.-]+(?:/[\w.-]+)*\.safetensors")
_RATIO_TOLERANCE = 0.1


class WrongValueError(ValueError):
    """A value is wrong; the text goes on from its key: "must be ..."."""


def text(value: Any) -> str:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError("must be a text")
    return value


def any_text(value: Any) -> str:
    """A text, empty or not."""
    if not isinstance(value, str):
        raise WrongValueError("must be a text")
    return value


def matching(pattern: re.Pattern[str], like: str) -> Check:
    """A check for texts of that pattern. like: what they are, for people."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value) or ".." in value:
            raise WrongValueError(f"must be {like}, not {value!r}")
        return value

    return check


def one_of(allowed: tuple[str, ...]) -> Check:
    """A check for those texts alone."""

    def check(value: Any) -> str:
        if value not in allowed:
            raise WrongValueError(f"must be one of {', '.join(allowed)}, not {value!r}")
        return str(value)

    return check


def whole(least: int, most: int) -> Check:
    """A check for whole numbers of that range."""

    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise WrongValueError(f"must be a whole number from {least} to {most}, not {value!r}")
        return value

    return check


def number(least: float, most: float) -> Check:
    """A check for numbers of that range, as a float."""

    def check(value: Any) -> float:
        if type(value) not in {int, float} or not least <= value <= most:
            raise WrongValueError(f"must be a number from {least:g} to {most:g}, not {value!r}")
        return float(value)

    return check


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise WrongValueError(f"must be true or false, not {value!r}")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise WrongValueError("must be a list of texts")
    return tuple(value)


def own_modules(value: Any) -> tuple[str, ...]:
    """Names of this package's modules: no file can make others be imported."""
    names = texts(value)
    if not all(re.fullmatch(r"inference\.\w+", name) for name in names):
        raise WrongValueError("must be modules of this package, as inference.NAME")
    return names


def shapes(value: Any) -> dict[str, tuple[int, int]]:
    """(width, height) in pixels by aspect ratio."""
    if not isinstance(value, dict) or not value:
        raise WrongValueError('must be a table such as "16:9" = [1280, 704]')
    side = whole(16, 8192)
    found = {}
    for ratio, sides in value.items():
        parts = _RATIO.fullmatch(ratio)
        if not parts or not isinstance(sides, list) or len(sides) != 2:
            raise WrongValueError(f'must have entries such as "16:9" = [1280, 704], not {ratio!r}')
        try:
            width, height = side(sides[0]), side(sides[1])
        except WrongValueError as error:
            raise WrongValueError(f"{ratio!r}: width and height {error}") from None
        wanted = int(parts[1]) / int(parts[2])
        if abs(width / height / wanted - 1) > _RATIO_TOLERANCE:
            raise WrongValueError(f"{ratio!r}: {width}x{height} is not of that aspect ratio")
        found[ratio] = (width, height)
    return found


def options(value: Any) -> dict[str, Any]:
    """Arguments of a call: plain values, and lists of numbers."""
    if not isinstance(value, dict):
        raise WrongValueError("must be a table")
    for key, one in value.items():
        numbers = isinstance(one, list) and all(type(item) in {int, float} for item in one)
        if not numbers and type(one) not in {bool, int, float, str}:
            raise WrongValueError(
                f"{key} must be a number, a text, true, false or a list of numbers"
            )
    return dict(value)


def files(value: Any) -> dict[str, str]:
    """Paths of safetensors files within a repository, by what they are for."""
    if not isinstance(value, dict) or not value:
        raise WrongValueError(
            'must be a table such as transformer = "path/in/repository.safetensors"'
        )
    check = matching(_WEIGHTS, "the path of a .safetensors file in the repository")
    found = {}
    for component, path in value.items():
        try:
            found[component] = check(path)
        except WrongValueError as error:
            raise WrongValueError(f"{component} {error}") from None
    return found
