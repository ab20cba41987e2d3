"""What the bot answers to admins about people: credits, turns, blocks."""

from bot.replies.speaker import Speaker
from bot.text_length import cut

WHO_UNITS = 64


class AdminReplies(Speaker):
    """Answers to admins."""

    def usage(
        self, command: str, wanted: str, *, in_chat: bool, takes_groups: bool, most: int
    ) -> str:
        """A command without its person or value. wanted: what stands behind it, N up to most."""
        explained = {
            "WHO": self._(
                "WHO is a user id, the @name of somebody I have seen, or nobody when you reply to "
                "their message."
            ),
            "CREDITS": self._("CREDITS is a number such as 5 or 2.5."),
            "WEIGHT": self._("WEIGHT is from 0.1 to 10; everybody has 1."),
            "N": self._("N is a whole number from 1 to {most}.", most=most),
        }
        words = [word for word in wanted.split() if in_chat or word != "WHO"]
        sentences = [explained[word] for word in words]
        if in_chat and takes_groups:
            sentences.append(self._("A group is meant by its id, or by `here` within it."))
        if in_chat:
            usage = f"/{command} {wanted}".strip()
            sentences.insert(0, self._("Write {usage}.", usage=usage))
        return self.sentences(*sentences)

    def in_private(self, command: str) -> str:
        """A command whose answer is not for a group."""
        return self._(
            "Write /{command} to me in private: its answer is not for everybody here.",
            command=command,
        )

    def forwarded(self) -> str:
        """An admin forwards a command."""
        return self._("I do not carry out forwarded commands. Write it yourself if you mean it.")

    def who_unknown(self, who: str) -> str:
        """A name that nobody the bot has seen carries."""
        return self._("I have not seen {who}. Use their user id.", who=cut(who, WHO_UNITS))

    def daily_set(self, who: str, tenths: int) -> str:
        """/setquota is done."""
        return self._("{who} has {credits} a day now.", who=who, credits=self.cost(tenths))

    def granted(self, who: str, tenths: int) -> str:
        """/grant is done."""
        return self._("{who} got {credits}.", who=who, credits=self.cost(tenths))

    def block_set(self, who: str, *, blocked: bool) -> str:
        """/block or /unblock is done."""
        if blocked:
            return self._(
                "{who} is blocked: their prompts are refused, and what waited or ran is cancelled.",
                who=who,
            )
        return self._("{who} is not blocked.", who=who)

    def priority_set(self, who: str, weight: float) -> str:
        """/priority is done."""
        if weight == 1:
            return self._("From their next prompt on, {who} has one turn in line, as all.", who=who)
        return self._(
            "From their next prompt on, {who} has {weight} turns in line where others have 1.",
            who=who,
            weight=self.language.number(weight),
        )
