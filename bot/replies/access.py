"""What people and admins read about who may make clips. As answers to taps: 200 units at most."""

from bot.replies.speaker import Speaker


class AccessReplies(Speaker):
    """Getting in: to those outside, and to the admins who let them in."""

    # To those outside

    def invitation_wanted(self) -> str:
        """A prompt of somebody who was not invited."""
        return self._(
            "You need an invitation to make clips here: ask whoever runs this bot for a link. "
            "Nothing was charged."
        )

    def invitation_spent(self) -> str:
        """A link that lets nobody in."""
        return self._("This invitation is not valid, or somebody has used it: each works once.")

    def list_wanted(self) -> str:
        """A prompt of somebody who has not asked to be let in."""
        return self._(
            "Only admitted people make clips here: send me /start in private and you stand on the "
            "waiting list. Nothing was charged."
        )

    def on_the_list(self, place: int) -> str:
        """Somebody who waits to be let in."""
        return self._(
            "You are number {place} on the waiting list. I tell you as soon as you may make clips.",
            place=self.language.number(place),
        )

    def admitted(self) -> str:
        """To somebody whom an admin has let in."""
        return self._("You may make clips now: send me what the video shall show.")

    def draining(self) -> str:
        """A prompt while no new ones are accepted."""
        return self._(
            "I take no new prompts at the moment; the clips in line will still be made. "
            "Nothing was charged."
        )

    # To admins

    def let_in(self, who: str) -> str:
        """/admit WHO is done."""
        return self._("{who} may make clips.", who=who)

    def let_in_many(self, names: list[str]) -> str:
        """/admit N is done."""
        return self._("May make clips now: {names}", names=self._(", ").join(names))

    def list_of_waiting(self, names: list[str], count: int) -> str:
        """/admit alone. names: of the first on the waiting list."""
        if not names:
            return self._("Nobody is on the waiting list.")
        head = self.language.say_many(
            "{count} person waits to be let in:", "{count} people wait to be let in:", count
        )
        lines = [f"{place}. {name}" for place, name in enumerate(names, start=1)]
        if count > len(names):
            lines.append("…")
        how = self._("Write /admit WHO, or /admit N for the first N.")
        return "\n".join([head, *lines, how])

    def invitations(self, links: list[str], *, open_to_all: bool) -> str:
        """/invite N. links: or commands, where the bot's name is not known."""
        head = self.language.say_many(
            "{count} invitation. It lets one person in, and I do not show it again.",
            "{count} invitations. Each lets one person in, and I do not show them again.",
            len(links),
        )
        lines = [head, *links]
        if open_to_all:
            lines.append(self._("KINOGRAM_ACCESS is open: nobody needs an invitation now."))
        return "\n".join(lines)
