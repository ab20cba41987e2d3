"""Acts on one person: credits, turns, blocks."""

from sqlite_utils import Database as Tables

from bot.admins.asked import Answer, Asked, Somebody
from bot.replies.admins import AdminReplies
from bot.replies.people import Replies
from storage import jobs, people, quotas


def show_quota(db: Tables, asked: Asked, whom: Somebody) -> Answer:
    """/quota WHO."""
    quota = quotas.quota(
        db,
        bot_id=asked.bot_id,
        user_id=whom.user_id,
        default_daily_tenths=asked.rules.daily_tenths,
        now=asked.now,
    )
    cost_tenths = asked.rules.usual_cost_tenths
    text = Replies(asked.language).quota(quota, cost_tenths, asked.now, whose=whom.name)
    return Answer(text=text)


def set_quota(db: Tables, asked: Asked, whom: Somebody, tenths: int) -> Answer:
    """/setquota WHO CREDITS."""
    people.set_daily(db, bot_id=asked.bot_id, user_id=whom.user_id, daily_tenths=tenths)
    return Answer(text=AdminReplies(asked.language).daily_set(whom.name, tenths))


def grant(db: Tables, asked: Asked, whom: Somebody, tenths: int) -> Answer:
    """/grant WHO CREDITS."""
    quotas.grant(
        db,
        bot_id=asked.bot_id,
        user_id=whom.user_id,
        amount_tenths=tenths,
        actor_id=asked.actor_id,
        now=asked.now,
    )
    return Answer(text=AdminReplies(asked.language).granted(whom.name, tenths))


def block(db: Tables, asked: Asked, whom: Somebody) -> Answer:
    """/block WHO."""
    return _set_blocked(db, asked, whom, blocked=True)


def unblock(db: Tables, asked: Asked, whom: Somebody) -> Answer:
    """/unblock WHO."""
    return _set_blocked(db, asked, whom, blocked=False)


def _set_blocked(db: Tables, asked: Asked, whom: Somebody, *, blocked: bool) -> Answer:
    people.set_blocked(
        db, bot_id=asked.bot_id, user_id=whom.user_id, blocked=blocked, now=asked.now
    )
    if blocked:
        jobs.cancel_all(db, bot_id=asked.bot_id, user_id=whom.user_id, now=asked.now)
    return Answer(text=AdminReplies(asked.language).block_set(whom.name, blocked=blocked))


def set_priority(db: Tables, asked: Asked, whom: Somebody, weight: float) -> Answer:
    """/priority WHO WEIGHT."""
    people.set_weight(db, bot_id=asked.bot_id, user_id=whom.user_id, weight=weight)
    return Answer(text=AdminReplies(asked.language).priority_set(whom.name, weight))
