"""Words as SQLite's full-text index (FTS5, tokenizer unicode61) takes them.

Chinese and Japanese are written without spaces, so each of their characters is a word to the
index, and characters side by side are a phrase: what is found is any part of a sentence.
"""

import unicodedata

import regex

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}"
_CHARACTER = regex.compile(rf"[{_UNSPACED}]")
_TERM = regex.compile(
    rf"(?V1)[{_UNSPACED}]+|[[\p{{L}}\p{{N}}]--[{_UNSPACED}]][\p{{M}}\p{{N}}\p{{L}}--[{_UNSPACED}]]*"
)


def spaced(text: str) -> str:
    """The text as the index is given it."""
    return str(_CHARACTER.sub(r" \g<0> ", unicodedata.normalize("NFKC", text)))


def match_all(text: str) -> str:
    """An FTS5 expression for all words of the text in any order; "" when it has no word.

    A spaced word stands for all that begin with it: people search while they type.
    """
    terms = []
    for term in _TERM.findall(unicodedata.normalize("NFKC", text)):
        unspaced = _CHARACTER.match(term)
        terms.append(f'"{" ".join(term)}"' if unspaced else f'"{term}"*')
    return " AND ".join(terms)
