"""How a prompt falls into words, for the built-in model's tokenizer and for people.

Standard library only.
"""

import re
import unicodedata
from functools import cache, lru_cache

from inference.vocabulary import (
    COLOURS,
    SCENES,
    THINGS,
    WEATHERS,
    meanings_of_words,
)

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# Punctuation says nothing; other characters that are no letters, such as emoji, stand alone.
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_SIGNS = "!-/:-@\\[-`{-~\u00a1-\u00bf\u2010-\u205e\u3001-\u303f\u200d"
# Some keyboards ask for the coloured emoji, and some leave that out.
VARIATIONS = "[\ufe0e\ufe0f]"
# Python calls these four separators spaces, the tokenizer's regular expressions do not.
SPACES = "[\\s\x1c-\x1f]+"


def normalised(prompt: str) -> str:
    """A prompt as words are looked up: compatibility forms folded, lower case, single spaces."""
    folded = unicodedata.normalize("NFKC", prompt).lower().replace("\u2019", "'")
    return re.sub(SPACES, " ", re.sub(VARIATIONS, "", folded))


@cache
def split_pattern() -> str:
    """A regular expression whose matches are a prompt's words; all else is punctuation.

    In the order of preference: known phrases of several English words and known Chinese words (or
    emoji), longest first; any other run of letters or digits; any other sign or Chinese character.
    """
    known = sorted(meanings_of_words(), key=len, reverse=True)
    phrases = [re.escape(word) for word in known if word.isascii() and not word.isalnum()]
    others = [re.escape(word) for word in known if not word.isascii()]
    letter = rf"[^\s{_SIGNS}{_EMOJI}{_HAN}]"
    # The s of "the dog's ball" and of "it's" says nothing.
    of = rf"(?!(?<={letter}')s(?!{letter}))"
    return (
        rf"(?<!{letter})(?:{'|'.join(phrases)})(?!{letter})|(?:{'|'.join(others)})"
        rf"|{of}{letter}+(?:['-]{of}{letter}+)*|{of}[^\s{_SIGNS}]"
    )


@cache
def _words() -> re.Pattern[str]:
    return re.compile(split_pattern())


@cache
def _drawn() -> frozenset[str]:
    """Words for what shows something by itself; all others only say how that looks or moves."""
    drawn = {*THINGS, *COLOURS, *SCENES, *WEATHERS}
    return frozenset(word for word, meaning in meanings_of_words().items() if meaning in drawn)


def shows_something(prompt: str) -> bool:
    """Whether the built-in model knows a word of the prompt that makes it show something."""
    drawn = _drawn()
    return any(match.group() in drawn for match in _words().finditer(normalised(prompt)))


@lru_cache(maxsize=4096)  # The cards of a long line ask again and again.
def unknown_words(prompt: str) -> tuple[str, ...]:
    """The words of a prompt that the built-in model does not know, each once, in order.

    Chinese characters between known words are one word, since nobody could tell where it ends.
    """
    text = normalised(prompt)
    unknown: list[str] = []
    end = -1
    for match in _words().finditer(text):
        word = match.group()
        if word in meanings_of_words():
            continue
        joined = match.start() == end and re.fullmatch(f"[{_HAN}]", word)
        if joined and re.fullmatch(f"[{_HAN}]", unknown[-1][-1]):
            unknown[-1] += word
        else:
            unknown.append(word)
        end = match.end()
    return tuple(dict.fromkeys(unknown))
