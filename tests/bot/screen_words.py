"""The entries of the word lists that Kinogram comes with."""

from bot.screening.screen import FOLDER


def shipped(name: str) -> list[str]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.partition("#")[0].strip() for line in lines if line.partition("#")[0].strip()]
