"""A text as a word list compares it: disguises of its letters undone, its gaps made alike.

Standard library and `regex` only.
"""

import re
import unicodedata

import regex

# Characters drawn like a Latin letter, a choice of those in Unicode's confusables.txt (UTS #39),
# the small capitals among them. Accents, widths and styles fall away by NFKD before; a capital
# stands here where it looks like another letter than its small form.
_DRAWN_LIKE = {
    "a": "аɑαᴀꓮᎪⱥɐⲁ",
    "b": "ьвβʙᏼꓐƀɓ฿ⲃ",
    "c": "сϲᴄꓚᏟƈⲥƆ",
    "d": "ԁԃđðɗᴅꓓᎠɖƌ",
    "e": "еεєҽɛᴇꓰᎬǝ℮ⲉə",
    "f": "ƒϝꓝꞙ",
    "g": "ɡցɢԍꓖᏀɠƃ",
    "h": "һнհΗʜꓧᎻħɦⱨ",
    "i": "іιɩɪᎥɨⲓ",
    "j": "јϳʝᴊꓙᎫ",
    "k": "кκᴋꓗᏦƙқĸⲕԟ",
    "l": "ʟꓡᏞłƚɫɭƪ",
    "m": "мΜᴍꓟᎷⲙɱ",
    "n": "пηΝոռɴꓠɳŋⲛɲƞ",
    "o": "оοσօᴏꓳөøɵⲟ",
    "p": "рρᴘꓑᏢþƥⲣ",
    "q": "ԛգզ",
    "r": "гⲅʀꓣᎡᏒяɾɽɹ",
    "s": "ѕꜱꓢᏚʂՏʃ",
    "t": "тτᴛꓔᎢŧƭⲧʈ",
    "u": "υսᴜꓴμʋʊ",
    "v": "νѵᴠꓦᏙʌ",
    "w": "ԝѡωшᴡꓪᎳ",
    "x": "хχꓫⲭ",
    "y": "уΥγүʏꓬყⲩʎ",
    "z": "ᴢζꓜᏃƶʐⲍ",
    # Among small letters, a tall stroke may be a capital i or a small l.
    "ı": "IІΙӏꓲᏆ",
}
_LOOKALIKES = {
    ord(drawn): letter for letter, all_drawn in _DRAWN_LIKE.items() for drawn in all_drawn
} | {
    # Letters in circles, in squares and of flags, which NFKD leaves alone.
    first + number: chr(ord("a") + number)
    for first in (0x1F150, 0x1F170, 0x1F1E6)
    for number in range(26)
}
# What a sign may stand for when it is no separator, and what a digit, a stroke or a star hides.
_SIGNS = str.maketrans(
    {
        "@": "4",
        "$": "5",
        "!": "1",
        "|": "1",
        "×": "x",
        "¢": "c",
        "€": "e",
        "£": "l",
        "¥": "y",
        "©": "c",
        "®": "r",
        "+": "7",
    }
    | {"∂": "d", "∃": "e", "∀": "a", "*": "*"}
    | dict.fromkeys("∅○◯●〇⊙◎⭕", "0")
)
_ROUND = re.compile(r"\(\)|\[\]|\{\}")
_NO_SIGNS = dict.fromkeys(_SIGNS, "-")
_SIGN = re.compile(f"[{re.escape(''.join(map(chr, _SIGNS)))}]")
HIDES = {
    "0": "o",
    "1": "il",
    "3": "e",
    "4": "a",
    "5": "s",
    "6": "gb",
    "7": "t",
    "8": "b",
    "9": "g",
    "*": "aeiou",
    "ı": "il",
}

# Letters of scripts with spaces between words. Behind them in Unicode come, but for the letters
# that were mapped above, Thai, the kana, Hangul and Chinese, where a word may begin anywhere.
UNSPACED = "\u0e00-\U0010ffff"
IN_WORD = rf"[^\W\d_{UNSPACED}]"
_INVISIBLE = regex.compile(r"(?V1)[[\p{M}\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}]--\s]+")
_CAPITAL = regex.compile(r"(?<!\p{Ll})[IІΙ](?!\p{Ll})")
_SEPARATORS = regex.compile(r"[^\p{L}\p{N}*]+")
_SPACE = re.compile(r"\s")
_LONE = rf"[^ \-{UNSPACED}]"
_SEAM = re.compile(
    rf"(?<!{_LONE}{_LONE})(?<={_LONE}) (?={_LONE}(?!{_LONE}))"  # s p e l l e d
    rf"|(?<=[{UNSPACED}]) | (?=[{UNSPACED}])"
)
# Two letters that are no usual word are a piece of one: po rn.
_USUAL = (
    "ad|ah|am|an|as|at|ax|be|by|co|da|de|do|eh|el|en|es|et|ex|go|ha|he|hi|ho|id|if|in|is|it|la|le"
    "|lo|ma|me|mi|mr|ms|mx|my|no|nu|of|oh|ok|on|or|ox|pa|pi|re|so|st|to|tv|uk|un|up|us|vs|we|ye|yo"
)
_PIECE = re.compile(rf" ?(?<!{_LONE})(?!(?:{_USUAL})(?!{_LONE}))({IN_WORD}{{2}})(?!{_LONE}) ?")
# So is what a single letter was split from: por n. Two single letters are spelling.
_LETTERS = rf"(?=\d*{IN_WORD}[\d*]*{IN_WORD})"  # two at least: 3x is a size
_REST = rf"(?<!{_LONE})(?!(?:{_USUAL})(?!{_LONE})){_LETTERS}{_LONE}{{2,}}"
_SINGLE = rf"(?<!{_LONE})(?![ai]){IN_WORD}"
_SPLIT = re.compile(rf"({_REST}) (?={_SINGLE}(?!{_LONE}))|({_SINGLE}) (?={_REST})")
_DRAWN_OUT = re.compile(r"([^\W_])(?:-?\1){2,}")


def readings(text: str) -> tuple[str, ...]:
    """The text as it may be read: with signs such as $ for letters, and with signs for gaps.

    In a reading, letters are small and plain; a space is a gap between words; a hyphen is a seam,
    which may stand between words or within one; and no letter stands more than thrice in a row.
    """
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text))
    plain = _CAPITAL.sub("i", shown).translate(_LOOKALIKES).casefold().translate(_LOOKALIKES)
    signs = _ROUND.sub("0", plain)
    if signs == plain and not _SIGN.search(plain):
        return (_joined(plain),)
    return _joined(signs.translate(_SIGNS)), _joined(plain.translate(_NO_SIGNS))


def key(entry: str) -> str:
    """A list's entry as readings hold it; "" when it has no letters."""
    return readings(entry.lower())[-1].replace("-", " ").strip()


def _joined(plain: str) -> str:
    parted = _SEPARATORS.sub(lambda run: " " if _SPACE.search(run[0]) else "-", plain)
    seamed = _SPLIT.sub(r"\1\2-", _PIECE.sub(r"-\1-", _SEAM.sub("-", parted)))
    return _DRAWN_OUT.sub(r"\1\1\1", seamed)
