"""The transaction that accepts a request: inbox, quota and job, all or nothing.

An *effect* is a plain function `(db, incoming, rules, ...)` that runs inside the transaction which
marks its update done; what the bot answers is written there too, as outbox rows.
"""

import math
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from bot.options import OptionRejected
from bot.prompt_replies import refuse
from bot.prompts import PromptRejected, parse
from bot.replies import Replies
from inference.catalog import LEVELS, ModelEntry, check, level
from inference.values import RequestRejected
from storage import jobs, outbox, people, quotas
from storage.jobs import Job

SECONDS_A_CREDIT = 5
MOST_WAITING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Who wrote what update where. Ids are Telegram's; now is in Unix seconds."""

    bot_id: int
    update_id: int
    user_id: int
    chat_id: int
    chat_type: str
    thread_id: int | None
    message_id: int
    language: str
    now: float

    @property
    def is_private(self) -> bool:
        """Whether the chat is the person's own with the bot."""
        return self.chat_type == "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator allows."""

    model: ModelEntry
    daily_tenths: int
    admins: frozenset[int]

    def is_admin(self, incoming: Incoming) -> bool:
        """Whether the operator made this person an admin."""
        return incoming.user_id in self.admins

    def cost_tenths(self, seconds: float, steps: int | None = None) -> int:
        """What a clip of that many seconds and denoising steps costs, in tenths of a credit.

        steps: None for the model's own number.
        """
        pieces = max(1, math.ceil(seconds / SECONDS_A_CREDIT - 1e-9))
        return pieces * LEVELS[level(self.model, steps)]

    @property
    def usual_cost_tenths(self) -> int:
        """What a clip costs when the person asks for nothing special."""
        return self.cost_tenths(self.model.default_seconds)


def say(db: Tables, incoming: Incoming, text: str) -> None:
    """Answer an update with one text, in its topic and, in a group, as a reply."""
    payload: dict[str, object] = {"text": text}
    if not incoming.is_private:
        payload["reply_to"] = incoming.message_id
    if incoming.thread_id is not None:
        payload["message_thread_id"] = incoming.thread_id
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=f"update:{incoming.update_id}",
        chat_id=incoming.chat_id,
        method="send_message",
        payload=payload,
        now=incoming.now,
    )


def accept(db: Tables, incoming: Incoming, rules: Rules, text: str, seed: int) -> Job | None:
    """The job that a prompt becomes, its credits reserved; None when it was refused."""
    replies = Replies(incoming.language)
    try:
        request = parse(text, model=rules.model, seed=seed)
        check(rules.model, request)
    except (PromptRejected, OptionRejected) as error:
        say(db, incoming, refuse(replies.language, error))
        return None
    except RequestRejected as error:
        say(db, incoming, replies.request_rejected(str(error)))
        return None
    refusal = _refusal(db, incoming, replies)
    if refusal:
        say(db, incoming, refusal)
        return None
    cost_tenths = rules.cost_tenths(request.seconds, request.steps)
    left = quotas.quota(
        db,
        bot_id=incoming.bot_id,
        user_id=incoming.user_id,
        default_daily_tenths=rules.daily_tenths,
        now=incoming.now,
    )
    if left.left_tenths < cost_tenths:
        say(db, incoming, replies.quota_exceeded(left, cost_tenths, incoming.now))
        return None
    job = jobs.insert(
        db,
        bot_id=incoming.bot_id,
        update_id=incoming.update_id,
        user_id=incoming.user_id,
        chat_id=incoming.chat_id,
        chat_type=incoming.chat_type,
        thread_id=incoming.thread_id,
        message_id=incoming.message_id,
        language=incoming.language,
        request=request,
        cost_tenths=cost_tenths,
        now=incoming.now,
    )
    quotas.reserve(
        db,
        bot_id=incoming.bot_id,
        user_id=incoming.user_id,
        job_id=job.id,
        cost_tenths=cost_tenths,
        default_daily_tenths=rules.daily_tenths,
        now=incoming.now,
    )
    return job


def _refusal(db: Tables, incoming: Incoming, replies: Replies) -> str:
    person = people.get(db, bot_id=incoming.bot_id, user_id=incoming.user_id)
    if person is not None and person.blocked_at is not None:
        return replies.blocked()
    waiting = jobs.count_unfinished_of(db, bot_id=incoming.bot_id, user_id=incoming.user_id)
    return replies.too_many_waiting(MOST_WAITING) if waiting >= MOST_WAITING else ""
