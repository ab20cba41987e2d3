"""What the bot says about clips that are shared."""

from bot.replies.speaker import Speaker


class SharingReplies(Speaker):
    """Answers around sharing, and the words beside a shared clip."""

    def made_by(self, maker: str) -> str:
        """The line under a shared clip's prompt."""
        return self._("made by {maker}", maker=maker)

    def own(self, *, public: bool) -> str:
        """What stands under one's own clip among the results."""
        return self._("yours, public") if public else self._("yours, private")

    def make_your_own(self) -> str:
        """The button under a shared clip."""
        return self._("🎬 Make your own")

    def none_found(self) -> str:
        """The button where no clip has those words."""
        return self._("No clip found. Make one!")

    def not_shared(self) -> str:
        """The button where somebody shares a clip that is private, gone, or was never there."""
        return self._("Only its maker can share a private clip")

    def blocked(self) -> str:
        """The button where somebody whom an admin has blocked looks for clips."""
        return self._("An admin has blocked you.")

    def published(self, username: str) -> str:
        """A clip became public."""
        return self._(
            "Public now: anybody who writes @{bot} and its words finds this clip, with your name.",
            bot=username,
        )

    def unpublished(self) -> str:
        """A clip became private."""
        return self._("Private now: only you find this clip. Messages that show it stay.")

    def not_yours_to_publish(self) -> str:
        """Somebody else taps the button."""
        return self._("Only the person who made this clip can make it public or private.")

    def prompt_to_change(self) -> str:
        """Above the prompt of a shared clip."""
        return self._(
            "Hello! This is the prompt of the clip you saw. Tap it to copy it, change it as you "
            "like, and send it to me: I turn it into a video."
        )

    def prompt_unknown(self) -> str:
        """Behind the greeting, where the prompt of the clip they saw may not be told."""
        return self._(
            "To make a clip like the one you saw, copy the words under it, change them as you "
            "like, and send them to me."
        )
