"""A finished clip on its way to a chat, or to the person where their group takes no videos.

It is encoded again smaller where it is too big, and covered where a group asks for that.
"""

import asyncio
import dataclasses

import structlog
from sqlite_utils import Database as Tables

from bot.card import CardView
from bot.clips_folder import ClipsFolder
from bot.messages import ClipTooBig, Messages
from bot.replies.card import CardReplies
from bot.replies.groups import GroupReplies
from inference.shrinking import shrink
from inference.values import EncodeError
from storage import chats, clips, jobs, outbox, people
from storage.clips import ClipRecord
from storage.database import Database
from storage.jobs import Job

MOST_UPLOAD_BYTES = 50 * 1024 * 1024
# Room for the other parts of the request.
SMALLER_BYTES = 48 * 1024 * 1024
LONG_WAIT_SECONDS = 15.0
READY_REACTION = "🎉"
log = structlog.get_logger(__name__)


def deliver(db: Tables, job: Job, *, file_id: str | None, now: float) -> bool:
    """The clip is in the chat: capture its credits and, after a long wait, say that it is there."""
    if not jobs.delivered(db, job_id=job.id, file_id=file_id, now=now):
        return False
    person = people.get(db, bot_id=job.bot_id, user_id=job.user_id)
    wish = person.notify if person else "both"
    # In a chat that does not hold the prompt, the clip is a message of its own that rings.
    if now - job.created_at > LONG_WAIT_SECONDS and job.message_id:
        tapped = jobs.by_card(db, bot_id=job.bot_id, chat_id=job.chat_id, message_id=job.message_id)
        replies = CardReplies(job.language)
        ready: dict[str, object] = {"text": replies.ready(), "reply_to": job.message_id}
        if tapped is not None:  # Theirs is no message that could be answered: the clip itself is.
            ready["reply_to"] = job.card_message_id or job.message_id
            if job.chat_id != job.user_id and person and person.first_name:
                # Nobody's phone rings for an answer to a bot; for their name it does.
                text = replies.ready_for(job.user_id, person.first_name)
                ready |= {"text": text, "parse_mode": "HTML"}
        if job.thread_id is not None:
            ready["message_thread_id"] = job.thread_id
        reaction = {"message_id": job.message_id, "reaction": READY_REACTION}
        # A reaction can be repeated safely; a message cannot.
        for notice, method, payload, once in (
            ("reaction", "set_message_reaction", reaction, False),
            ("reply", "send_message", ready, True),
        ):
            if wish not in {notice, "both"} or (notice == "reaction" and tapped is not None):
                continue
            outbox.say(
                db,
                bot_id=job.bot_id,
                key=f"ready:{job.id}:{method}",
                chat_id=job.chat_id,
                method=method,
                payload=payload,
                once=once,
                now=now,
            )
    return True


class Undeliverable(Exception):
    """A clip cannot be shown. cause: the machine-readable error of its job."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Delivery:
    """Turns cards into clips, whatever the clip weighs."""

    def __init__(self, database: Database, messages: Messages, clips_folder: ClipsFolder) -> None:
        self._database = database
        self._messages = messages
        self._clips = clips_folder

    async def turn_into_clip(self, job: Job, card: CardView) -> str | None:
        """Turn a job's card into its clip. Returns Telegram's file id, if it was told.

        Raises: Undeliverable; CardGone; VideosForbidden; telegram.error.TelegramError.
        """
        whole = await self._database.read(clips.of_job, job.id)
        if whole is None:
            raise Undeliverable("disk")
        chat = await self._database.read(chats.get, bot_id=job.bot_id, chat_id=job.chat_id)
        try:
            clip = self._smaller(whole) or whole
            if clip.size_bytes > MOST_UPLOAD_BYTES:
                clip = await self._shrink(whole, SMALLER_BYTES)
            try:
                return await self._messages.turn_into_clip(job, card, clip, spoiler=chat.spoiler)
            except ClipTooBig:
                if clip is not whole:
                    raise
            # A server or a proxy with a limit of its own: once more, at half the size.
            clip = await self._shrink(whole, whole.size_bytes // 2)
            return await self._messages.turn_into_clip(job, card, clip, spoiler=chat.spoiler)
        except (ClipTooBig, EncodeError) as error:
            log.warning("a clip is too big to send", job=job.id, error=str(error))
            raise Undeliverable("too big") from error
        except FileNotFoundError as error:
            raise Undeliverable("disk") from error

    def _smaller(self, whole: ClipRecord) -> ClipRecord | None:
        """The clip as it was encoded smaller before, if it was."""
        found = self._clips.smaller(whole.path)
        return dataclasses.replace(whole, path=found[0], size_bytes=found[1]) if found else None

    async def _shrink(self, whole: ClipRecord, most_bytes: int) -> ClipRecord:
        """The clip in at most that many bytes. The whole one is kept: clips go on from it.

        Raises: EncodeError; FileNotFoundError.
        """

        def work() -> tuple[str, int]:
            mp4 = shrink(self._clips.read(whole.path), most_bytes)
            return self._clips.save_smaller(whole.path, mp4), len(mp4)

        path, size_bytes = await asyncio.to_thread(work)
        # Width and height stay those of the whole clip: its shape is the same.
        return dataclasses.replace(whole, path=path, size_bytes=size_bytes)


def give_to_person(db: Tables, job: Job, *, now: float) -> bool:
    """Show a group's job in its person's private chat from now on; tell the group so once.

    False, and nothing changes, when there is nobody to give it to.
    """
    if not jobs.send_to_person(db, job_id=job.id):
        return False
    if job.card_message_id is not None:
        outbox.say(
            db,
            bot_id=job.bot_id,
            key=f"moved card:{job.id}",
            chat_id=job.chat_id,
            method="delete_message",
            payload={"message_id": job.card_message_id},
            now=now,
        )
    notice: dict[str, object] = {"text": GroupReplies(job.language).videos_forbidden()}
    notice["reply_to"] = job.message_id
    if job.thread_id is not None:
        notice["message_thread_id"] = job.thread_id
    outbox.say(
        db,
        bot_id=job.bot_id,
        key=f"no videos:{job.chat_id}",
        chat_id=job.chat_id,
        method="send_message",
        payload=notice,
        now=now,
    )
    return True
