"""What people read about their own jobs, and about the recipe of a clip."""

from bot.replies.card import CardReplies
from bot.replies.speaker import Speaker
from bot.text_length import cut
from inference.entry import ModelEntry
from storage.jobs import Job

ID_DIGITS = 6  # of a job's token, enough to tell the jobs that one person may see apart
PROMPT_UNITS = 60


def short_id(job: Job) -> str:
    """What people call a job."""
    return job.token[:ID_DIGITS]


class JobReplies(Speaker):
    """Answers to /jobs and /show."""

    def line(self, job: Job, place: int | None) -> str:
        """One job of a list. place: in line, None for one that does not wait."""
        card = CardReplies(self.language.code)
        facts = [short_id(job)]
        if not job.state.is_end:
            if job.cancel_requested_at is not None:
                facts.append(card.stopping())
            else:
                facts.append(card.waiting(place) if place else self._("Rendering"))
            facts.append(card.cost(job.cost_tenths))
        return f"{' · '.join(facts)}\n{cut(job.request.prompt, PROMPT_UNITS)}"

    def overview(self, unfinished: list[str], more: int, latest: list[str]) -> str:
        """The answer to /jobs, of lines. more: how many unfinished ones are not listed."""
        parts = []
        if unfinished:
            parts.append(self._("Waiting and running:"))
            parts += unfinished
        else:
            parts.append(self._("Nothing of yours is waiting or running."))
        if more:
            parts.append(self.language.say_many("And {count} more.", "And {count} more.", more))
        if latest:
            parts.append(self._("Your latest clips; /show and an ID tells how one was made:"))
            parts += latest
        return "\n\n".join(parts)

    def cancel_button(self, job: Job) -> str:
        """What a button says that cancels one job of a list."""
        return self._("Cancel {id}", id=short_id(job))

    def repeat_button(self) -> str:
        """What the button under a recipe says."""
        return self._("🔂 Repeat")

    def show_what(self) -> str:
        """/show without a clip."""
        return self._("Reply to a clip with /show, or write /show and its ID; /jobs lists IDs.")

    def unknown_id(self) -> str:
        """No clip that this person may see has that ID."""
        return self._(
            "I find no clip of that ID. You can see your own clips and those of this chat; /jobs "
            "lists IDs."
        )

    def not_kept(self) -> str:
        """A clip whose file and recipe have gone."""
        return self._("This clip is not kept any more: its file and its recipe are gone.")

    def recipe(self, job: Job, entry: ModelEntry | None, source: Job | None) -> str:
        """How a clip was or will be made.

        entry: its model; None for one that there is no more. source: the job whose clip it goes on
        from.
        """
        request = job.request
        number, plain = self.language.number, request.aspect_ratio
        lines = [self._("ID: {id}", id=short_id(job))]
        if request.negative_prompt:
            lines.append(self._("Not in it: {words}", words=request.negative_prompt))
        lines.append(self._("Seed: {seed}", seed=request.seed))
        if request.variation is not None:
            lines.append(self._("Varied by seed: {seed}", seed=request.variation))
        lines.append(self._("Model: {model}", model=entry.title if entry else request.model))
        lines.append(
            self._("Shape: {shape}", shape=plain or (entry.default_aspect_ratio if entry else "?"))
        )
        lines.append(self._("Seconds: {seconds}", seconds=number(request.seconds)))
        steps = request.steps or (entry.steps if entry else 0)
        lines.append(self._("Steps: {steps}", steps=number(steps)))
        if source is not None:
            lines.append(self._("Goes on from: {id}", id=short_id(source)))
        if job.picture is not None:
            lines.append(self._("Starts with a picture."))
        if job.last_picture is not None:
            lines.append(self._("Ends on a picture."))
        if request.loops:
            lines.append(self._("Comes back to its first frame."))
        lines.append(self._("Asked for: {moment}", moment=self.language.moment(job.created_at)))
        if not job.state.is_end and not job.state.has_clip:
            lines.append(self._("It is not made yet."))
        elif not job.state.has_clip:
            lines.append(self._("There is no clip of it."))
        return f"{request.prompt}\n\n" + "\n".join(lines)
