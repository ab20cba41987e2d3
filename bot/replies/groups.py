"""What the bot says in and about groups."""

from bot.replies.speaker import Speaker
from storage.chats import Chat
from storage.pools import Pool
from storage.quotas import Purse


class GroupReplies(Speaker):
    """Words for groups, their members and their administrators."""

    # Coming and going

    def greeting(self, bot_name: str) -> str:
        """The bot was added to a group."""
        return self._(
            "Hello! I turn a sentence of under 200 characters into a video.\n\n"
            "Write /video and the prompt, or begin a message with @{name}:\n"
            "/video an astronaut riding a horse in space\n\n"
            "Telegram's privacy mode is on: I see only commands, mentions of me and replies to "
            "me, and nothing else of what you write here.\n\n"
            "/group shows this group's credits and its rules.",
            name=bot_name,
        )

    def videos_forbidden(self) -> str:
        """Told once to a chat that does not let the bot send videos."""
        return self._(
            "I am not allowed to send videos here. Who asks here gets the clip in our private "
            "chat, if they have started me there. An administrator can allow me to send videos."
        )

    # Prompts that become no job

    def blocked(self) -> str:
        """A prompt in a group that the bot's admins have blocked."""
        return self._("An admin of this bot has blocked this group.")

    def anonymous(self) -> str:
        """A prompt by an administrator who writes as the group."""
        return self._("You write as the group, so I cannot tell who asks. Please ask as yourself.")

    def admins_only(self) -> str:
        """A prompt by a member where only administrators may ask."""
        return self._("In this group only administrators may ask for clips.")

    def exceeded(self, purse: Purse, cost_tenths: int, now: float) -> str:
        """Neither the group's pool nor the person can pay for a clip."""
        pool = purse.pool
        left, of_pool = purse.left_tenths, pool.left_tenths if pool else 0
        sentences = [
            self._(
                "This clip costs {cost}. Left for you here: {left}, of that in the group's pool: "
                "{pool}. I did not start.",
                cost=self.cost(cost_tenths),
                left=self.cost(left),
                pool=self.language.credits(of_pool),
            )
        ]
        if pool is not None and pool.next_return_at is not None:
            wait = self.language.span(pool.next_return_at - now)
            sentences.append(self._("The next credit of the pool returns in {wait}.", wait=wait))
        return self.sentences(*sentences)

    # /group

    def for_groups(self) -> str:
        """/group in a private chat."""
        return self._(
            "/group is for groups: add me to one and write it there to see its pool of credits "
            "and its rules."
        )

    def pool(self, pool: Pool) -> list[str]:
        """What a group's pool has, in lines."""
        credit = self.language.credits
        lines = [
            self._(
                "Pool of this group: {left} of {daily} left today",
                left=credit(pool.daily_left_tenths),
                daily=self.cost(pool.daily_tenths),
            )
        ]
        if pool.granted_left_tenths:
            granted = credit(pool.granted_left_tenths)
            lines.append(self._("Granted to the group on top: {granted}", granted=granted))
        return lines

    def group(self, chat: Chat, pool: Pool, *, leads: bool) -> str:
        """The answer to /group. leads: to an administrator, who gets buttons."""
        cap = (
            self._("no cap") if chat.cap_tenths is None else self.language.credits(chat.cap_tenths)
        )
        lines = [
            *self.pool(pool),
            self._("A member may use of it in a day: {cap}", cap=cap),
            self._("Only administrators may ask.")
            if chat.admins_only
            else self._("Everybody may ask."),
            self._("When the pool cannot pay, your own credits do.")
            if chat.own_credits
            else self._("The pool alone pays."),
            self._("Clips come covered, as spoilers.")
            if chat.spoiler
            else self._("Clips come uncovered."),
        ]
        if chat.blocked_at is not None:
            lines.append(self.blocked())
        if not leads:
            lines.append(self._("The group's administrators can change this with /group."))
        return "\n".join(lines)

    def button(self, setting: str, value: str) -> str:
        """What a button of /group says; the settings are those of bot/telegram/groups.py."""
        labels = {
            "admins 1": self._("Only administrators may ask"),
            "admins 0": self._("Let everybody ask"),
            "own 1": self._("Use own credits too"),
            "own 0": self._("The pool alone pays"),
            "spoiler 1": self._("Cover clips"),
            "spoiler 0": self._("Uncover clips"),
            "cap none": self._("No cap"),
        }
        named = labels.get(f"{setting} {value}")
        return named or self._("Cap {credits}", credits=self.language.credits(int(value)))

    def changed(self) -> str:
        """A tap on a button of /group did what it says."""
        return self._("Done.")

    def only_administrators(self) -> str:
        """Somebody else taps a button of /group."""
        return self._("Only the group's administrators can change this.")

    # Admins of the bot, about groups

    def daily_set(self, group: str, tenths: int) -> str:
        """/setquota for a group is done."""
        return self._(
            "Group {group} has {credits} a day now.", group=group, credits=self.cost(tenths)
        )

    def granted(self, group: str, tenths: int) -> str:
        """/grant for a group is done."""
        return self._("Group {group} got {credits}.", group=group, credits=self.cost(tenths))

    def block_set(self, group: str, *, blocked: bool) -> str:
        """/block or /unblock of a group is done."""
        if blocked:
            return self._(
                "Group {group} is blocked: prompts there are refused, and what waited or ran is "
                "cancelled.",
                group=group,
            )
        return self._("Group {group} is not blocked.", group=group)

    def only_in_groups(self) -> str:
        """`here` in a private chat."""
        return self._("`here` means the group it is written in. Use a group's id, such as -100123.")
