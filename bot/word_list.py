"""What people read about the words of a model that knows few. English, as in replies.py."""

from collections.abc import Sequence

from bot.languages import Language
from inference.catalog import ModelEntry
from inference.vocabulary import COLOURS, MOTIONS, THINGS, Meaning

MOST_UNKNOWN_WORDS = 5


def name_unknown(language: Language, words: Sequence[str]) -> str:
    """A line about the words of a prompt that the model left out."""
    named = [f"“{word}”" for word in words[:MOST_UNKNOWN_WORDS]]
    if len(words) > MOST_UNKNOWN_WORDS:
        named.append("…")
    return language.say_many(
        "The model does not know {words}; it knows {count} thing, see /words.",
        "The model does not know {words}; it knows {count} things, see /words.",
        len(THINGS),
        words=language.say(", ").join(named),
    )


def list_words(language: Language, model: ModelEntry) -> str:
    """The answer to /words: a name for everything that the model knows."""
    say = language.say
    if not model.closed_vocabulary:
        return say("The model has no list of words: write whatever you like.")

    def names(meanings: Sequence[Meaning]) -> str:
        return say(", ").join(
            one.chinese[0] if language.code == "zh" else one.name for one in meanings
        )

    return "\n\n".join(
        (
            say("Things: {names}", names=names(THINGS)),
            say("Ways to move: {names}", names=names(MOTIONS)),
            say("Backgrounds: {names}", names=names(COLOURS)),
        )
    )
