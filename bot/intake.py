"""The transaction that accepts a request: inbox, quota and job, all or nothing.

An *effect* is a plain function `(db, incoming, rules, ...)` that runs inside the transaction which
marks its update done; what the bot answers is written there too, as outbox rows.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import structlog
from sqlite_utils import Database as Tables

from bot.access import Access, why_not
from bot.chart import Day
from bot.data_folder import people_key
from bot.options import OptionRejected, choices
from bot.prompts import PromptRejected, parse, parse_onto
from bot.replies.access import AccessReplies
from bot.replies.people import Replies
from bot.replies.prompts import explain
from bot.screening.screen import Screen
from bot.settings import Settings
from inference import catalog
from inference.catalog import LEVELS, ModelEntry, check, level
from inference.values import Request, RequestRejected
from storage import bots, jobs, outbox, people, quotas
from storage.bots import Mode
from storage.jobs import Job

SECONDS_A_CREDIT = 5
SILENT_SECONDS = 60.0
log = structlog.get_logger(__name__)
Buttons = Sequence[Sequence[tuple[str, str]]]


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
    keep_clips_days, keep_updates_days: how long things are kept, 0 for ever.
    people_key: hashes the ids of people who were forgotten.
    """

    model: ModelEntry
    daily_tenths: int
    waiting_a_person: int
    waiting_a_chat: int
    admins: frozenset[int]
    screen: Screen
    keep_clips_days: int = 30
    keep_updates_days: int = 7
    people_key: bytes = field(default=b"", repr=False)
    access: Access = Access.OPEN

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


