"""What the bot answers to people."""

from bot.replies.speaker import Speaker
from storage.jobs import JobState
from storage.quotas import Quota


class Replies(Speaker):
    """Answers to people."""

    # Getting to know each other

    def start(self, cost_tenths: int, quota: Quota) -> str:
        """The answer to /start."""
        return self._(
            "Hello! Send me a sentence of under 200 characters and I turn it into a video.\n\n"
            "Try: an astronaut riding a horse in space\n\n"
            "A clip costs {cost}; you have {daily} a day. /help shows the rest.",
            cost=self.cost(cost_tenths),
            daily=self.cost(quota.daily_tenths),
        )

    def not_understood(self) -> str:
        """A message that is neither text nor a picture, in a private chat."""
        return self._("Send me what the video shall show, in words. /help shows more.")

    def unknown_command(self, command: str) -> str:
        """A command that does not exist, or not for this person."""
        return self._("I do not know {command}. /help lists what I know.", command=command)

    def apology(self) -> str:
        """An update that could not be handled."""
        return self._(
            "Sorry, I could not handle that message, and nothing was charged. "
            "If it happens again, please tell the operator."
        )

    # Prompts that become no job

    def request_rejected(self, model: str) -> str:
        """What the model cannot do, though another could when the clip before was made."""
        return self._("{model} cannot do that. Nothing was charged.", model=model)

    def other_model(self, made_by: str, served: str) -> str:
        """A tap under a clip of a model that is not served any more."""
        return self._(
            "{made_by} made this clip and is not served now. Send the prompt again for a clip by "
            "{served}. Nothing was charged.",
            made_by=made_by,
            served=served,
        )

    def start_gone(self) -> str:
        """A tap under a clip that was made of another clip, or of a picture."""
        return self._("What it should start from is not here any more.")

    def not_allowed(self) -> str:
        """A prompt holds a listed word; which one is not said, lest it teach how to get around."""
        return self._(
            "That prompt is not allowed here. Nothing was charged. If this is a mistake, please "
            "word it differently or tell the operator."
        )

    def blocked(self) -> str:
        """A blocked person asks."""
        return self._("You cannot make clips here. An admin of this bot has blocked you.")

    def too_many_waiting(self, most: int) -> str:
        """A person has as many prompts waiting as one may have."""
        return self.language.say_many(
            "You have {count} prompt waiting already. Wait for it, or /cancel it.",
            "You have {count} prompts waiting already. Wait for one, or /cancel one.",
            most,
        )

    def too_many_waiting_here(self, most: int) -> str:
        """A chat has as many prompts waiting as one may have."""
        return self.language.say_many(
            "This chat has {count} prompt waiting already. Ask again when it is finished.",
            "This chat has {count} prompts waiting already. Ask again when one is finished.",
            most,
        )

    def quota_exceeded(self, quota: Quota, cost_tenths: int, now: float) -> str:
        """Not enough credits are left for a clip."""
        sentence = self._(
            "This clip costs {cost} and you have {left} left, so I did not start.",
            cost=self.cost(cost_tenths),
            left=self.cost(quota.left_tenths),
        )
        can_ever = cost_tenths <= quota.daily_tenths + quota.granted_left_tenths
        return self.sentences(sentence, self._return(quota, now) if can_ever else "")

    # Credits

    def quota(self, quota: Quota, cost_tenths: int, now: float, whose: str = "") -> str:
        """Credits left, what a clip costs, and when the next credit returns."""
        credit = self.language.credits
        lines = [whose] if whose else []
        lines.append(
            self._(
                "Credits left: {left} of {daily} a day",
                left=credit(quota.daily_left_tenths),
                daily=credit(quota.daily_tenths),
            )
        )
        if quota.granted_left_tenths:
            lines.append(
                self._("Granted on top: {granted}", granted=credit(quota.granted_left_tenths))
            )
        lines.append(self._("A clip costs {cost}.", cost=self.cost(cost_tenths)))
        lines.append(self._return(quota, now))
        return "\n".join(filter(None, lines))

    def _return(self, quota: Quota, now: float) -> str:
        if quota.next_return_at is None:
            return ""
        wait = self.language.span(quota.next_return_at - now)
        return self._("The next credit returns in {wait}.", wait=wait)

    # Cancelling

    def cancelling(self, state: JobState | None) -> str:
        """What became of a wish to cancel."""
        if state is JobState.CANCELLED:
            return self._("Cancelled. What was not rendered is credited back.")
        if state is JobState.RUNNING:
            return self._("Stopping. What is not rendered yet is credited back.")
        if state is not None and state.has_clip:
            return self._("Too late: that clip is finished.")
        return self._("There is nothing to cancel.")

    def not_yours(self) -> str:
        """Somebody else taps Cancel."""
        return self._("Only the person who asked for this clip, or an admin, can cancel it.")

    # Buttons under a clip

    def remake_accepted(self, cost_tenths: int) -> str:
        """A tap became a job."""
        return self._("In line. It costs {cost}.", cost=self.cost(cost_tenths))

    def under_way(self) -> str:
        """A second tap for the very same clip."""
        return self._("That clip is being made already.")

    def how_to_edit(self) -> str:
        """A tap on Edit."""
        return self._(
            "Reply to this clip with /video and the new prompt. It keeps its seed, so that the "
            "rest stays as alike as the model can."
        )

    def long_enough(self, seconds: float) -> str:
        """A clip that cannot become longer."""
        return self._(
            "A clip has at most {seconds} seconds. This one cannot go on.",
            seconds=self.language.number(seconds),
        )

    def clip_gone(self) -> str:
        """A button under a clip that is not kept any more."""
        return self._("This clip is not here any more.")

    def deleted(self) -> str:
        """A clip was deleted."""
        return self._("Deleted.")

    def not_yours_to_delete(self) -> str:
        """Somebody else taps Delete."""
        return self._("Only the person who made this clip, or an admin, can delete it.")
