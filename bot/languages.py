"""Languages: one gettext catalog a language in `bot/locales/`, read as it is, without compiling."""

import gettext
import io
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = Path(__file__).parent / "locales"
SOURCE_LANGUAGE = "en"
# Two units of time meet there: 71 seconds, 2 minutes.
SPAN_THRESHOLD = 1.2


@cache
def languages() -> tuple[str, ...]:
    """Codes of all languages that Kinogram speaks, the source language first."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in LOCALES.glob("*.po")))


def choose(chosen: str, language_code: str) -> str:
    """The language for a person: the one chosen, else the one of their Telegram client."""
    for wish in (chosen, language_code):
        code = wish.replace("_", "-").split("-")[0].lower()
        if code in languages():
            return code
    return SOURCE_LANGUAGE


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    with (LOCALES / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


class Language:
    """How one language says sentences, numbers and spans of time."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._translations = _catalog(code)
        self._locale = _locale(code)

    def say(self, message: str, **values: object) -> str:
        """The translated sentence with its {fields} filled in."""
        return self._translations.gettext(message).format(**values)

    def say_many(self, one: str, many: str, count: int, **values: object) -> str:
        """The same, in the plural form that `count` asks for."""
        template = self._translations.ngettext(one, many, count)
        return template.format(count=self.number(count), **values)

    def number(self, value: float) -> str:
        """A number as people of this language write it, at most one decimal."""
        return format_decimal(value, format="#,##0.#", locale=self._locale)

    def credits(self, tenths: int) -> str:
        """Tenths of a credit as credits."""
        return self.number(tenths / 10)

    def moment(self, at: float) -> str:
        """A date and time of day. at: Unix seconds; it is told in UTC, the one zone all share."""
        when = datetime.fromtimestamp(at, tz=UTC)
        return f"{format_datetime(when, 'medium', locale=self._locale)} UTC"

    @property
    def own_name(self) -> str:
        """What its speakers call it."""
        return str(self._locale.get_display_name(self._locale)).capitalize()

    def span(self, seconds: float) -> str:
        """A length of time, rounded to what a waiting person wants to know."""
        return format_timedelta(
            timedelta(seconds=_rounded(seconds)),
            threshold=SPAN_THRESHOLD,
            granularity="second",
            locale=self._locale,
        )

    def span_between(self, low: float, high: float) -> str:
        """From one length of time to another: "20–40 seconds", or one when they read the same."""
        longest = self.span(high)
        unit = _unit(_rounded(high))
        if low < unit and unit > 1:
            return f"{self.span(low)} – {longest}"
        first, last = (self.number(max(1, round(_rounded(end) / unit))) for end in (low, high))
        return longest if first == last else longest.replace(last, f"{first}–{last}", 1)


def _rounded(seconds: float) -> int:
    return max(1, round(seconds)) if seconds < 60 else round(seconds / 60) * 60


def _unit(seconds: int) -> int:
    """Seconds of the unit in which format_timedelta says them."""
    return next((unit for unit in (86_400, 3600, 60) if seconds >= SPAN_THRESHOLD * unit), 1)
