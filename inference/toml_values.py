"""What a TOML file may hold: each check returns the value, or says what it must be.

What is said stays one short line that people can read, whatever stands in the file.
"""

import math
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

Check = Callable[[Any], Any]
_RATIO = re.compile(r"([1-9][0-9]?):([1-9][0-9]?)")
_WEIGHTS = re.compile(r"(?!.*\.\.)[\w.-]+(?:/[\w.-]+)*\.safetensors")
_RATIO_TOLERANCE = 0.1
_MOST_LETTERS = 200
_SHOWN_LETTERS = 60
_LARGEST = 2**63


class WrongValueError(ValueError):
    """A value is wrong; the text goes on from its key: "must be ..."."""


class NoTomlError(ValueError):
    """A file cannot be read; the text goes on from its name: "cannot be read: ..."."""


def read_table(path: Path) -> dict[str, Any]:
    """All that a file holds.

    Raises: NoTomlError; FileNotFoundError.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NoTomlError(f"cannot be read: {error.strerror or error}") from None
    except UnicodeError:
        raise NoTomlError("cannot be read: it is not UTF-8") from None
    except RecursionError:
        raise NoTomlError("is no TOML: its brackets are nested too deep") from None
    except tomllib.TOMLDecodeError as error:
        raise NoTomlError(f"is no TOML: {error}") from None
    except ValueError:
        raise NoTomlError("is no TOML: a number has thousands of digits") from None


def shown(value: Any) -> str:
    """A value or a key as it stands in a sentence."""
    try:
        said = repr(value)
    except (RecursionError, ValueError):  # a number with thousands of digits
        return "that"
    return said if len(said) <= _SHOWN_LETTERS else f"{said[:_SHOWN_LETTERS]}..."


def shown_key(name: str) -> str:
    """A key as it stands in a sentence, with quotes only where it needs them."""
    return name if re.fullmatch(r"[\w.-]{1,60}", name, re.ASCII) else shown(name)


def text(value: Any) -> str:
    """A text that says something, in one line."""
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError("must be a text")
    if not value.isprintable() or len(value) > _MOST_LETTERS:
        raise WrongValueError(f"must be one line of at most {_MOST_LETTERS} characters")
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
            raise WrongValueError(f"must be {like}, not {shown(value)}")
        return value

    return check


def one_of(allowed: tuple[str, ...]) -> Check:
    """A check for those texts alone."""

    def check(value: Any) -> str:
        if value not in allowed:
            raise WrongValueError(f"must be one of {', '.join(allowed)}, not {shown(value)}")
        return str(value)

    return check


def whole(least: int, most: int) -> Check:
    """A check for whole numbers of that range."""

    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise WrongValueError(
                f"must be a whole number from {least} to {most}, not {shown(value)}"
            )
        return value

    return check


def number(least: float, most: float) -> Check:
    """A check for numbers of that range, as a float."""

    def check(value: Any) -> float:
        if type(value) not in {int, float} or not least <= value <= most:
            raise WrongValueError(
                f"must be a number from {least:g} to {most:g}, not {shown(value)}"
            )
        return float(value)

    return check


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise WrongValueError(f"must be true or false, not {shown(value)}")
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
            raise WrongValueError(
                f'must have entries such as "16:9" = [1280, 704], not {shown(ratio)}'
            )
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
    for name, one in value.items():
        if not re.fullmatch(r"[a-z_]\w*", name, re.ASCII):
            raise WrongValueError(f"{shown_key(name)} is no name of an argument")
        numbers = isinstance(one, list) and all(map(_is_number, one))
        if not numbers and not isinstance(one, bool | str) and not _is_number(one):
            raise WrongValueError(
                f"{name} must be a number, a text, true, false or a list of numbers"
            )
    return dict(value)


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and abs(value) < _LARGEST and math.isfinite(value)


# Path of a safetensors file within a repository.
WEIGHTS_FILE = matching(_WEIGHTS, "the path of a .safetensors file in the repository")


def files(value: Any) -> dict[str, str]:
    """Paths of safetensors files within a repository, by what they are for."""
    if not isinstance(value, dict) or not value:
        raise WrongValueError(
            'must be a table such as transformer = "path/in/repository.safetensors"'
        )
    found = {}
    for component, path in value.items():
        if not re.fullmatch(r"[a-z_]\w*", component, re.ASCII):
            raise WrongValueError(f"{shown_key(component)} is no part of a pipeline")
        try:
            found[component] = WEIGHTS_FILE(path)
        except WrongValueError as error:
            raise WrongValueError(f"{shown_key(component)} {error}") from None
    return found
