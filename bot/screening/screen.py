"""The word list: which prompts are refused, and on account of which entry."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.screening.lookalikes import HIDES, IN_WORD, UNSPACED, key, readings
from bot.screening.pinyin import LENGTHS, SOUNDS

FOLDER = Path(__file__).parent
# Keys of a trie's node beside its letters: the entry that ends there, a whole word or the beginning
# of one; and the next nodes by the sound of their characters, and by those.
WHOLE, BEGINNING, SPOKEN = "whole", "beginning", "spoken"
_START = rf"[{UNSPACED}]|(?<!{IN_WORD})\w"
_ALL_UNSPACED = re.compile(rf"[{UNSPACED}]+")
_END = re.compile(rf"(?<=[{UNSPACED}])|(?!{IN_WORD})")


class ScreenListError(Exception):
    """A list cannot be read; the text names the setting and says why."""


class Screen:
    """Listed words, found in disguise too, but for where they are part of something allowed."""

    def __init__(self, words: Iterable[str], allowed: Iterable[str] = ()) -> None:
        self._words = _Trie(words)
        self._allowed = _Trie(allowed)

    @classmethod
    def from_files(cls, words: Path | None = None, allowed: Path | None = None) -> "Screen":
        """The screen of two lists, by default those that Kinogram comes with.

        Raises: ScreenListError.
        """
        return cls(
            _entries("KINOGRAM_SCREEN_WORDS", words or FOLDER / "words.txt"),
            _entries("KINOGRAM_SCREEN_ALLOW", allowed or FOLDER / "allowed.txt"),
        )

    def refuses(self, text: str) -> str | None:
        """The listed entry on account of which the text is refused. Takes linear time."""
        for reading in readings(text):
            allowed_until = [0] * len(reading)
            for start, end, _entry in self._allowed.find(reading):
                for place in range(start, end):
                    allowed_until[place] = max(allowed_until[place], end)
            for start, end, entry in self._words.find(reading):
                if allowed_until[start] < end:
                    return entry
        return None


class _Trie:
    """Entries by their letters. An entry may hold gaps; text at a gap may have one or none."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._root: dict[str, Any] = {}
        for entry in entries:
            node, letters = self._root, key(entry)
            is_chinese = _ALL_UNSPACED.fullmatch(letters)
            for letter in letters:
                child = node.setdefault(letter, {})
                for sound in SOUNDS.get(letter, ()) if is_chinese else ():
                    node.setdefault(SPOKEN, {}).setdefault(sound, {})[letter] = child
                node = child
            node[BEGINNING if entry.endswith("*") else WHOLE] = entry
        known = {*self._root, *(sound[0] for sound in self._root.get(SPOKEN, ()))} - {SPOKEN}
        first = [letter for letter in (*known, *HIDES) if set(_meant(letter)) & known]
        letters = "".join(map(re.escape, first))
        self._start = re.compile(rf"(?=[{letters}])(?:{_START})" if letters else "(?!)")

    def find(self, reading: str) -> Iterator[tuple[int, int, str]]:
        """Where each entry starts and ends in a reading, overlapping ones included."""
        for match in self._start.finditer(reading):
            yield from self._find_at(reading, match.start())

    def _find_at(self, reading: str, start: int) -> Iterator[tuple[int, int, str]]:
        # A way through the trie: a node, how far it has read, by how many the disguised letters
        # outnumber the plain ones (455 is no word, and neither is bus 53X), whether letters stand
        # apart, and whether one is doubled. Not both: poor/needy is no porn.
        ways = [(self._root, start, 0, False, False)]
        while ways:
            node, place, disguised, apart, doubled = ways.pop()
            if disguised <= 0 and not (apart and doubled):
                if BEGINNING in node:
                    yield start, place, node[BEGINNING]
                if WHOLE in node and _END.match(reading, place):
                    yield start, place, node[WHOLE]
            letter = reading[place : place + 1]  # "" at the end
            if " " in node:
                ways.append((node[" "], place + (letter in {" ", "-"}), disguised, apart, doubled))
            if letter == "-":
                ways.append((node, place + 1, disguised, True, doubled))
            for child, end, change, twice in _next(node, reading, place):
                ways.append((child, end, disguised + change, apart, doubled or twice))


def _next(
    node: Mapping[str, Any], reading: str, place: int
) -> Iterator[tuple[dict[str, Any], int, int, bool]]:
    """The nodes that the text leads to, how far, how disguised, and whether by a doubled letter."""
    letter = reading[place : place + 1]
    for known in _meant(letter):
        if known not in node:
            continue
        child, change = node[known], 1 if known != letter else -1
        yield child, place + 1, change, False
        # Whoever doubles a letter means one, and whoever draws one out means one or two: no word
        # holds a letter thrice in a row.
        if reading.startswith(letter * 2, place):
            yield child, place + 2, change, True
        if reading.startswith(letter * 3, place):
            yield child, place + 3, change, False
            if known in child:
                yield child[known], place + 3, change, False
    for length in LENGTHS if SPOKEN in node else ():
        # A sound is a disguise, so that a word is not found where only its sounds are.
        for child in node[SPOKEN].get(reading[place : place + length], {}).values():
            yield child, place + length, 1, False


def _meant(letter: str) -> str:
    """The letters that one of a reading may stand for; none for what is no letter."""
    return "" if letter in {"", " ", "-"} else letter + HIDES.get(letter, "")


def _entries(setting: str, path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ScreenListError(f"{setting}={str(path)!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ScreenListError(f"{setting}={str(path)!r} cannot be read: it is not UTF-8") from None
    entries = []
    for number, line in enumerate(lines, start=1):
        entry = line.partition("#")[0].strip()
        if entry and not key(entry):
            raise ScreenListError(
                f"{setting}={str(path)!r}, line {number}: {entry!r} holds no letter"
            )
        if entry:
            entries.append(entry)
    return entries
