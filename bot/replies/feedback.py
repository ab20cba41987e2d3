"""What people and admins read about feedback."""

from bot.replies.speaker import Speaker
from bot.text_length import cut, utf16_length

TEXT_UNITS = 4096  # of one message, in UTF-16 code units
NAME_UNITS = 64
FEEDBACK_SIGN = "💬"


class FeedbackReplies(Speaker):
    """Answers to /feedback, and what admins get of it."""

    def write_what(self) -> str:
        """/feedback without words."""
        return self._("Write your words behind the command: /feedback I would like longer clips")

    def passed_on(self) -> str:
        """The feedback is on its way."""
        return self._("Thank you. The admins get your words, and may answer here.")

    def enough(self, most: int) -> str:
        """A person has given as much feedback as one may in a day."""
        return self.language.say_many(
            "You can write to the admins {count} time a day. Please try again tomorrow.",
            "You can write to the admins {count} times a day. Please try again tomorrow.",
            most,
        )

    def nobody(self) -> str:
        """A bot without admins."""
        return self._("Nobody would read it: this bot has no admins.")

    def for_admin(self, number: int, name: str, user_id: int, text: str) -> str:
        """The message to an admin. Its first line is what `ADMIN_LINE` in the handlers finds."""
        head = f"{FEEDBACK_SIGN} {number} · {cut(name, NAME_UNITS)} · {user_id}"
        tail = self._("Reply to this message to answer.")
        frame = f"{head}\n\n\n\n{tail}"
        return f"{head}\n\n{cut(text, TEXT_UNITS - utf16_length(frame))}\n\n{tail}"

    def answer(self, text: str) -> str:
        """What the person gets of an admin's answer."""
        head = self._("An admin answers your feedback:")
        return f"{head}\n\n{cut(text, TEXT_UNITS - utf16_length(head) - 2)}"

    def answered(self) -> str:
        """An admin's answer is on its way."""
        return self._("Your answer is on its way.")

    def nobody_to_answer(self) -> str:
        """Whose feedback it was is not known any more."""
        return self._("I do not know any more who wrote that.")
