"""Every sentence that people read. English stands here; other languages are in `bot/locales/`."""

from bot.languages import Language
from bot.prompt_replies import list_options
from inference.catalog import ModelEntry
from inference.values import Stage
from storage.jobs import JobState
from storage.quotas import Quota
from storage.statistics import Statistics

# Commands by audience, in the order in which Telegram's menu shows them.
PEOPLE_COMMANDS = ("video", "quota", "cancel", "words", "help", "start")
GROUP_COMMANDS = ("video", "quota", "cancel", "words", "help")
ADMIN_COMMANDS = ("setquota", "grant", "block", "unblock", "stats")


class Replies:
    """What the bot says in one language."""

    def __init__(self, language: str) -> None:
        self.language = Language(language)
        self._ = self.language.say

    # Getting to know each other

    def start(self, cost_tenths: int, quota: Quota) -> str:
        """The answer to /start."""
        return self._(
            "Hello! Send me a sentence of under 200 characters and I turn it into a video.\n\n"
            "Try: an astronaut riding a horse in space\n\n"
            "A clip costs {cost} of your {daily} credits a day. /help shows the rest.",
            cost=self.language.credits(cost_tenths),
            daily=self.language.credits(quota.daily_tenths),
        )

    def help(self, model: ModelEntry, *, admin: bool) -> str:
        """The answer to /help: the options of a prompt, and every command with what it does."""
        names = PEOPLE_COMMANDS + (ADMIN_COMMANDS if admin else ())
        lines = [f"/{name} – {self.command(name)}" for name in names]
        opening = self._(
            "In our private chat, any text is a prompt. In a group, write /video and the prompt."
        )
        return "\n".join([opening, list_options(self.language, model), "", *lines])

    def command(self, name: str) -> str:
        """A command's description, as Telegram's menu shows it."""
        say = self._
        descriptions = {
            "video": say("PROMPT: make a clip"),
            "quota": say("credits left, and when the next one returns"),
            "cancel": say("stop your newest clip"),
            "words": say("what the model knows"),
            "help": say("what I can do"),
            "start": say("say hello"),
            "setquota": say("WHO CREDITS: set somebody's credits a day"),
            "grant": say("WHO CREDITS: give somebody credits"),
            "block": say("WHO: stop answering somebody's prompts"),
            "unblock": say("WHO: answer somebody's prompts again"),
            "stats": say("clips, people, credits and failures of the last day"),
        }
        return descriptions[name]

    def not_understood(self) -> str:
        """A message without text, in a private chat."""
        return self._("I read text only: send me what the video shall show. /help shows more.")

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

    def request_rejected(self, reason: str) -> str:
        """What the model cannot do; `reason` is the model's own sentence."""
        return self._("The model cannot do that: {reason}", reason=reason)

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
            "This clip costs {cost} and you have {left} credits left, so I did not start.",
            cost=self.language.credits(cost_tenths),
            left=self.language.credits(quota.left_tenths),
        )
        return " ".join(filter(None, (sentence, self._return(quota, now))))

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
        lines.append(self._("A clip costs {cost}.", cost=credit(cost_tenths)))
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
            return self._("Cancelled. Your credits are back.")
        if state is JobState.RUNNING:
            return self._("Stopping. What is not rendered yet comes back to you.")
        if state in {JobState.DELIVERED, JobState.RENDERED}:
            return self._("Too late: that clip is finished.")
        return self._("There is nothing to cancel.")

    def not_yours(self) -> str:
        """Somebody else taps Cancel."""
        return self._("Only the person who asked for this clip, or an admin, can cancel it.")

    # Buttons

    def button(self, action: str) -> str:
        """What a button says; the actions are those of bot/telegram/taps.py."""
        say = self._
        labels = {
            "cancel": say("Cancel"),
            "again": say("🔁 Again"),
            "vary": say("🎲 Vary"),
            "edit": say("✏️ Edit"),
            "extend": say("⏩ +5 s"),
            "delete": say("🗑 Delete"),
        }
        return labels[action]

    def remake_accepted(self, cost_tenths: int) -> str:
        """A tap became a job."""
        return self._("In line. It costs {cost}.", cost=self.language.credits(cost_tenths))

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

    # Admins

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

    # The card of a job

    def waiting(self, place: int) -> str:
        """Place in line, 1 being next."""
        if place <= 1:
            return self._("Next in line")
        return self._("Place {place} in line", place=self.language.number(place))

    def cost(self, cost_tenths: int) -> str:
        """What a clip costs, in words."""
        whole, rest = divmod(cost_tenths, 10)
        return self.language.say_many(
            "{credits} credit",
            "{credits} credits",
            0 if rest else whole,  # gettext counts whole things: 0.3 credits go as 0 credits do
            credits=self.language.credits(cost_tenths),
        )

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
            "gone": self._("The clip that it should go on from is not here any more."),
        }
        reason = reasons.get(cause, self._("Something went wrong."))
        return " ".join((reason, self._("Your credits are back.")))

    def caption(self, seed: int) -> str:
        """The line under a clip's prompt."""
        return self._("seed {seed}", seed=seed)

    def ready(self) -> str:
        """The short reply that rings the phone after a long wait."""
        return self._("Your clip is ready.")
