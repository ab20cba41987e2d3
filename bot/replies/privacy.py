"""What people read about what is kept of them, and about being forgotten."""

from bot.replies.speaker import Speaker


class PrivacyReplies(Speaker):
    """Answers to /privacy and /forgetme."""

    def privacy(self, clips_days: int, updates_days: int) -> str:
        """What is kept and for how long. Days: 0 for ever."""
        return "\n\n".join(
            (
                self._("What I keep of you, and for how long:"),
                self._(
                    "Your prompts, their options, the pictures they start from, and the clips: "
                    "{days}. After that only numbers remain, such as when a clip was made and "
                    "what it cost.",
                    days=self._days(clips_days),
                ),
                self._(
                    "Messages to and from me: {days} once they are handled.",
                    days=self._days(updates_days),
                ),
                self._(
                    "Your user id, your names, your language and your settings: {days}.",
                    days=self._days(0),
                ),
                self._(
                    "Credits, and what admins decided, such as a block: for good. After /forgetme "
                    "they stand under a keyed hash instead of your user id."
                ),
                self._(
                    "Whoever is in a chat sees the prompts and clips there. Telegram keeps the "
                    "messages themselves; those you can delete there. The bot's operator may have "
                    "backups."
                ),
                self._("/forgetme deletes everything of yours at once."),
            )
        )

    def _days(self, days: int) -> str:
        if not days:
            return self._("until you send /forgetme")
        return self.language.say_many("{count} day", "{count} days", days)

    def confirm(self) -> str:
        """The question after /forgetme."""
        return self._(
            "Shall I forget you? Your prompts, clips, settings and names are deleted, and what "
            "waits or runs is cancelled. It cannot be undone. Credits spent stay spent and a block "
            "stays: both are kept under a keyed hash. Messages that are in Telegram stay there."
        )

    def forget_button(self) -> str:
        """The button that deletes everything."""
        return self._("Delete everything")

    def keep_button(self) -> str:
        """The button that deletes nothing."""
        return self._("Keep it")

    def forgotten(self) -> str:
        """Everything is deleted."""
        return self._("I have forgotten you. If you write to me again, we meet anew.")

    def kept(self) -> str:
        """Nothing is deleted."""
        return self._("Nothing was deleted.")
