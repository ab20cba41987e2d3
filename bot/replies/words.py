"""What people read about the words of a model that knows few. English, as in replies.py."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from bot.languages import Language, languages
from bot.prompts import clean
from bot.text_length import cut, utf16_length
from inference import vocabulary
from inference.entry import ModelEntry
from inference.prompt_words import normalised, split_pattern, unknown_words
from inference.vocabulary import KINDS, THINGS, Meaning, Thing, meanings_of_words

TEXT_UNITS = 4096  # of one message, in UTF-16 code units
MOST_WORDS = 5  # that one text explains
WORD_UNITS = 30
MOST_PAGES = 999
# Nobody says that something is "a" rice, "a" lightning, "an" ice hockey.
UNCOUNTED_KINDS = frozenset({"food", "sky", "activities"})


def name_unknown(language: Language, words: Sequence[str]) -> str:
    """A line about the words of a prompt that the model left out."""
    return language.say_many(
        "The built-in model does not know {words}; it knows {count} thing, see /words.",
        "The built-in model does not know {words}; it knows {count} things, see /words.",
        len(THINGS),
        words=_quoted(language, words),
    )


def nothing_known(language: Language) -> str:
    """A prompt in which the model knows nothing that it could show. As an alert: 200 units."""
    return language.say(
        "The built-in model knows nothing in that which it could show; /words lists what it knows. "
        "Try: two penguins dance in the snow. Nothing was charged."
    )


def list_words(
    language: Language, model: ModelEntry, argument: str = "", *, units: int = TEXT_UNITS
) -> str:
    """The answer to /words: an overview, a page of one list, or what single words mean.

    units: most UTF-16 code units of the answer.
    """
    if not model.closed_vocabulary:
        return language.say("The model has no list of words: write whatever you like.")
    asked = normalised(clean(argument))
    place = _find(asked)
    if place is not None:
        number, page = place
        title, meanings = list(_lists(language).items())[number]
        return _page(language, title, meanings, page, units)
    return _explain(language, asked) or _overview(language)


def _kinds(language: Language) -> dict[str, Sequence[Meaning]]:
    """The things of each kind, by the kind's title."""
    say = language.say
    titles = {
        "animals": say("animals"),
        "plants": say("plants"),
        "food": say("food"),
        "places": say("places"),
        "vehicles": say("vehicles"),
        "objects": say("objects"),
        "sky": say("sky"),
        "activities": say("activities"),
        "people": say("people"),
    }
    return {
        titles.get(kind, kind): [thing for thing in THINGS if thing.kind == kind] for kind in KINDS
    }


def _tables(language: Language) -> dict[str, Sequence[Meaning]]:
    """What else can be said, by its title."""
    say = language.say
    return {
        say("scenes"): vocabulary.SCENES,
        say("weather"): vocabulary.WEATHERS,
        say("ways to move"): vocabulary.MOTIONS,
        say("camera moves"): vocabulary.CAMERAS,
        say("relations"): vocabulary.RELATIONS,
        say("sizes"): vocabulary.SIZES,
        say("styles"): vocabulary.STYLES,
        say("colours"): vocabulary.COLOURS,
        say("counts"): vocabulary.COUNTS,
    }


def _lists(language: Language) -> Mapping[str, Sequence[Meaning]]:
    """Every list by its title, in the same order in every language."""
    return _kinds(language) | _tables(language)


def _find(asked: str) -> tuple[int, int] | None:
    """Which list is asked for, by a title in any language, and which page of it."""
    numbers = {
        normalised(title): number
        for code in languages()
        for number, title in enumerate(_lists(Language(code)))
    }
    if asked in numbers:
        return numbers[asked], 1
    paged = re.fullmatch(r"(.*?\D)\s*(\d{1,9})", asked)
    if paged and paged[1] in numbers:
        return numbers[paged[1]], int(paged[2])
    return None


def _name(language: Language, meaning: Meaning) -> str:
    return meaning.chinese[0] if language.code == "zh" else meaning.name


def _named(language: Language, meanings: Sequence[Meaning]) -> list[str]:
    return [_name(language, meaning) for meaning in meanings]


def _quoted(language: Language, words: Sequence[str]) -> str:
    quoted = [f"“{_isolated(cut(word, WORD_UNITS))}”" for word in words[:MOST_WORDS]]
    return language.say(", ").join([*quoted, "…"] if len(words) > MOST_WORDS else quoted)


