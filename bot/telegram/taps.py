"""Buttons: of a card, and under a clip."""

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from unicodedata import east_asian_width

from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import TelegramError

from bot import remakes
from bot.clips_folder import ClipsFolder
from bot.incoming import Incoming, Refusal
from bot.intake import accept_request, remake
from bot.replies.jobs import JobReplies
from bot.replies.people import Replies
from bot.rules import Rules
from bot.telegram.appeals import allow, appeal
from bot.telegram.chat_admins import leads_chat
from bot.telegram.desk import Desk
from bot.telegram.people import Context
from bot.telegram.sharing import set_public
from bot.text_length import cut
from inference.values import Request
from storage import clips, jobs, outbox, pictures
from storage.jobs import Job, JobState

ALERT_UNITS = 200  # Telegram shows no longer answer to a tap
Remake = Callable[[Job, int], Request]
REMAKES: dict[str, Remake] = {
    "again": remakes.again,
    "vary": remakes.vary,
}
LONGER: dict[str, Remake] = {"extend": remakes.extend, "loop": remakes.loop}
ONCE: dict[str, Callable[[Job], Request]] = {"full": remakes.full, "repeat": remakes.repeat}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped:
    """What a tap came to: words for the person, a job to stop, a file to delete."""

    words: str
    stop_job: int | None = None
    delete_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """A tap on a button of a job's card, or under its clip.

    seed: for what it makes. leads_chat: an administrator of the group taps. username: the bot's.
    """

    db: Tables
    incoming: Incoming
    rules: Rules
    job: Job
    action: str
    seed: int
    leads_chat: bool
    username: str

    @property
    def replies(self) -> Replies:
        """Words for who tapped."""
        return Replies(self.incoming.language)

    @property
    def is_lead(self) -> bool:
        """Whether who taps may decide about the job: its maker, and who leads group or bot."""
        user_id = self.incoming.user_id
        return user_id == self.job.user_id or self.leads_chat or self.rules.is_admin(user_id)


def tap(
    db: Tables,
    incoming: Incoming,
    rules: Rules,
    data: str,
    seed: int,
    *,
    leads_chat: bool,
    username: str,
) -> Tapped:
    """The effect of a button. data: ACTION:TOKEN; the rest is as in Tap."""
    action, _, token = data.partition(":")
    if action == "allow":
        # An admin's, in another chat than the clip's.
        return Tapped(words=allow(db, incoming, rules, token))
    job = jobs.by_token(
        db,
        bot_id=incoming.bot_id,
        chat_id=incoming.chat_id,
        user_id=incoming.user_id,
        token=token,
    )
    if job is not None and incoming.thread_id is None and job.chat_id == incoming.chat_id:
        # Telegram does not say the topic of a message that it has put away.
        incoming = replace(incoming, thread_id=job.thread_id)
    act = ACTIONS.get(action)
    if job is None or act is None:
        return Tapped(words=Replies(incoming.language).clip_gone())
    tapped = Tap(
        db=db,
        incoming=incoming,
        rules=rules,
        job=job,
        action=action,
        seed=seed,
        leads_chat=leads_chat,
        username=username,
    )
    is_there = job.state.has_clip and clips.of_job(db, job.id) is not None
    if action not in {"cancel", "appeal"} and not is_there:
        return Tapped(words=tapped.replies.clip_gone())
    if action not in {"cancel", "appeal", "delete"} and job.forgotten_at is not None:
        return Tapped(words=JobReplies(incoming.language).not_kept())
    return act(tapped)


def _cancel(tap: Tap) -> Tapped:
    if not tap.is_lead:
        return Tapped(words=tap.replies.not_yours())
    state = jobs.request_cancel(tap.db, job_id=tap.job.id, now=tap.incoming.now)
    running = tap.job.id if state is JobState.RUNNING else None
    return Tapped(words=tap.replies.cancelling(state), stop_job=running)


def _delete(tap: Tap) -> Tapped:
    job = tap.job
    if not tap.is_lead:
        return Tapped(words=tap.replies.not_yours_to_delete())
    # Whoever deletes a clip has seen it, though the bot may wait for Telegram to say so.
    jobs.delivered(tap.db, job_id=job.id, file_id=None, now=tap.incoming.now)
    path = clips.delete(tap.db, job_id=job.id, now=tap.incoming.now)
    for picture in job.pictures:
        pictures.forget_if_unneeded(tap.db, picture)
    if job.card_message_id is not None:  # None where it stayed behind in a group that moved.
        outbox.say(
            tap.db,
            bot_id=job.bot_id,
            key=f"delete:{job.id}",
            chat_id=job.chat_id,
            method="delete_message",
            payload={
                "message_id": job.card_message_id,
                "instead": Replies(job.language).deleted(),
            },
            now=tap.incoming.now,
        )
    return Tapped(words=tap.replies.deleted(), delete_path=path)


