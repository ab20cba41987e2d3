"""The commands, and what /help and Telegram's menu say of them."""

from bot.replies.prompts import list_options
from bot.replies.speaker import Speaker
from inference.catalog import ModelEntry

# Commands by audience, in the order in which Telegram's menu shows them.
PEOPLE_COMMANDS = ("video", "draft", "quota", "cancel", "words", "help", "start")
GROUP_COMMANDS = ("video", "draft", "quota", "cancel", "words", "help")
ADMIN_COMMANDS = ("setquota", "grant", "block", "unblock", "stats")


class CommandReplies(Speaker):
    """What the commands do."""

    def help(self, model: ModelEntry, *, admin: bool) -> str:
        """The answer to /help: the options of a prompt, and every command with what it does."""
        names = PEOPLE_COMMANDS + (ADMIN_COMMANDS if admin else ())
        lines = [f"/{name} – {self.command(name)}" for name in names]
        opening = self._(
            "In our private chat, any text is a prompt. In a group, write /video and the prompt."
        )
        return "\n".join([opening, list_options(self.language, model), "", *lines])

    def command(self, name: str) -> str:
        """A command's description, as Telegram's menu shows it."""
        say = self._
        descriptions = {
            "video": say("PROMPT: make a clip"),
            "draft": say("PROMPT: a quick draft for 0.3 of the price, one tap from the full clip"),
            "quota": say("credits left, and when the next one returns"),
            "cancel": say("stop your newest clip"),
            "words": say("what the model knows"),
            "help": say("what I can do"),
            "start": say("say hello"),
            "setquota": say("WHO CREDITS: set somebody's credits a day"),
            "grant": say("WHO CREDITS: give somebody credits"),
            "block": say("WHO: stop answering somebody's prompts"),
            "unblock": say("WHO: answer somebody's prompts again"),
            "stats": say("clips, people, credits and failures of the last day"),
        }
        return descriptions[name]
