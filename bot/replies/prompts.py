"""What people read about prompts and their options. English, as in replies.py."""

from collections.abc import Sequence

from bot.languages import Language
from bot.options import NAMES, OptionRefusal, OptionRejected, choices
from bot.prompts import PromptRejected, Refusal
from bot.text_length import cut
from inference.catalog import HIGHEST_SEED
from inference.entry import ModelEntry

QUOTED_UNITS = 30


def explain(language: Language, error: PromptRejected | OptionRejected) -> str:
    """Why a text becomes no clip, and what is allowed."""
    if isinstance(error, PromptRejected) and error.reason is Refusal.EMPTY:
        return language.say("Write what the video shall show, for example: /video a cat moves left")
    if isinstance(error, PromptRejected):
        reason = _too_long(language, error)
    else:
        reason = _impossible(language, error)
    return language.say("{reason} Nothing was charged.", reason=reason)


def _too_long(language: Language, error: PromptRejected) -> str:
    say = language.say
    length, limit = language.number(error.length), language.number(error.limit)
    match error.reason:
        case Refusal.TOO_LONG:
            return say(
                "Your prompt has {length} characters; at most {limit} are allowed.",
                length=length,
                limit=limit,
            )
        case Refusal.NEGATIVE_TOO_LONG:
            return say(
                "Your words after --no have {length} characters; at most {limit} are allowed.",
                length=length,
                limit=limit,
            )
        case Refusal.NEGATIVE_TOO_DENSE:
            return say(
                "Your words after --no pack {length} code points into their characters; at most "
                "{limit} are allowed.",
                length=length,
                limit=limit,
            )
    return say(
        "Your prompt packs {length} code points into its characters; at most {limit} are allowed.",
        length=length,
        limit=limit,
    )


def _impossible(language: Language, error: OptionRejected) -> str:
    say = language.say
    option = f"--{cut(error.option, QUOTED_UNITS)}"
    match error.reason:
        case OptionRefusal.UNKNOWN:
            options = say(", ").join(f"--{name}" for name in NAMES)
            return say(
                "There is no option {option}; there are {options}.", option=option, options=options
            )
        case OptionRefusal.TWICE:
            return say("{option} stands there twice; write it once.", option=option)
        case OptionRefusal.MISSING:
            allowed = _allowed(language, error)
            return say("{option} needs a value: {allowed}.", option=option, allowed=allowed)
        case OptionRefusal.NO_EFFECT:
            return say(
                "{option} has no effect on the model here; write only what the video shall show.",
                option=option,
            )
    return language.say_many(
        "{option} can only be {allowed} here, not “{value}”.",
        "{option} can be {allowed} here, not “{value}”.",
        len(error.choices),
        option=option,
        allowed=_allowed(language, error),
        value=cut(error.value, QUOTED_UNITS),
    )


def _allowed(language: Language, error: OptionRejected) -> str:
    say = language.say
    if error.choices:
        return say(", ").join(error.choices)
    if error.option == "seed":
        return say("a whole number from 0 to {highest}", highest=HIGHEST_SEED)
    return say("what the video shall not show")


def list_options(language: Language, models: Sequence[ModelEntry]) -> str:
    """A line of the options that a prompt can have, with what the first model can."""
    say, model = language.say, models[0]
    names = "|".join(entry.name for entry in models)
    words = {"seed": say("NUMBER"), "no": say("WORDS"), "model": names}
    options = " ".join(
        f"--{name} {words.get(name) or '|'.join(choices(model, name))}"
        for name in NAMES
        if name != "no" or model.has_negative_prompt
    )
    return say("Options, behind the prompt: {options}", options=options)