def _appeal(tap: Tap) -> Tapped:
    return Tapped(words=appeal(tap.db, tap.incoming, tap.rules, tap.job))


def _publish(tap: Tap) -> Tapped:
    public = tap.action == "publish"
    words = set_public(
        tap.db, tap.incoming, tap.rules, tap.job, public=public, username=tap.username
    )
    return Tapped(words=words)


def _edit(tap: Tap) -> Tapped:
    return Tapped(words=tap.replies.how_to_edit())


def _extend(tap: Tap) -> Tapped:
    job = tap.job
    clip = clips.of_job(tap.db, job.id)
    if clip is None:
        return Tapped(words=tap.replies.clip_gone())
    longer = LONGER[tap.action](job, tap.seed)
    # The first piece has a frame more than those behind it.
    if round(clip.seconds + longer.seconds) > remakes.LONGEST_SECONDS:
        return Tapped(words=tap.replies.long_enough(remakes.LONGEST_SECONDS))
    made = accept_request(tap.db, tap.incoming, tap.rules, longer, continues=job.id)
    return _answer(tap, made)


def _remake(tap: Tap) -> Tapped:
    request = REMAKES[tap.action](tap.job, tap.seed)
    return _answer(tap, remake(tap.db, tap.incoming, tap.rules, tap.job, request))


def _remake_once(tap: Tap) -> Tapped:
    """The same for a clip that comes out the same however often somebody taps."""
    request = ONCE[tap.action](tap.job)
    if jobs.is_under_way(tap.db, chat_id=tap.incoming.chat_id, like=tap.job, request=request):
        return Tapped(words=tap.replies.under_way())
    return _answer(tap, remake(tap.db, tap.incoming, tap.rules, tap.job, request))


def _answer(tap: Tap, made: Job | Refusal) -> Tapped:
    if isinstance(made, Refusal):
        return Tapped(words=made.sentence)
    return Tapped(words=tap.replies.remake_accepted(made.cost_tenths))


ACTIONS: dict[str, Callable[[Tap], Tapped]] = {
    "cancel": _cancel,
    "appeal": _appeal,
    "delete": _delete,
    "edit": _edit,
    "publish": _publish,
    "unpublish": _publish,
    **dict.fromkeys(REMAKES, _remake),
    **dict.fromkeys(ONCE, _remake_once),
    **dict.fromkeys(LONGER, _extend),
}


class Taps:
    """The handler of every button."""

    def __init__(self, desk: Desk, clips_folder: ClipsFolder) -> None:
        self._desk = desk
        self._clips = clips_folder

    async def tapped(self, update: Update, context: Context) -> None:
        """A tap on any button."""
        query = update.callback_query
        if query is None:
            return
        data = query.data or ""
        tapped = await self._desk.handle(
            update,
            tap,
            data,
            secrets.randbits(32),
            leads_chat=await _leads_chat(update, data),
            username=context.bot.username,
        )
        if tapped is not None and tapped.stop_job is not None:
            self._desk.cancel_running(tapped.stop_job)
        if tapped is not None and tapped.delete_path is not None:
            self._clips.remove(tapped.delete_path)
        # The answer is a courtesy: a tap that is too old to answer has had its effect all the same.
        with contextlib.suppress(TelegramError):
            words = cut(tapped.words, ALERT_UNITS) if tapped else None
            await query.answer(words, show_alert=_is_long(tapped))


async def _leads_chat(update: Update, data: str) -> bool:
    """Whether who tapped is an administrator of the group; asked where that matters."""
    return data.partition(":")[0] in {"cancel", "delete"} and await leads_chat(update)


def _is_long(tapped: Tapped | None) -> bool:
    # A notice at the top of the chat is gone before a long sentence is read. A Chinese character
    # takes the place of two letters, and says as much.
    if tapped is None:
        return False
    return sum(1 + (east_asian_width(letter) in {"W", "F"}) for letter in tapped.words) > 60
