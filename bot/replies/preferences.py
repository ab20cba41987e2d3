"""What people read in their settings."""

from bot.languages import Language
from bot.replies.speaker import Speaker


class PreferenceReplies(Speaker):
    """Words of /settings and its buttons."""

    def settings(
        self, *, language: str, model: str, shape: str, seconds: float, notify: str
    ) -> str:
        """The answer to /settings. language: as chosen, "" for Telegram's.

        model: a title, "" where there is one model alone.
        """
        spoken = self.language_button(language)
        if not language:
            own = self.language.own_name
            spoken = self._("{choice} ({language})", choice=spoken, language=own)
        return "\n".join(
            (
                self._("Your settings. Options behind a prompt go before them."),
                "",
                self._("Language: {language}", language=spoken),
                *([self._("Model: {model}", model=model)] if model else []),
                self._("Shape: {shape}", shape=shape),
                self._("Seconds: {seconds}", seconds=self.language.number(seconds)),
                self._("When a clip took a while: {notify}", notify=self.notify_button(notify)),
            )
        )

    def language_button(self, code: str) -> str:
        """A language, by the name that its speakers have for it."""
        return Language(code).own_name if code else self._("as in Telegram")

    def usual_button(self, value: str) -> str:
        """A model that is everybody's, or a shape or a length that is the model's own choice."""
        return self._("usual ({value})", value=value)

    def seconds_button(self, seconds: str) -> str:
        """A length."""
        return self._("{seconds} s", seconds=seconds)

    def notify_button(self, notify: str) -> str:
        """A way to be told that a clip is there."""
        ways = {
            "both": self._("reaction and reply"),
            "reaction": self._("reaction"),
            "reply": self._("reply"),
            "nothing": self._("nothing"),
        }
        return ways[notify]

    def saved(self) -> str:
        """A tap changed something."""
        return self._("Saved.")

    def somebody_elses(self) -> str:
        """A tap under another person's settings or question."""
        return self._("That is somebody else's. Send the command yourself.")
