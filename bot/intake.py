"""The transaction that accepts a request: inbox, quota and job, all or nothing.

An *effect* is a plain function `(db, incoming, rules, ...)` that runs inside the transaction which
marks its update done; what the bot answers is written there too, as outbox rows.
"""

import math
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from bot.prompts import PromptRejected, parse
from bot.replies import Replies
from inference.catalog import ModelEntry, check
from inference.values import RequestRejected
from storage import jobs, outbox, people, quotas
from storage.jobs import Job

SECONDS_A_CREDIT = 5
SILENT_SECONDS = 60.0


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
    """What the operator allows.

    waiting_a_person, waiting_a_chat: how many unfinished jobs each may have at once.
    """

    model: ModelEntry
    daily_tenths: int
    waiting_a_person: int
    waiting_a_chat: int
    admins: frozenset[int]

    def is_admin(self, incoming: Incoming) -> bool:
        """Whether the operator made this person an admin."""
        return incoming.user_id in self.admins

    def cost_tenths(self, seconds: float) -> int:
        """What a clip of that many seconds costs, in tenths of a credit."""
        return 10 * max(1, math.ceil(seconds / SECONDS_A_CREDIT - 1e-9))

    @property
    def usual_cost_tenths(self) -> int:
        """What a clip costs when the person asks for nothing special."""
        return self.cost_tenths(self.model.default_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Why a person can have no clip now; kind says which reason, sentence tells them."""

    kind: str
    sentence: str


def say(db: Tables, incoming: Incoming, text: str, *, key: str = "") -> None:
    """Answer an update with one text, in its topic and, in a group, as a reply.

    key: of the outbox row; without it one update has one answer.
    """
    payload: dict[str, object] = {"text": text}
    if not incoming.is_private:
        payload["reply_to"] = incoming.message_id
    if incoming.thread_id is not None:
        payload["message_thread_id"] = incoming.thread_id
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=key or f"update:{incoming.update_id}",
        chat_id=incoming.chat_id,
        method="send_message",
        payload=payload,
        now=incoming.now,
    )


def _say_unless_said(db: Tables, incoming: Incoming, refusal: _Refusal) -> None:
    """Tell a person why, and then nothing of that kind for a while: a flood gets one answer."""
    about = f"refusal:{refusal.kind}:{incoming.chat_id}:{incoming.user_id}"
    now, since = incoming.now, incoming.now - SILENT_SECONDS
    if not outbox.was_said(db, bot_id=incoming.bot_id, about=about, since=since, now=now):
        say(db, incoming, refusal.sentence, key=outbox.dated_key(about, now))


def accept(db: Tables, incoming: Incoming, rules: Rules, text: str, seed: int) -> Job | None:
    """The job that a prompt becomes, its credits reserved; None when it was refused.

    What is wrong with a prompt is said each time; that none is taken now only once in a while.
    """
    replies = Replies(incoming.language)
    try:
        request = parse(text, model=rules.model, seed=seed)
        check(rules.model, request)
    except PromptRejected as error:
        say(db, incoming, replies.prompt_rejected(error))
        return None
    except RequestRejected as error:
        say(db, incoming, replies.request_rejected(str(error)))
        return None
    cost_tenths = rules.cost_tenths(request.seconds)
    refusal = _refusal(db, incoming, rules, cost_tenths)
    if refusal is not None:
        _say_unless_said(db, incoming, refusal)
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


def _refusal(db: Tables, incoming: Incoming, rules: Rules, cost_tenths: int) -> _Refusal | None:
    replies, bot_id, user_id = Replies(incoming.language), incoming.bot_id, incoming.user_id
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    if person is not None and person.blocked_at is not None:
        return _Refusal(kind="blocked", sentence=replies.blocked())
    most = rules.waiting_a_person
    if jobs.count_unfinished_of(db, bot_id=bot_id, user_id=user_id) >= most:
        return _Refusal(kind="person", sentence=replies.too_many_waiting(most))
    most = rules.waiting_a_chat
    if jobs.count_unfinished_in(db, bot_id=bot_id, chat_id=incoming.chat_id) >= most:
        return _Refusal(kind="chat", sentence=replies.too_many_waiting_here(most))
    left = quotas.quota(
        db,
        bot_id=bot_id,
        user_id=user_id,
        default_daily_tenths=rules.daily_tenths,
        now=incoming.now,
    )
    if left.left_tenths < cost_tenths:
        sentence = replies.quota_exceeded(left, cost_tenths, incoming.now)
        return _Refusal(kind="credits", sentence=sentence)
    return None
