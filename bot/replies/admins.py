"""What the bot answers to admins."""

from bot.replies.speaker import Speaker
from storage.statistics import Statistics


class AdminReplies(Speaker):
    """Answers to admins."""

    def who_wanted(self, usage: str) -> str:
        """An admin command without its person or number."""
        return self._(
            "Write {usage}. WHO is a user id, the @name of somebody I have seen, or nobody when "
            "you reply to their message. CREDITS is a number such as 5 or 2.5.",
            usage=usage,
        )

    def who_unknown(self, who: str) -> str:
        """A name that nobody the bot has seen carries."""
        return self._("I have not seen {who}. Use their user id.", who=who)

    def daily_set(self, who: str, tenths: int) -> str:
        """/setquota is done."""
        return self._(
            "{who} has {credits} credits a day now.", who=who, credits=self.language.credits(tenths)
        )

    def granted(self, who: str, tenths: int) -> str:
        """/grant is done."""
        return self._(
            "{who} got {credits} credits.", who=who, credits=self.language.credits(tenths)
        )

    def block_set(self, who: str, *, blocked: bool) -> str:
        """/block or /unblock is done."""
        if blocked:
            return self._("{who} is blocked: their prompts are refused.", who=who)
        return self._("{who} is not blocked.", who=who)

    def statistics(self, day: Statistics, people: int) -> str:
        """The answer to /stats."""
        number = self.language.number
        failures = ", ".join(f"{cause} {count}" for cause, count in day.failed_by_cause.items())
        lines = [
            self._("The last 24 hours:"),
            self._("Clips: {clips}", clips=number(day.clips)),
            self._(
                "People: {people} of {all} known", people=number(day.people), all=number(people)
            ),
            self._("Credits spent: {spent}", spent=self.language.credits(day.captured_tenths)),
            self._(
                "Waiting: {waiting}, running: {running}",
                waiting=number(day.waiting),
                running=number(day.running),
            ),
            self._("Failures: {failures}", failures=failures or number(0)),
        ]
        if day.median_seconds is not None:
            lines.append(
                self._("Seconds a clip: {seconds}", seconds=number(round(day.median_seconds, 1)))
            )
        return "\n".join(lines)
