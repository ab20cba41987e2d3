"""/jobs: what of one's own waits and runs. /show: how a clip was made."""

import re

from sqlite_utils import Database as Tables
from telegram import Update

from bot.incoming import Incoming, say
from bot.replies.jobs import ID_DIGITS, JobReplies
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.people import Context, arguments
from storage import clips, jobs
from storage.jobs import Job

MOST_LISTED = 5
MOST_LATEST = 3
ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS},16}}", re.ASCII)


def list_jobs(db: Tables, incoming: Incoming, _rules: Rules) -> None:
    """/jobs: in a private chat those of every chat, elsewhere those of this one."""
    replies = JobReplies(incoming.language)
    who = {"bot_id": incoming.bot_id, "user_id": incoming.user_id}
    chat_id = None if incoming.is_private else incoming.chat_id
    unfinished = jobs.unfinished_of(db, **who, chat_id=chat_id)
    listed = unfinished[:MOST_LISTED]
    ids = [job.id for job in listed]
    standings = jobs.standings(db, bot_id=incoming.bot_id, job_ids=ids)
    places = {job_id: standing.place for job_id, standing in standings.items()}
    latest = jobs.latest_clips_of(db, **who, chat_id=chat_id, limit=MOST_LATEST)
    text = replies.overview(
        [replies.line(job, places.get(job.id)) for job in listed],
        len(unfinished) - len(listed),
        [replies.line(job, None) for job in latest],
    )
    buttons = [[(replies.cancel_button(job), f"cancel:{job.token}")] for job in listed]
    say(db, incoming, text, buttons=buttons)


def show_recipe(
    db: Tables, incoming: Incoming, rules: Rules, word: str, reply_to: int | None
) -> None:
    """/show ID, or /show in reply to a clip. One's own clips are seen, and those of the chat."""
    replies = JobReplies(incoming.language)
    if not word and reply_to is None:
        say(db, incoming, replies.show_what())
        return
    job = _find(db, incoming, word, reply_to)
    if job is None:
        say(db, incoming, replies.unknown_id())
        return
    there = job.state.has_clip and clips.of_job(db, job.id) is not None
    if job.forgotten_at is not None or (job.state.has_clip and not there):
        say(db, incoming, replies.not_kept())
        return
    source = jobs.get(db, job.continues) if job.continues is not None else None
    buttons = [[(replies.repeat_button(), f"repeat:{job.token}")]] if there else []
    say(
        db,
        incoming,
        replies.recipe(job, rules.models.get(job.request.model), source),
        buttons=buttons,
    )


def _find(db: Tables, incoming: Incoming, word: str, reply_to: int | None) -> Job | None:
    here = {"bot_id": incoming.bot_id, "chat_id": incoming.chat_id}
    if not word and reply_to is not None:
        return jobs.by_card(db, **here, message_id=reply_to)
    begins = word.lower().removeprefix("#")
    if not ID.fullmatch(begins):
        return None
    return jobs.by_id(db, **here, user_id=incoming.user_id, begins=begins)


class Jobs:
    """The handlers of this module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def jobs(self, update: Update, _context: Context) -> None:
        """/jobs."""
        await self._desk.handle(update, list_jobs)

    async def show(self, update: Update, _context: Context) -> None:
        """/show."""
        message = update.effective_message
        answered = message.reply_to_message if message else None
        word = (arguments(update).split() or [""])[0]
        await self._desk.handle(
            update, show_recipe, word, answered.message_id if answered else None
        )
