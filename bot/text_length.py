"""Lengths and cuts of what the bot says, as Telegram counts."""

import regex


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, units: int) -> str:
    """The text in at most `units` UTF-16 code units, never inside a grapheme cluster."""
    if utf16_length(text) <= units:
        return text
    kept, room = [], units - 1
    for cluster in regex.findall(r"\X", text):
        room -= utf16_length(cluster)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept) + "…"