def rules_of(settings: Settings) -> Rules:
    """The rules that those settings make.

    Raises: ScreenListError; DataFolderError; inference.values.ModelUnavailable, for an unknown
    model.
    """
    return Rules(
        model=catalog.find(settings.model),
        daily_tenths=settings.daily_tenths,
        waiting_a_person=settings.waiting_a_person,
        waiting_a_chat=settings.waiting_a_chat,
        admins=settings.admins,
        screen=Screen.from_files(settings.screen_words, settings.screen_allow),
        access=settings.access,
        keep_clips_days=settings.keep_clips_days,
        keep_updates_days=settings.keep_updates_days,
        people_key=people_key(settings.data_dir),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request becomes no job, in words for the person.

    flood: which limit keeps the person from having any clip now; "" when this request is at fault.
    """

    sentence: str
    flood: str = ""


def say(
    db: Tables,
    incoming: Incoming,
    text: str,
    *,
    key: str = "",
    buttons: Buttons = (),
    days: Sequence[Day] = (),
) -> None:
    """Answer an update with one text, in its topic and, in a group, as a reply.

    key: of the outbox row; without it one update has one answer.
    buttons: rows of (words, callback data).
    days: of a picture that bears the text; it is sent at most once.
    """
    payload: dict[str, object] = {"text": text}
    if days:
        payload = {"caption": text, "days": [asdict(day) for day in days]}
    if buttons:
        payload["buttons"] = buttons
    if not incoming.is_private:
        payload["reply_to"] = incoming.message_id
    if incoming.thread_id is not None:
        payload["message_thread_id"] = incoming.thread_id
    outbox.say(
        db,
        bot_id=incoming.bot_id,
        key=key or f"update:{incoming.update_id}",
        chat_id=incoming.chat_id,
        method="send_photo" if days else "send_message",
        payload=payload,
        once=bool(days),
        now=incoming.now,
    )


def refuse(db: Tables, incoming: Incoming, refusal: Refusal) -> None:
    """Tell a person why; a flood is answered once, and then not for a while."""
    if not refusal.flood:
        say(db, incoming, refusal.sentence)
        return
    about = f"refusal:{refusal.flood}:{incoming.chat_id}:{incoming.user_id}"
    now, since = incoming.now, incoming.now - SILENT_SECONDS
    if not outbox.was_said(db, bot_id=incoming.bot_id, about=about, since=since, now=now):
        say(db, incoming, refusal.sentence, key=outbox.dated_key(about, now))


def accept(db: Tables, incoming: Incoming, rules: Rules, text: str, seed: int) -> Job | None:
    """The job that a prompt becomes, its credits reserved; None when it was refused."""
    try:
        usual = _usual(db, incoming, rules)
        request = parse(text, model=rules.model, seed=seed, usual=usual)
    except (PromptRejected, OptionRejected) as error:
        say(db, incoming, explain(Replies(incoming.language).language, error))
        return None
    return _accept_or_refuse(db, incoming, rules, request)


def _usual(db: Tables, incoming: Incoming, rules: Rules) -> Mapping[str, str]:
    """The options that a person's choices stand for, as far as this model has them."""
    person = people.get(db, bot_id=incoming.bot_id, user_id=incoming.user_id)
    if person is None:
        return {}
    chosen = {"ar": person.aspect_ratio, "seconds": f"{person.seconds or 0:g}"}
    return {name: value for name, value in chosen.items() if value in choices(rules.model, name)}


def accept_edit(db: Tables, incoming: Incoming, rules: Rules, job: Job, text: str) -> Job | None:
    """The job that other words make of a clip, under its seed and options unless they give some."""
    try:
        request = parse_onto(job.request, text, model=rules.model)
    except (PromptRejected, OptionRejected) as error:
        say(db, incoming, explain(Replies(incoming.language).language, error))
        return None
    return _accept_or_refuse(db, incoming, rules, request, continues=job.continues)


def _accept_or_refuse(
    db: Tables, incoming: Incoming, rules: Rules, request: Request, continues: int | None = None
) -> Job | None:
    made = accept_request(db, incoming, rules, request, continues)
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
    replies = Replies(incoming.language)
    try:
        check(rules.model, request)
    except RequestRejected as error:
        return Refusal(sentence=replies.request_rejected(str(error)))
    entry = rules.screen.refuses(request.prompt)
    if entry is not None:
        # For the operator to count and to judge the list by; prompts stay out of the log.
        log.info("refused a prompt by the word list", entry=entry)
        return Refusal(sentence=replies.not_allowed())
    cost_tenths = rules.cost_tenths(request.seconds, request.steps)
    refusal = _not_now(db, incoming, rules, cost_tenths)
    if refusal is not None:
        return refusal
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
        job_id=job.id,
        cost_tenths=cost_tenths,
        default_daily_tenths=rules.daily_tenths,
        now=incoming.now,
    )
    return job


def _not_now(db: Tables, incoming: Incoming, rules: Rules, cost_tenths: int) -> Refusal | None:
    replies, bot_id, user_id = Replies(incoming.language), incoming.bot_id, incoming.user_id
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    if person is not None and person.blocked_at is not None:
        return Refusal(flood="blocked", sentence=replies.blocked())
    if not rules.is_admin(incoming):
        sentence = why_not(db, rules.access, bot_id, user_id, incoming.language)
        if sentence:
            return Refusal(flood="access", sentence=sentence)
    if bots.mode(db, bot_id=bot_id) is Mode.DRAINING:
        return Refusal(flood="draining", sentence=AccessReplies(incoming.language).draining())
    most = rules.waiting_a_person
    if jobs.count_unfinished_of(db, bot_id=bot_id, user_id=user_id) >= most:
        return Refusal(flood="person", sentence=replies.too_many_waiting(most))
    most = rules.waiting_a_chat
    if jobs.count_unfinished_in(db, bot_id=bot_id, chat_id=incoming.chat_id) >= most:
        return Refusal(flood="chat", sentence=replies.too_many_waiting_here(most))
    left = quotas.quota(
        db,
        bot_id=bot_id,
        user_id=user_id,
        default_daily_tenths=rules.daily_tenths,
        now=incoming.now,
    )
    if left.left_tenths < cost_tenths:
        sentence = replies.quota_exceeded(left, cost_tenths, incoming.now)
        return Refusal(flood="credits", sentence=sentence)
    return None
