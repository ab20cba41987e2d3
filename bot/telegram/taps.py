"""Buttons: Cancel on a card; Full quality, Again, Vary, Edit, Extend and Delete under a clip."""

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database as Tables
from telegram import Chat, ChatMember, Update
from telegram.error import TelegramError

from bot import remakes
from bot.clips_folder import ClipsFolder
from bot.intake import Incoming, Refusal, Rules, accept_request
from bot.replies.people import Replies
from bot.telegram.appeals import allow, appeal
from bot.telegram.desk import Desk
from bot.telegram.people import Context
from inference.values import Request
from storage import clips, jobs, outbox
from storage.clips import ClipRecord
from storage.jobs import Job, JobState

Remake = Callable[[Job, int], Request]
REMAKES: dict[str, Remake] = {
    "again": remakes.again,
    "vary": remakes.vary,
    "full": remakes.full,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped:
    """What a tap came to: words for the person, a job to stop, a file to delete."""

    words: str
    stop_job: int | None = None
    delete_path: str | None = None


def tap(
    db: Tables,
    incoming: Incoming,
    rules: Rules,
    data: str,
    seed: int,
    *,
    leads_chat: bool,
) -> Tapped:
    """The effect of a button. data: ACTION:TOKEN. leads_chat: an administrator of the group."""
    action, _, token = data.partition(":")
    job = jobs.by_token(db, bot_id=incoming.bot_id, chat_id=incoming.chat_id, token=token)
    replies = Replies(incoming.language)
    if action == "allow":
        return Tapped(words=allow(db, incoming, rules, token))
    if job is None:
        return Tapped(words=replies.clip_gone())
    if action == "cancel":
        return _cancel(db, incoming, rules, job, leads_chat=leads_chat)
    if action == "appeal":
        return Tapped(words=appeal(db, incoming, rules, job))
    clip = clips.of_job(db, job.id)
    if clip is None or job.state is not JobState.DELIVERED:
        return Tapped(words=replies.clip_gone())
    if action == "delete":
        return _delete(db, incoming, rules, job, leads_chat=leads_chat)
    return _remade(db, incoming, rules, job, clip, action, seed)


def _remade(
    db: Tables, incoming: Incoming, rules: Rules, job: Job, clip: ClipRecord, action: str, seed: int
) -> Tapped:
    """The effect of a button that makes something of a clip."""
    replies = Replies(incoming.language)
    if action == "edit":
        return Tapped(words=replies.how_to_edit())
    if action == "extend":
        if clip.seconds + job.request.seconds > remakes.LONGEST_SECONDS:
            return Tapped(words=replies.long_enough(remakes.LONGEST_SECONDS))
        return _remake(db, incoming, rules, remakes.extend(job, seed), job.id)
    if action in REMAKES:
        return _remake(db, incoming, rules, REMAKES[action](job, seed), job.continues)
    return Tapped(words=replies.clip_gone())


def _remake(
    db: Tables, incoming: Incoming, rules: Rules, request: Request, continues: int | None
) -> Tapped:
    replies = Replies(incoming.language)
    if jobs.is_under_way(db, bot_id=incoming.bot_id, chat_id=incoming.chat_id, request=request):
        # A second tap on Full quality; other remakes have seeds of their own.
        return Tapped(words=replies.under_way())
    made = accept_request(db, incoming, rules, request, continues=continues)
    if isinstance(made, Refusal):
        return Tapped(words=made.sentence)
    return Tapped(words=replies.remake_accepted(made.cost_tenths))


def _cancel(db: Tables, incoming: Incoming, rules: Rules, job: Job, *, leads_chat: bool) -> Tapped:
    replies = Replies(incoming.language)
    if not (incoming.user_id == job.user_id or leads_chat or rules.is_admin(incoming)):
        return Tapped(words=replies.not_yours())
    state = jobs.request_cancel(db, job_id=job.id, now=incoming.now)
    running = job.id if state is JobState.RUNNING else None
    return Tapped(words=replies.cancelling(state), stop_job=running)


def _delete(db: Tables, incoming: Incoming, rules: Rules, job: Job, *, leads_chat: bool) -> Tapped:
    replies = Replies(incoming.language)
    if not (incoming.user_id == job.user_id or leads_chat or rules.is_admin(incoming)):
        return Tapped(words=replies.not_yours_to_delete())
    path = clips.delete(db, job_id=job.id, now=incoming.now)
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=f"delete:{job.id}",
        chat_id=job.chat_id,
        method="delete_message",
        payload={"message_id": job.card_message_id},
        now=incoming.now,
    )
    return Tapped(words=replies.deleted(), delete_path=path)


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
            leads_chat=await _leads_chat(update, context, data),
        )
        if tapped is not None and tapped.stop_job is not None:
            self._desk.cancel_running(tapped.stop_job)
        if tapped is not None and tapped.delete_path is not None:
            self._clips.remove(tapped.delete_path)
        # The answer is a courtesy: a tap that is too old to answer has had its effect all the same.
        with contextlib.suppress(TelegramError):
            await query.answer(tapped.words if tapped else None, show_alert=_is_long(tapped))


async def _leads_chat(update: Update, context: Context, data: str) -> bool:
    """Whether who tapped is an administrator of the group; asked where that matters."""
    chat, user = update.effective_chat, update.effective_user
    if chat is None or user is None or chat.type == Chat.PRIVATE:
        return False
    if data.partition(":")[0] not in {"cancel", "delete"}:
        return False
    try:
        member = await context.bot.get_chat_member(chat.id, user.id)
    except TelegramError:
        return False
    return member.status in {ChatMember.OWNER, ChatMember.ADMINISTRATOR}


def _is_long(tapped: Tapped | None) -> bool:
    # A notice at the top of the chat is gone before a long sentence is read.
    return tapped is not None and len(tapped.words) > 60
