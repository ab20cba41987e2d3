"""/settings: what a person chooses for all their prompts."""

import contextlib
from dataclasses import dataclass

from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import TelegramError

from bot import languages
from bot.incoming import Buttons, Incoming, say
from bot.options import choices
from bot.replies.groups import GroupReplies
from bot.replies.preferences import PreferenceReplies
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.menus import publish_own_menu
from bot.telegram.people import Context
from inference.entry import ModelEntry
from storage import outbox, people

NOTIFY = ("both", "reaction", "reply", "nothing")
TAP = r"^set:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a tap under the settings came to. language: newly chosen, None for none."""

    words: str
    language: str | None = None


def tell_settings(db: Tables, incoming: Incoming, rules: Rules) -> None:
    """/settings."""
    if incoming.is_anonymous:
        say(db, incoming, GroupReplies(incoming.language).anonymous())
        return
    text, buttons = _shown(db, incoming, rules, incoming.language)
    say(db, incoming, text, buttons=buttons)


def choose(db: Tables, incoming: Incoming, rules: Rules, data: str) -> Chosen:
    """A tap. data: set:USER_ID:CHOICE:VALUE, of the person whose settings they are."""
    replies = PreferenceReplies(incoming.language)
    _, owner, choice, value = (data.split(":", 3) + [""] * 3)[:4]
    person = {"bot_id": incoming.bot_id, "user_id": incoming.user_id}
    model = _model_of(people.get(db, **person), rules)
    if owner != str(incoming.user_id):
        return Chosen(words=replies.somebody_elses())
    # A button may be older than the model: then the settings are shown as they are.
    is_offered = value in _values(rules, model).get(choice, ())
    if is_offered and choice == "language":
        people.set_language(db, **person, language=value)
    elif is_offered:
        kept = (float(value) if value else None) if choice == "seconds" else value
        people.set_choice(db, **person, choice=choice, value=kept)
    found = people.get(db, **person)
    language = languages.choose(
        found.language if found else "", found.language_code if found else ""
    )
    text, buttons = _shown(db, incoming, rules, language)
    if incoming.message_id:
        outbox.say(
            db,
            bot_id=incoming.bot_id,
            key=f"update:{incoming.update_id}",
            chat_id=incoming.chat_id,
            method="edit_message_text",
            payload={"message_id": incoming.message_id, "text": text, "buttons": buttons},
            now=incoming.now,
        )
    return Chosen(
        words=PreferenceReplies(language).saved() if is_offered else "",
        language=value if is_offered and choice == "language" else None,
    )


def _model_of(person: people.Person | None, rules: Rules) -> ModelEntry:
    """The model that makes somebody's clips."""
    return rules.served.get(person.model if person else "", rules.model)


def _values(rules: Rules, model: ModelEntry) -> dict[str, tuple[str, ...]]:
    """What can be chosen; "" is everybody's usual. model: the one whose shapes are offered."""
    return {
        "language": ("", *languages.languages()),
        "model": ("", *rules.served) if rules.has_choice else ("",),
        "aspect_ratio": ("", *choices(model, "ar")),
        "seconds": ("", *choices(model, "seconds")),
        "notify": NOTIFY,
    }


def _shown(db: Tables, incoming: Incoming, rules: Rules, language: str) -> tuple[str, Buttons]:
    replies = PreferenceReplies(language)
    person = people.get(db, bot_id=incoming.bot_id, user_id=incoming.user_id)
    model = _model_of(person, rules)
    values = _values(rules, model)
    chosen = {"language": "", "model": "", "aspect_ratio": "", "seconds": "", "notify": "both"}
    if person is not None:
        seconds = f"{person.seconds:g}" if person.seconds else ""
        now = {
            "language": person.language,
            "model": person.model,
            "aspect_ratio": person.aspect_ratio,
            "seconds": seconds,
            "notify": person.notify,
        }
        # A choice may be older than the model.
        chosen |= {choice: value for choice, value in now.items() if value in values[choice]}
    titles = {name: entry.title for name, entry in rules.served.items()}
    usual = {
        "model": rules.model.title,
        "aspect_ratio": model.default_aspect_ratio,
        "seconds": f"{model.default_seconds:g}",
    }

    def words(choice: str, value: str) -> str:
        if choice == "language":
            return replies.language_button(value)
        if choice == "notify":
            return replies.notify_button(value)
        name = titles.get(value, value) or usual[choice]
        name = replies.seconds_button(name) if choice == "seconds" else name
        return name if value else replies.usual_button(name)

    def button(choice: str, value: str) -> tuple[str, str]:
        tick = "✓ " if value == chosen[choice] else ""
        return f"{tick}{words(choice, value)}", f"set:{incoming.user_id}:{choice}:{value}"

    rows = [
        [button(choice, value) for value in row]
        for choice, offered in values.items()
        # The one length or model there is needs no choice.
        if choice not in {"seconds", "model"} or len(offered) > 2
        for row in _rows(choice, offered)
    ]
    text = replies.settings(
        language=chosen["language"],
        model=model.title if rules.has_choice else "",
        shape=chosen["aspect_ratio"] or usual["aspect_ratio"],
        seconds=float(chosen["seconds"] or usual["seconds"]),
        notify=chosen["notify"],
    )
    return text, rows


def _rows(choice: str, values: tuple[str, ...]) -> list[tuple[str, ...]]:
    """As many in a row as their words fit a phone's width."""
    if choice == "notify":
        return [values[:1], values[1:]]
    most = 1 if choice == "model" else 2
    return [values[start : start + most] for start in range(0, len(values), most)]


class Preferences:
    """The handlers of this module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def settings(self, update: Update, _context: Context) -> None:
        """/settings."""
        await self._desk.handle(update, tell_settings)

    async def tapped(self, update: Update, context: Context) -> None:
        """A button under the settings."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None:
            return
        chosen = await self._desk.handle(update, choose, query.data or "")
        # What follows is a courtesy: the choice is made.
        with contextlib.suppress(TelegramError):
            await query.answer(chosen.words or None if chosen else None)
        if chosen is not None and chosen.language is not None:
            is_admin = user.id in self._desk.rules.admins
            with contextlib.suppress(TelegramError):
                await publish_own_menu(
                    context.bot, user.id, language=chosen.language, is_admin=is_admin
                )