def _isolated(word: str) -> str:
    """A word that turns nothing around it, where it is written from right to left (UAX #9)."""
    turns = any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in word)
    return f"\u2068{word}\u2069" if turns else word


def _list_kinds(language: Language) -> str:
    say = language.say
    return "\n".join(
        say(
            "{title} ({count}): {command}",
            title=title.capitalize(),
            count=language.number(len(things)),
            command=f"/words {title}",
        )
        for title, things in _kinds(language).items()
    )


def _overview(language: Language) -> str:
    say = language.say
    rows = (
        say(
            "{title}: {names}",
            title=title.capitalize(),
            names=say(", ").join(_named(language, meanings)),
        )
        for title, meanings in _tables(language).items()
    )
    head = language.say_many(
        "The built-in model knows {count} thing:",
        "The built-in model knows {count} things:",
        len(THINGS),
    )
    return "\n\n".join(
        (
            f"{head}\n{_list_kinds(language)}",
            "\n".join(rows),
            say("Send /words and a word to learn whether the model knows it."),
            say("Try:\ntwo penguins dance in the snow\nan astronaut riding a horse in space"),
        )
    )


def _page(
    language: Language, title: str, meanings: Sequence[Meaning], page: int, units: int
) -> str:
    """All names of one list or, where they do not fit, as many as fit on each page."""
    say, names = language.say, _named(language, meanings)
    heading, count = title.capitalize(), language.number(len(names))

    def text(shown: str, page: int, pages: int) -> str:
        head = say(
            "{title} ({count}), page {page} of {pages}: {names}",
            title=heading,
            count=count,
            page=page,
            pages=pages,
            names=shown,
        )
        if page == pages:
            return head
        more = say("More: {command}", command=f"/words {title} {page + 1}")
        return f"{head}\n\n{more}"

    comma = say(", ")
    whole = say("{title} ({count}): {names}", title=heading, count=count, names=comma.join(names))
    if utf16_length(whole) <= units:
        return whole
    frame = text("", MOST_PAGES - 1, MOST_PAGES)
    pages = _packed(names, comma, units - utf16_length(frame))
    page = min(max(page, 1), len(pages))
    return text(pages[page - 1], page, len(pages))


def _packed(names: Sequence[str], comma: str, units: int) -> list[str]:
    """The names in as few texts of that many units as their order allows."""
    pages = [names[0]]
    for name in names[1:]:
        longer = f"{pages[-1]}{comma}{name}"
        if utf16_length(longer) <= units:
            pages[-1] = longer
        else:
            pages.append(name)
    return pages


def _explain(language: Language, asked: str) -> str:
    """What the words mean to the model, and the kinds there are if it does not know them all."""
    found = re.findall(split_pattern(), asked)
    known = list(dict.fromkeys(word for word in found if word in meanings_of_words()))
    lines = [_explain_word(language, word) for word in known[:MOST_WORDS]]
    if len(known) > MOST_WORDS:
        lines.append("…")
    unknown = unknown_words(asked)
    if unknown:
        words = _quoted(language, unknown)
        lines.append(language.say("The built-in model does not know {words}.", words=words))
        lines += ["", language.say("The kinds of things that it knows:"), _list_kinds(language)]
    return "\n".join(lines)


def _explain_word(language: Language, word: str) -> str:
    say, meaning = language.say, meanings_of_words()[word]
    if meaning is None:
        return say("“{word}” is known; it says nothing about the picture.", word=word)
    title = next(title for title, meanings in _lists(language).items() if meaning in meanings)
    command, name = f"/words {title}", _name(language, meaning)
    if word == name:
        return say("“{word}” is known, see {command}.", word=word, command=command)
    if isinstance(meaning, Thing) and word not in meaning.plurals and _is_counted(meaning):
        name = f"{_article(name)} {name}" if language.code == "en" else name
        return say("“{word}” is {name}, see {command}.", word=word, name=name, command=command)
    return say("“{word}” means “{name}”, see {command}.", word=word, name=name, command=command)


def _is_counted(thing: Thing) -> bool:
    # Nor that it is "a" scissors; an octopus may suffer for it.
    return thing.kind not in UNCOUNTED_KINDS and not thing.name.endswith("s")


def _article(noun: str) -> str:
    return "an" if re.match("(?!eu|uni|use)[aeiou]|hour", noun) else "a"
