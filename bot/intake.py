"""The transaction that accepts a request: inbox, quota and job, all or nothing.

An *effect* is a plain function `(db, incoming, rules, ...)` that runs inside the transaction which
marks its update done; what the bot answers is written there too, as outbox rows.
"""

from collections.abc import Mapping
from dataclasses import replace

import structlog
from sqlite_utils import Database as Tables

from bot.access import why_not
from bot.incoming import Incoming, Refusal, refuse, say
from bot.options import OptionRejected
from bot.prompts import PromptRejected, parse, parse_onto
from bot.replies.access import AccessReplies
from bot.replies.groups import GroupReplies
from bot.replies.people import Replies
from bot.replies.prompts import explain
from bot.replies.words import nothing_known
from bot.rules import Rules
from inference.catalog import check
from inference.prompt_words import shows_something
from inference.values import Request, RequestRejected
from storage import bots, chats, clips, jobs, pictures, quotas
from storage.bots import Mode
from storage.jobs import Job
from storage.quotas import Purse

log = structlog.get_logger(__name__)


def accept(db: Tables, incoming: Incoming, rules: Rules, text: str, seed: int) -> Job | None:
    """The job that a prompt becomes, its credits reserved; None when it was refused."""
    try:
        usual = usual_options(incoming)
        request = parse(text, models=rules.served, seed=seed, usual=usual)
    except (PromptRejected, OptionRejected) as error:
        say(db, incoming, explain(Replies(incoming.language).language, error))
        return None
    return _told(db, incoming, accept_request(db, incoming, rules, request))


def usual_options(incoming: Incoming) -> Mapping[str, str]:
    """The options that a person's choices stand for, whether or not a model has them."""
    person = incoming.person
    if person is None:
        return {}
    seconds = f"{person.seconds or 0:g}"
    return {"model": person.model, "ar": person.aspect_ratio, "seconds": seconds}


def accept_edit(db: Tables, incoming: Incoming, rules: Rules, job: Job, text: str) -> Job | None:
    """The job that other words make of a clip, under its seed and options unless they give some."""
    try:
        joined = job.continues is not None
        request = parse_onto(job.request, text, models=rules.served, joined=joined)
    except (PromptRejected, OptionRejected) as error:
        say(db, incoming, explain(Replies(incoming.language).language, error))
        return None
    return _told(db, incoming, remake(db, incoming, rules, job, request))


def remake(
    db: Tables, incoming: Incoming, rules: Rules, job: Job, request: Request
) -> Job | Refusal:
    """The job that makes another clip of what a job started from; or why it becomes none."""
    images = [pictures.get(db, digest) for digest in job.pictures]
    before = None if job.continues is None else jobs.get(db, job.continues)
    is_gone = before is not None and (
        # The file goes when a clip is too old; what Telegram has of it stays.
        before.forgotten_at is not None or clips.of_job(db, before.id) is None
    )
    if is_gone or not all(images):
        return Refusal(sentence=Replies(incoming.language).start_gone())
    image, last_image = (*images, None, None)[:2]
    request = replace(request, image=image, last_image=last_image)
    return accept_request(db, incoming, rules, request, job.continues)


def _told(db: Tables, incoming: Incoming, made: Job | Refusal) -> Job | None:
    if isinstance(made, Refusal):
        refuse(db, incoming, made)
        return None
    return made


def accept_request(
    db: Tables, incoming: Incoming, rules: Rules, request: Request, continues: int | None = None
) -> Job | Refusal:
    """The job that a request becomes, its credits reserved; or why it becomes none.

    continues: the job whose clip it goes on from.
    """
    purse = purse_for(db, incoming, rules, request, continues)
    if isinstance(purse, Refusal):
        return purse
    cost_tenths = rules.cost_tenths(request)
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
        continues=continues,
    )
    quotas.reserve(
        db,
        bot_id=incoming.bot_id,
        user_id=incoming.user_id,
        purse=purse,
        job_id=job.id,
        cost_tenths=cost_tenths,
        now=incoming.now,
    )
    return job


