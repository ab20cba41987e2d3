"""What the bot answers to admins about the whole service."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.replies.card import CardReplies
from bot.replies.speaker import Speaker
from bot.text_length import cut, utf16_length
from bot.workers import WorkerState
from inference.values import Progress
from storage.bots import Mode
from storage.statistics import Statistics

TEXT_UNITS = 4096  # of one message, in UTF-16 code units
PROMPT_UNITS = 40
REASON_UNITS = 200
ENTRY_UNITS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A job as admins see it.

    place: in line, None once it was begun. chat_id: None for the person's own chat.
    seconds: since it was asked for. model: title of the one whose line it is, "" for the only one.
    """

    place: int | None
    who: str
    chat_id: int | None
    seconds: float
    prompt: str
    progress: Progress | None
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """How many jobs wait, and how many were begun and are not delivered yet."""

    waiting: int
    running: int


class OperationReplies(Speaker):
    """Statistics, the queue, the workers, the mode, the audit."""

    # Statistics

    def statistics(
        self, *, today: Statistics, week: Statistics, people: int, titles: Mapping[str, str]
    ) -> str:
        """The answer to /stats, under a picture of the week.

        titles: of the models by their names, where there are several.
        """
        number = self.language.number
        return "\n".join(
            (
                self._("Today"),
                *self._period(today, titles),
                "",
                self._("The last 7 days"),
                *self._period(week, titles),
                "",
                self._in_hand(Unfinished(waiting=today.waiting, running=today.running)),
                self._("People known: {people}", people=number(people)),
            )
        )

    def legend(self) -> str:
        """What the picture above shows."""
        return self._("In the picture: clips a day above, seconds a clip below.")

    def _period(self, period: Statistics, titles: Mapping[str, str]) -> list[str]:
        number = self.language.number
        causes: Counter[str] = Counter()
        for cause, count in period.failed_by_cause.items():
            causes[self._cause(cause)] += count
        failures = self._(", ").join(f"{cause} {number(count)}" for cause, count in causes.items())
        lines = [
            self._("Clips: {clips}", clips=number(period.clips)),
            *(
                f"   {title}: {number(period.by_model.get(name, 0))}"
                for name, title in titles.items()
            ),
            self._("People: {people}", people=number(period.people)),
            self._("Credits spent: {spent}", spent=self.language.credits(period.captured_tenths)),
            self._("Failures: {failures}", failures=failures or number(0)),
        ]
        if period.median_seconds is not None:
            seconds = number(round(period.median_seconds, 1))
            lines.append(self._("Seconds a clip: {seconds}", seconds=seconds))
        return lines

    def _cause(self, cause: str) -> str:
        """A cause of failure as storage has it, in words."""
        causes = {
            "worker": self._("the workers failed"),
            "memory": self._("not enough memory"),
            "disk": self._("disk full or file lost"),
            "rejected": self._("the model cannot do that"),
            "too big": self._("too big to send"),
            "gone": self._("the clip to go on from was deleted"),
            "unreachable": self._("the chat is closed to the bot"),
            "screened": self._("held back by the check"),
            "unserved": self._("the model is not served any more"),
            "forgotten": self._("its person is forgotten"),
        }
        return causes.get(cause, self._("something else"))

    # The queue and the workers

    def queue(self, shown: Sequence[Shown], unfinished: Unfinished, mode: Mode) -> str:
        """The answer to /queue: as many jobs as one message holds, and how many there are more."""
        total = unfinished.waiting + unfinished.running
        head = [] if mode is Mode.WORKING else [self.mode(mode, unfinished)]
        if not total:
            return "\n".join(head or [self._("Nothing waits and nothing runs.")])
        lines = [*head, self._in_hand(unfinished)]
        room = TEXT_UNITS - utf16_length("\n".join((*lines, self._more(total))))
        for number, job in enumerate(shown):
            line = self._job(job)
            room -= utf16_length(line) + 1
            if room < 0:
                return "\n".join((*lines, self._more(total - number)))
            lines.append(line)
        if total > len(shown):
            lines.append(self._more(total - len(shown)))
        return "\n".join(lines)

    def _more(self, count: int) -> str:
        return self._("… and {count} more", count=self.language.number(count))

    def _in_hand(self, unfinished: Unfinished) -> str:
        number = self.language.number
        return self._(
            "Waiting: {waiting}, running: {running}",
            waiting=number(unfinished.waiting),
            running=number(unfinished.running),
        )

    def _job(self, job: Shown) -> str:
        place = "▶" if job.place is None else f"{self.language.number(job.place)}."
        parts = [job.who]
        if job.chat_id is not None:
            parts.append(self._("group {chat}", chat=job.chat_id))
        parts += [*filter(None, [job.model]), self.language.span(job.seconds), *self._progress(job)]
        return f"{place} {' · '.join([*parts, cut(job.prompt, PROMPT_UNITS)])}"

    def _progress(self, job: Shown) -> list[str]:
        if job.progress is None:
            return []
        stage = CardReplies(self.language.code).stage(job.progress.stage)
        return [f"{stage} {job.progress.step}/{job.progress.steps}"]

    def workers(
        self,
        workers: Sequence[WorkerState],
        rendering: Mapping[int, Sequence[Shown]],
        unfinished: Unfinished,
        mode: Mode,
        titles: Mapping[str, str],
        waiting: Mapping[str, int],
    ) -> str:
        """The answer to /workers.

        rendering: jobs by the number of their worker. titles: of the models by their names, where
        there are several. waiting: how many jobs wait for each of the models.
        """
        states = {
            "loading": self._("loading the model"),
            "idle": self._("ready"),
            "busy": self._("busy"),
            "lost": self._("lost"),
            "off": self._("off, as nobody needs it now"),
        }
        head = [] if mode is Mode.WORKING else [self.mode(mode, unfinished)]
        if not workers:
            return "\n".join(
                [*head, self._("No worker yet: they are being started, or KINOGRAM_WORKERS is 0.")]
            )
        ready = sum(worker.state in {"idle", "busy"} for worker in workers)
        lines = [
            *head,
            self.language.say_many(
                "{count} worker, ready: {ready}",
                "{count} workers, ready: {ready}",
                len(workers),
                ready=self.language.number(ready),
            ),
        ]
        number = self.language.number
        lines += [
            self._("{model}: waiting {count}", model=title, count=number(waiting.get(name, 0)))
            for name, title in titles.items()
        ]
        for worker in workers:
            reason = cut(worker.error, REASON_UNITS) if worker.state in {"loading", "lost"} else ""
            holds = "" if worker.state == "off" else titles.get(worker.model, "")
            state = f"{worker.number}: {states[worker.state]}"
            lines.append(" · ".join(filter(None, (state, holds, reason))))
            lines += [f"   {self._job(job)}" for job in rendering.get(worker.number, ())]
        return cut("\n".join(lines), TEXT_UNITS)

    def not_serving(self) -> str:
        """`kinogram workers` while the bot does not run."""
        return self._("The bot does not run here, so it has no workers.")

    # The mode

    def mode(self, mode: Mode, unfinished: Unfinished) -> str:
        """What the bot does from now on; when it is drained, that."""
        if mode is Mode.WORKING:
            return self._("Working: prompts are accepted and rendered.")
        if mode is Mode.PAUSED:
            return self._(
                "Paused: prompts are accepted and wait, what runs is finished. /resume goes on."
            )
        left = unfinished.waiting + unfinished.running
        if not left:
            return self._(
                "Drained: nothing waits or runs, and no prompt is accepted. /resume goes on."
            )
        return self.language.say_many(
            "Draining: no prompt is accepted; {count} clip is still to be made. /resume goes on.",
            "Draining: no prompt is accepted; {count} clips are still to be made. /resume goes on.",
            left,
        )

    def restarting(self) -> str:
        """The answer to /restart."""
        return self._(
            "One after the other, each worker is replaced by a fresh one once it has no job. "
            "No clip is lost."
        )

    # The audit

    def audit_entry(self, *, at: datetime, who: str, what: str) -> str:
        """One use of a command. who: "" for the shell."""
        actor = who or self._("the shell")
        return f"{at:%Y-%m-%d %H:%M} · {actor} · {cut(what, ENTRY_UNITS)}"

    def audit(self, entries: Sequence[str]) -> str:
        """The answer to /audit, the newest entry first."""
        if not entries:
            return self._("No admin has done anything yet.")
        return "\n".join([self._("What admins did last (times in UTC):"), *entries])
