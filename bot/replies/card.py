"""What stands on the card of a job."""

import html

from bot.replies.speaker import Speaker
from inference.values import Stage
from storage.jobs import JobState


class CardReplies(Speaker):
    """Words on a job's card and its buttons.

    names_model: whether a card says which model makes its clip.
    """

    def __init__(self, language: str, *, names_model: bool = False) -> None:
        super().__init__(language)
        self.names_model = names_model

    def waiting(self, place: int) -> str:
        """Place in line, 1 being next."""
        if place <= 1:
            return self._("Next in line")
        return self._("Place {place} in line", place=self.language.number(place))

    def stage(self, stage: Stage) -> str:
        """What the worker is doing."""
        names = {
            Stage.TEXT: self._("Reading your prompt"),
            Stage.DENOISE: self._("Rendering"),
            Stage.DECODE: self._("Developing the frames"),
            Stage.ENCODE: self._("Writing the video"),
        }
        return names[stage]

    def starting(self) -> str:
        """A worker has the job and has not said anything yet."""
        return self._("Starting")

    def stopping(self) -> str:
        """A cancel is under way."""
        return self._("Stopping")

    def sending(self) -> str:
        """The clip is finished and on its way."""
        return self._("Sending the video")

    def passed(self) -> str:
        """Why a place in line has become worse."""
        return self._("A prompt that came later goes first: turns are shared fairly.")

    def begun_again(self, *, own: bool) -> str:
        """Why a place in line has become worse. own: it is this clip that was begun before."""
        if own:
            return self._("What was rendered of this clip is lost; it begins again.")
        return self._("What was rendered of the first clip in line is lost; it begins again.")

    def paused(self) -> str:
        """Why nothing goes on."""
        return self._("Rendering is paused; this clip keeps its place in line.")

    def time_left(self, low: float, high: float) -> str:
        """Measured time left, in seconds."""
        return self._("about {span} left", span=self.language.span_between(low, high))

    def ended(self, state: JobState, cause: str) -> str:
        """The last words of a card that becomes no clip."""
        if state is JobState.CANCELLED:
            return self._("Cancelled. What was not rendered is credited back.")
        reasons = {
            "worker": self._("The workers failed three times on this clip."),
            "memory": self._("This clip does not fit the workers' memory."),
            "disk": self._("The disk is full."),
            "rejected": self._("The model cannot do that."),
            "too big": self._("The clip is too big to send."),
            "screened": self._("A check of the finished clip held it back."),
            "unserved": self._("The model that it was asked of is not served any more."),
            "gone": self._("What it should start from is not here any more."),
            "unreachable": self._("I was not allowed to write here."),
        }
        reason = reasons.get(cause, self._("Something went wrong."))
        return self.sentences(reason, self._("Your credits are back."))

    def caption(self, seed: int, *, draft: bool = False) -> str:
        """The line under a clip's prompt."""
        if draft:
            return self._("Draft · seed {seed}", seed=seed)
        return self._("seed {seed}", seed=seed)

    def ready(self) -> str:
        """The short reply that rings the phone after a long wait."""
        return self._("Your clip is ready.")

    def ready_for(self, user_id: int, first_name: str) -> str:
        """The same to somebody in a group who tapped a button; HTML that rings their phone."""
        name = html.escape(first_name)
        who = f'<a href="tg://user?id={user_id}">{name}</a>'
        return self._("{who}, your clip is ready.", who=who)

    def button(self, action: str) -> str:
        """What a button says; the actions are those of bot/telegram/taps.py."""
        say = self._
        labels = {
            "cancel": say("Cancel"),
            "full": say("✨ Full quality"),
            "appeal": say("🙋 Appeal"),
            "again": say("🔁 Again"),
            "vary": say("🎲 Vary"),
            "edit": say("✏️ Edit"),
            "extend": say("⏩ +5 s"),
            "loop": say("➿ Loop"),
            "delete": say("🗑 Delete"),
            "share": say("↗️ Share"),
            "publish": say("🌍 Make public"),
            "unpublish": say("🔒 Make private"),
        }
        return labels[action]
