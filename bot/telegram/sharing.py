"""Public or private, and the link "Make your own" under a clip that somebody shared."""

import html
import re

from sqlite_utils import Database as Tables
from telegram import Update

from bot.card import under_a_clip
from bot.incoming import Incoming, say
from bot.keyboard import card_keyboard
from bot.replies.people import Replies
from bot.replies.sharing import SharingReplies
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.entrance import enter
from bot.telegram.people import Context, arguments, quota_of
from storage import outbox, sharing
from storage.jobs import Job

# What `/start` is followed by; other links have other words before the first underscore.
MAKE_LINK = re.compile(r"^/start(?:@\w+)?\s+make_", re.ASCII)


def make_link(username: str, token: str) -> str:
    """The address that opens the chat with the bot and sends it `/start make_TOKEN`."""
    return f"https://t.me/{username}?start=make_{token}"


def offer_prompt(db: Tables, incoming: Incoming, rules: Rules, token: str) -> None:
    """/start make_TOKEN: a shared clip's prompt, ready to be changed. Nothing is charged.

    Whoever may not make clips is told how they could, as by any other /start.
    """
    if not enter(db, incoming, rules, ""):
        return
    replies = SharingReplies(incoming.language)
    clip = sharing.by_token(db, bot_id=incoming.bot_id, token=token)
    if clip is None or not clip.is_for(incoming.user_id) or not incoming.is_private:
        quota = quota_of(db, incoming, rules, incoming.user_id)
        greeting = Replies(incoming.language).start(rules.usual_cost_tenths, quota)
        say(db, incoming, f"{greeting}\n\n{replies.prompt_unknown()}")
        return
    text = f"{html.escape(replies.prompt_to_change())}\n\n<pre>{html.escape(clip.prompt)}</pre>"
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=f"update:{incoming.update_id}",
        chat_id=incoming.chat_id,
        method="send_message",
        payload={"text": text, "parse_mode": "HTML"},
        now=incoming.now,
    )


def set_public(
    db: Tables, incoming: Incoming, rules: Rules, job: Job, *, public: bool, username: str
) -> str:
    """What to tell whoever tapped. The button under the clip becomes its opposite.

    username: the bot's own.
    """
    replies = SharingReplies(incoming.language)
    if incoming.user_id != job.user_id:
        return replies.not_yours_to_publish()
    person = incoming.person
    if public and person is not None and person.blocked_at is not None:
        return Replies(incoming.language).blocked()  # Nobody would find it.
    sharing.set_public(db, job_id=job.id, public=public, now=incoming.now)
    entry = rules.models.get(job.request.model)
    markup = card_keyboard(job, under_a_clip(job, entry, public=public), sharing=True)
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=f"buttons:{incoming.update_id}",
        chat_id=job.chat_id,
        method="edit_message_reply_markup",
        payload={
            "message_id": job.card_message_id,
            "reply_markup": markup.to_dict() if markup else None,
        },
        now=incoming.now,
    )
    return replies.published(username) if public else replies.unpublished()


class Sharing:
    """The handler of the link under a shared clip."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def make_your_own(self, update: Update, _context: Context) -> None:
        """/start make_TOKEN."""
        token = arguments(update).strip().removeprefix("make_")
        await self._desk.handle(update, offer_prompt, token)
