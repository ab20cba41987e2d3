"""What everybody may do: prompts, /start, /help, /quota, /words and /cancel."""

import contextlib
import re
import secrets

from sqlite_utils import Database as Tables
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import CallbackContext, ExtBot

from bot.incoming import Incoming, say
from bot.intake import accept, accept_edit
from bot.languages import Language
from bot.replies.commands import CommandReplies
from bot.replies.groups import GroupReplies
from bot.replies.people import Replies
from bot.replies.words import list_words
from bot.rules import Rules
from bot.telegram.desk import Desk
from bot.telegram.entrance import enter
from bot.telegram.menus import publish_own_menu
from storage import jobs, people, pools, quotas
from storage.jobs import JobState
from storage.quotas import Quota

_BETWEEN = " \t\n,.:;!，。：；！"  # stands between the bot's name and a prompt
Context = CallbackContext[ExtBot[None], dict[str, object], dict[str, object], dict[str, object]]


def behind_name(text: str, username: str) -> str | None:
    """What stands behind the bot's name; None for a text that does not begin with it."""
    name = f"@{username}"
    start, rest = text[: len(name)], text[len(name) :]
    # @our_bot_too is somebody else.
    if start.lower() != name.lower() or re.match(r"\w", rest, re.ASCII):
        return None
    return rest.lstrip(_BETWEEN)


def arguments(update: Update) -> str:
    """The text behind a command."""
    message = update.effective_message
    words = (message.text or "").split(maxsplit=1) if message else []
    return words[1] if len(words) > 1 else ""


def quota_of(db: Tables, incoming: Incoming, rules: Rules, user_id: int) -> Quota:
    """Somebody's credits now."""
    return quotas.quota(
        db,
        bot_id=incoming.bot_id,
        user_id=user_id,
        default_daily_tenths=rules.daily_tenths,
        now=incoming.now,
    )


def greet(db: Tables, incoming: Incoming, rules: Rules, code: str) -> None:
    """/start. code: of an invitation, "" for none."""
    if not enter(db, incoming, rules, code):
        return
    quota = quota_of(db, incoming, rules, incoming.user_id)
    say(db, incoming, Replies(incoming.language).start(rules.usual_cost_tenths, quota))


def explain(db: Tables, incoming: Incoming, rules: Rules) -> None:
    """/help."""
    # To everybody else in a group the admins' commands do not exist.
    admin = incoming.is_private and rules.is_admin(incoming.user_id)
    models = tuple(rules.served.values())
    say(db, incoming, CommandReplies(incoming.language).help(models, admin=admin))


def tell_words(db: Tables, incoming: Incoming, rules: Rules, argument: str) -> None:
    """/words, alone or with a kind or a word."""
    closed = (model for model in rules.served.values() if model.closed_vocabulary)
    model = next(closed, rules.model)
    say(db, incoming, list_words(Language(incoming.language), model, argument))


def tell_quota(db: Tables, incoming: Incoming, rules: Rules) -> None:
    """/quota, one's own."""
    if incoming.is_anonymous:
        lines = [GroupReplies(incoming.language).anonymous()]
    else:
        quota = quota_of(db, incoming, rules, incoming.user_id)
        replies = Replies(incoming.language)
        lines = [replies.quota(quota, rules.usual_cost_tenths, incoming.now)]
    if not incoming.is_private:
        pool = pools.pool(
            db,
            bot_id=incoming.bot_id,
            chat_id=incoming.chat_id,
            user_id=incoming.user_id,
            now=incoming.now,
        )
        lines += GroupReplies(incoming.language).pool(pool) if pool.has_credits else []
    say(db, incoming, "\n".join(lines))


def not_understood(db: Tables, incoming: Incoming, _rules: Rules) -> None:
    """A message without text, in a private chat."""
    say(db, incoming, Replies(incoming.language).not_understood())


def unknown_command(db: Tables, incoming: Incoming, _rules: Rules, command: str) -> None:
    """A command that does not exist, or not for this person."""
    say(db, incoming, Replies(incoming.language).unknown_command(command))


def cancel_newest(db: Tables, incoming: Incoming, _rules: Rules) -> int | None:
    """/cancel. Returns the id of the job whose render must be stopped now, if one runs."""
    job = jobs.newest_unfinished_of(
        db, bot_id=incoming.bot_id, user_id=incoming.user_id, chat_id=incoming.chat_id
    )
    state = jobs.request_cancel(db, job_id=job.id, now=incoming.now) if job else None
    say(db, incoming, Replies(incoming.language).cancelling(state))
    return job.id if job and state is JobState.RUNNING else None


def take_prompt(
    db: Tables, incoming: Incoming, rules: Rules, text: str, reply_to: int | None, seed: int
) -> None:
    """A prompt; in reply to a clip it is that clip's new one, under the clip's seed."""
    job = None
    if reply_to is not None:
        job = jobs.by_card(
            db, bot_id=incoming.bot_id, chat_id=incoming.chat_id, message_id=reply_to
        )
    is_kept = job is not None and job.state.has_clip and job.forgotten_at is None
    # Another model would make something else of the same seed.
    if job is not None and is_kept and job.request.model in rules.served:
        accept_edit(db, incoming, rules, job, text)
    else:
        accept(db, incoming, rules, text, seed)


class People:
    """The handlers of this module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def prompt(self, update: Update, context: Context) -> None:
        """Plain text in a private chat."""
        message = update.effective_message
        text = (message.text or "") if message else ""
        prompt = behind_name(text, context.bot.username)  # as in a group
        await self.take(update, text if prompt is None else prompt)

    async def video(self, update: Update, _context: Context) -> None:
        """/video PROMPT, anywhere."""
        await self.take(update, arguments(update))

    async def take(self, update: Update, text: str) -> None:
        """A text that is a prompt, wherever it was written."""
        message = update.effective_message
        answered = message.reply_to_message if message else None
        reply_to = answered.message_id if answered else None
        await self._desk.handle(update, take_prompt, text, reply_to, secrets.randbits(32))

    async def start(self, update: Update, context: Context) -> None:
        """/start."""
        await self._desk.handle(update, greet, arguments(update))
        user = update.effective_user
        if user is not None and user.id in self._desk.rules.admins:
            who = {"bot_id": self._desk.bot_id, "user_id": user.id}
            person = await self._desk.database.read(people.get, **who)
            language = person.language if person else ""
            with contextlib.suppress(TelegramError):
                await publish_own_menu(context.bot, user.id, language=language, is_admin=True)

    async def help(self, update: Update, _context: Context) -> None:
        """/help."""
        await self._desk.handle(update, explain)

    async def quota(self, update: Update, _context: Context) -> None:
        """/quota of somebody who is no admin."""
        await self._desk.handle(update, tell_quota)

    async def words(self, update: Update, _context: Context) -> None:
        """/words, alone or with a kind or a word."""
        await self._desk.handle(update, tell_words, arguments(update))

    async def cancel(self, update: Update, _context: Context) -> None:
        """/cancel."""
        running = await self._desk.handle(update, cancel_newest)
        if running is not None:
            self._desk.cancel_running(running)

    async def other(self, update: Update, _context: Context) -> None:
        """Anything without text, in a private chat."""
        await self._desk.handle(update, not_understood)

    async def unknown(self, update: Update, _context: Context) -> None:
        """A command that nobody handles."""
        message = update.effective_message
        words = ((message.text if message else "") or "/").split()
        await self._desk.handle(update, unknown_command, words[0][:64])
