"""What is said about clips that the check of frames held back."""

from bot.replies.speaker import Speaker


class AppealReplies(Speaker):
    """Answers to whoever appeals, and to the admins who judge."""

    def asked(self) -> str:
        """The admins were told."""
        return self._(
            "The admins have been asked. If they allow the clip, it comes here and costs nothing."
        )

    def nobody_to_ask(self) -> str:
        """The operator named no admins."""
        return self._("This bot has no admins to ask.")

    def not_yours(self) -> str:
        """Somebody else taps Appeal."""
        return self._("Only the person who asked for this clip can appeal.")

    def appeal(self, who: str, prompt: str) -> str:
        """What an admin reads; the clip itself is not shown."""
        return self._(
            "{who} appeals: the check of finished clips held one back.\n\n{prompt}",
            who=who,
            prompt=prompt,
        )

    def allow(self) -> str:
        """The button below that."""
        return self._("Allow the clip")

    def only_admins(self) -> str:
        """Somebody else taps it."""
        return self._("Only an admin of this bot can allow it.")

    def allowed(self) -> str:
        """An admin allowed a clip."""
        return self._("Allowed. The clip is on its way.")

    def too_late(self) -> str:
        """It was allowed before, or is gone."""
        return self._("That clip was allowed already, or is not kept any more.")
