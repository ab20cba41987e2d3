"""The commands, and what /help and Telegram's menu say of them."""

from collections.abc import Sequence

from bot.replies.prompts import list_options
from bot.replies.speaker import Speaker
from inference.entry import ModelEntry

# Commands by audience, in the order in which Telegram's menu shows them.
PEOPLE_COMMANDS = (
    *("video", "draft", "jobs", "show", "quota", "cancel", "words", "settings", "group"),
    *("feedback", "privacy", "forgetme", "help", "start"),
)
GROUP_COMMANDS = ("video", "draft", "jobs", "show", "quota", "cancel", "words", "group", "help")
ADMIN_COMMANDS = (
    "setquota",
    "grant",
    "block",
    "unblock",
    "priority",
    "admit",
    "invite",
    "stats",
    "queue",
    "workers",
    "pause",
    "resume",
    "drain",
    "restart",
    "audit",
)


class CommandReplies(Speaker):
    """What the commands do."""

    def help(self, models: Sequence[ModelEntry], *, admin: bool) -> str:
        """The answer to /help: options of a prompt, models, and every command with what it does.

        models: those that are served, the usual one first.
        """
        names = PEOPLE_COMMANDS + (ADMIN_COMMANDS if admin else ())
        lines = [f"/{name} – {self.command(name)}" for name in names]
        opening = self._(
            "In our private chat, any text is a prompt. In a group, write /video and the prompt."
        )
        pictures = self._(
            "A photo with the prompt as its caption, or the prompt in reply to a photo, makes a "
            "clip that starts from it."
        )
        both = self._(
            "A photo with the prompt, in reply to another photo, makes a clip from that one to "
            "this one."
        )
        about = [
            opening,
            *([pictures] if any(model.starts_from_picture for model in models) else []),
            *([both] if any(model.ends_on_picture for model in models) else []),
        ]
        about.append(list_options(self.language, models))
        choice = [self._models(models), ""] if len(models) > 1 else []
        return "\n".join([*about, "", *choice, *lines])

    def _models(self, models: Sequence[ModelEntry]) -> str:
        """What there is to choose from, and what each is for."""
        title = self._("Models, by --model NAME or in /settings:")
        return "\n".join([title, *(f"{model.name} – {self._model(model)}" for model in models)])

    def _model(self, model: ModelEntry) -> str:
        seconds = self.language.number(model.longest_seconds)
        from_picture = self._("from words or a picture")
        facts = [
            model.title,
            from_picture if model.starts_from_picture else self._("from words"),
            self._("up to {seconds} s", seconds=seconds),
            *([self._("with sound")] if model.makes_sound else []),
        ]
        return " · ".join(facts)

    def command(self, name: str) -> str:
        """A command's description, as Telegram's menu shows it."""
        say = self._
        descriptions = {
            "video": say("PROMPT: make a clip"),
            "draft": say("PROMPT: a quick draft for 0.3 of the price, one tap from the full clip"),
            "jobs": say("what of yours is waiting and running"),
            "show": say("ID: how a clip was made; or reply to the clip"),
            "quota": say("credits left, and when the next one returns"),
            "cancel": say("stop your newest clip"),
            "words": say("what the model knows"),
            "settings": say("language, model, shape, seconds, and how I tell you of a clip"),
            "feedback": say("TEXT: write to the admins"),
            "privacy": say("what is kept of you, and for how long"),
            "forgetme": say("delete everything of yours"),
            "group": say("a group's credits and rules"),
            "help": say("what I can do"),
            "start": say("say hello"),
            "setquota": say("WHO CREDITS: set somebody's credits a day"),
            "grant": say("WHO CREDITS: give somebody credits"),
            "block": say("WHO: stop answering somebody's prompts"),
            "unblock": say("WHO: answer somebody's prompts again"),
            "priority": say("WHO WEIGHT: give somebody more turns in line than others, or fewer"),
            "admit": say("WHO: let somebody in; or N, the first N who wait; alone, who waits"),
            "invite": say("N: make N links that each let one person in"),
            "stats": say("clips, people, credits and failures of today and the last 7 days"),
            "queue": say("what waits and what runs"),
            "workers": say("the workers, and what each renders"),
            "pause": say("begin no clip until /resume; prompts are still accepted"),
            "resume": say("undo /pause and /drain"),
            "drain": say("accept no prompt until /resume; those in line are rendered"),
            "restart": say("replace each worker by a fresh one, once it has no job"),
            "audit": say("what admins did last"),
        }
        return descriptions[name]
