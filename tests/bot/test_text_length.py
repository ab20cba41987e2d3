"""Lengths and cuts of what the bot says."""

from bot.text_length import cut, utf16_length


def test_length_counts_code_units_as_telegram_does() -> None:
    assert utf16_length("a猫😀") == 4


def test_cut_keeps_what_fits() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("😀😀", 3) == "😀…"