def purse_for(
    db: Tables, incoming: Incoming, rules: Rules, request: Request, continues: int | None = None
) -> Purse | Refusal:
    """What pays for a request that may become a job now; or why it may not.

    continues: as for a job.
    """
    replies = Replies(incoming.language)
    model = rules.served.get(request.model)
    if model is None:
        made_by = rules.models.get(request.model)
        name = made_by.title if made_by else request.model
        return Refusal(sentence=replies.other_model(name, rules.model.title))
    try:
        check(model, request)
    except RequestRejected as error:
        log.info("refused what the model cannot do", reason=str(error))
        return Refusal(sentence=replies.request_rejected(model.title))
    entry = rules.screen.refuses(request.prompt)
    if entry is not None:
        # For the operator to count and to judge the list by; prompts stay out of the log.
        log.info("refused a prompt by the word list", entry=entry)
        return Refusal(sentence=replies.not_allowed())
    # A picture is something to show, whatever the words.
    from_words = request.image is None and continues is None
    if model.closed_vocabulary and from_words and not shows_something(request.prompt):
        return Refusal(sentence=nothing_known(replies.language))
    return _not_now(db, incoming, rules) or _purse(db, incoming, rules, rules.cost_tenths(request))


def _not_now(db: Tables, incoming: Incoming, rules: Rules) -> Refusal | None:
    replies, bot_id, user_id = Replies(incoming.language), incoming.bot_id, incoming.user_id
    person = incoming.person
    if person is not None and person.blocked_at is not None:
        return Refusal(flood="blocked", sentence=replies.blocked())
    if not rules.is_admin(incoming.user_id):
        sentence = why_not(db, rules.access, bot_id, user_id, incoming.language)
        if sentence:
            return Refusal(flood="access", sentence=sentence)
    if bots.mode(db, bot_id=bot_id) is Mode.DRAINING:
        return Refusal(flood="draining", sentence=AccessReplies(incoming.language).draining())
    closed = None if incoming.is_private else _closed_group(db, incoming, rules)
    if closed is not None:
        return closed
    of_person, in_chat = jobs.count_unfinished(
        db, bot_id=bot_id, user_id=user_id, chat_id=incoming.chat_id
    )
    most = rules.waiting_a_person
    if of_person >= most:
        return Refusal(flood="person", sentence=replies.too_many_waiting(most))
    most = rules.waiting_a_chat
    if in_chat >= most:
        return Refusal(flood="chat", sentence=replies.too_many_waiting_here(most))
    return None


def _purse(db: Tables, incoming: Incoming, rules: Rules, cost_tenths: int) -> Purse | Refusal:
    left = quotas.purse(
        db,
        bot_id=incoming.bot_id,
        user_id=incoming.user_id,
        chat_id=incoming.chat_id,
        default_daily_tenths=rules.daily_tenths,
        now=incoming.now,
    )
    if left.left_tenths >= cost_tenths:
        return left
    if left.pool is None or (left.pool.own_credits and not left.pool.has_credits):
        replies = Replies(incoming.language)
        sentence = replies.quota_exceeded(left.quota, cost_tenths, incoming.now)
    else:
        sentence = GroupReplies(incoming.language).exceeded(left, cost_tenths, incoming.now)
    return Refusal(flood="credits", sentence=sentence)


def _closed_group(db: Tables, incoming: Incoming, rules: Rules) -> Refusal | None:
    """Why a group, or somebody in it, may not ask now."""
    chat = chats.get(db, bot_id=incoming.bot_id, chat_id=incoming.chat_id)
    replies = GroupReplies(incoming.language)
    if chat.blocked_at is not None:
        return Refusal(flood="group blocked", sentence=replies.blocked())
    if incoming.is_anonymous:
        return Refusal(flood="anonymous", sentence=replies.anonymous())
    if chat.admins_only and not (incoming.leads_chat or rules.is_admin(incoming.user_id)):
        return Refusal(flood="admins only", sentence=replies.admins_only())
    return None
