"""What admins may do: look at and change credits, block people, read statistics. All is audited."""

import re

from sqlite_utils import Database as Tables
from telegram import Update

from bot.intake import Incoming, Rules, say
from bot.replies.admins import AdminReplies
from bot.replies.people import Replies
from bot.telegram import group_admins
from bot.telegram.desk import Desk
from bot.telegram.people import Context, arguments, quota_of, tell_quota, unknown_command
from storage import audit, people, quotas, statistics

CREDITS = re.compile(r"(\d{1,6})(?:[.,](\d))?", re.ASCII)
DAY_SECONDS = 86_400


def parse_credits(word: str) -> int | None:
    """Tenths of a credit, or None when the word is no number with at most one decimal."""
    match = CREDITS.fullmatch(word)
    return int(match[1]) * 10 + int(match[2] or 0) if match else None


def _record(db: Tables, incoming: Incoming, action: str, target: str, detail: str = "") -> None:
    audit.record(
        db,
        bot_id=incoming.bot_id,
        actor_id=incoming.user_id,
        action=action,
        target=target,
        detail=detail,
        now=incoming.now,
    )


def _find(db: Tables, incoming: Incoming, who: str | int) -> tuple[int, str] | None:
    """User id and a name to show; None when nobody is known by that name."""
    person = people.find(db, bot_id=incoming.bot_id, who=who)
    if person is not None:
        return person.user_id, f"@{person.username}" if person.username else str(person.user_id)
    # An id is enough to act on somebody whom the bot has not met yet.
    if isinstance(who, int) or re.fullmatch(r"[1-9]\d{0,15}", who, re.ASCII):
        return int(who), str(who)
    return None


def admin_quota(db: Tables, incoming: Incoming, rules: Rules, who: str | int) -> None:
    """/quota WHO."""
    _record(db, incoming, "quota", str(who))
    if group_admins.names_group(who):
        group_admins.tell_group_quota(db, incoming, who)
        return
    found = _find(db, incoming, who)
    if found is None:
        say(db, incoming, AdminReplies(incoming.language).who_unknown(str(who)))
        return
    user_id, name = found
    quota = quota_of(db, incoming, rules, user_id)
    replies = Replies(incoming.language)
    say(db, incoming, replies.quota(quota, rules.usual_cost_tenths, incoming.now, whose=name))


def change_credits(
    db: Tables, incoming: Incoming, _rules: Rules, action: str, who: str | int, tenths: int
) -> None:
    """/setquota WHO CREDITS_PER_DAY and /grant WHO CREDITS."""
    replies = AdminReplies(incoming.language)
    _record(db, incoming, action, str(who), f"{tenths} tenths")
    if group_admins.names_group(who):
        group_admins.change_group_credits(db, incoming, action, who, tenths)
        return
    found = _find(db, incoming, who)
    if found is None:
        say(db, incoming, replies.who_unknown(str(who)))
        return
    user_id, name = found
    if action == "setquota":
        people.set_daily(db, bot_id=incoming.bot_id, user_id=user_id, daily_tenths=tenths)
        say(db, incoming, replies.daily_set(name, tenths))
        return
    quotas.grant(
        db,
        bot_id=incoming.bot_id,
        user_id=user_id,
        amount_tenths=tenths,
        actor_id=incoming.user_id,
        now=incoming.now,
    )
    say(db, incoming, replies.granted(name, tenths))


def change_block(
    db: Tables, incoming: Incoming, _rules: Rules, who: str | int, *, blocked: bool
) -> None:
    """/block WHO and /unblock WHO."""
    replies = AdminReplies(incoming.language)
    _record(db, incoming, "block" if blocked else "unblock", str(who))
    if group_admins.names_group(who):
        group_admins.change_group_block(db, incoming, who, blocked=blocked)
        return
    found = _find(db, incoming, who)
    if found is None:
        say(db, incoming, replies.who_unknown(str(who)))
        return
    user_id, name = found
    people.set_blocked(
        db, bot_id=incoming.bot_id, user_id=user_id, blocked=blocked, now=incoming.now
    )
    say(db, incoming, replies.block_set(name, blocked=blocked))


def tell_statistics(db: Tables, incoming: Incoming, _rules: Rules) -> None:
    """/stats."""
    _record(db, incoming, "stats", "")
    day = statistics.since(db, bot_id=incoming.bot_id, since=incoming.now - DAY_SECONDS)
    known = people.count(db, bot_id=incoming.bot_id)
    say(db, incoming, AdminReplies(incoming.language).statistics(day, known))


def explain_usage(db: Tables, incoming: Incoming, _rules: Rules, usage: str) -> None:
    """An admin command without its person or its number."""
    say(db, incoming, AdminReplies(incoming.language).who_wanted(usage))


class Admins:
    """The handlers of this module. To anybody else these commands do not exist."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def quota(self, update: Update, _context: Context) -> None:
        """/quota, and /quota WHO for admins."""
        who, rest = _who(update)
        if not self._is_admin(update) or (who is None and not rest):
            await self._desk.handle(update, tell_quota)
        elif who is None or rest:
            await self._desk.handle(update, explain_usage, "/quota WHO")
        else:
            await self._desk.handle(update, admin_quota, who)

    async def setquota(self, update: Update, _context: Context) -> None:
        """/setquota WHO CREDITS_PER_DAY."""
        await self._credits(update, "setquota", "/setquota WHO CREDITS")

    async def grant(self, update: Update, _context: Context) -> None:
        """/grant WHO CREDITS."""
        await self._credits(update, "grant", "/grant WHO CREDITS")

    async def _credits(self, update: Update, action: str, usage: str) -> None:
        who, rest = _who(update, numbers=1)
        tenths = parse_credits(rest[0]) if len(rest) == 1 else None
        if not self._is_admin(update):
            await self._desk.handle(update, unknown_command, f"/{action}")
        elif who is None or tenths is None or (action == "grant" and tenths == 0):
            await self._desk.handle(update, explain_usage, usage)
        else:
            await self._desk.handle(update, change_credits, action, who, tenths)

    async def block(self, update: Update, _context: Context) -> None:
        """/block WHO."""
        await self._block(update, blocked=True)

    async def unblock(self, update: Update, _context: Context) -> None:
        """/unblock WHO."""
        await self._block(update, blocked=False)

    async def _block(self, update: Update, *, blocked: bool) -> None:
        who, rest = _who(update)
        command = "/block" if blocked else "/unblock"
        if not self._is_admin(update):
            await self._desk.handle(update, unknown_command, command)
        elif who is None or rest:
            await self._desk.handle(update, explain_usage, f"{command} WHO")
        else:
            await self._desk.handle(update, change_block, who, blocked=blocked)

    async def stats(self, update: Update, _context: Context) -> None:
        """/stats."""
        if self._is_admin(update):
            await self._desk.handle(update, tell_statistics)
        else:
            await self._desk.handle(update, unknown_command, "/stats")

    def _is_admin(self, update: Update) -> bool:
        user = update.effective_user
        return user is not None and user.id in self._desk.rules.admins


def _who(update: Update, numbers: int = 0) -> tuple[str | int | None, list[str]]:
    """The person an admin names, by word or by replying to them, and the words that are left."""
    words = arguments(update).split()
    if len(words) > numbers:
        return words[0], words[1:]
    message = update.effective_message
    replied = message.reply_to_message if message else None
    author = replied.from_user if replied else None
    return (author.id if author and not author.is_bot else None), words
