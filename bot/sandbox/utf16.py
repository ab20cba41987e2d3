"""Lengths and cuts in UTF-16 code units, the unit of every offset on Telegram's wire."""


def utf16_length(text: str) -> int:
    """The number of UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of the text at an offset, both in UTF-16 code units."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def splits_a_character(text: str, offset: int) -> bool:
    """Whether the offset lies between the two halves of one character."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    unit = encoded[2 * offset : 2 * offset + 2]
    return len(unit) == 2 and 0xDC <= unit[1] <= 0xDF
