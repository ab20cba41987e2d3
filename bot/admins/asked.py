"""Who asks for an act of an admin, whom it is about, and what is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlite_utils import Database as Tables

from bot.card import Live
from bot.chart import Day
from bot.rules import Rules
from bot.workers import WorkerState
from storage import chats, forgetting, people

SHELL = 0  # the actor of whoever has a shell on the machine
MOST_DIGITS = 16  # of a user id
HERE = "here"
GROUP_ID = re.compile(r"-[1-9]\d{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """By whom, when and under what rules. now: Unix seconds.

    chat_id: of the group it was asked in, None elsewhere. is_private: nobody else reads the answer.
    workers, live: what is known of the bot's fleet. is_serving: whether the bot runs.
    """

    bot_id: int
    actor_id: int
    language: str
    now: float
    rules: Rules
    chat_id: int | None = None
    is_private: bool = True
    workers: Sequence[WorkerState] = ()
    live: Mapping[int, Live] = field(default_factory=dict)
    is_serving: bool = True

    @property
    def in_chat(self) -> bool:
        """Whether it was asked in a chat, or from the shell."""
        return self.actor_id != SHELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the admin reads. refused: nothing was done.

    days: of a picture above the text. legend: what stands under the text where it is shown.
    """

    text: str
    days: Sequence[Day] = ()
    legend: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Whom an act is about. name: to be shown."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Which group an act is about. name: to be shown."""

    chat_id: int
    name: str


def names_group(who: str | int) -> bool:
    """Whether an admin means a group by that word: its id, or `here` within it."""
    return isinstance(who, str) and (who.lower() == HERE or GROUP_ID.fullmatch(who) is not None)


def find_group(db: Tables, asked: Asked, who: str | int) -> Group | None:
    """The group that is meant, by the id it has now; None for `here` where no group is."""
    chat_id = asked.chat_id
    if str(who).lower() != HERE:
        chat_id = chats.current_id(db, bot_id=asked.bot_id, chat_id=int(who))
    return None if chat_id is None else Group(chat_id=chat_id, name=str(chat_id))


def find(db: Tables, asked: Asked, who: str | int) -> Somebody | None:
    """The one whom an admin names by id or @name; None when nobody carries that name."""
    bot_id = asked.bot_id
    if isinstance(who, int) or (who.isascii() and who.isdecimal() and len(who) <= MOST_DIGITS):
        # Whoever wanted to be forgotten keeps the credits and the block that they had.
        known = {"bot_id": bot_id, "user_id": int(who)}
        hashed_id = forgetting.hash_id(asked.rules.people_key, **known)
        forgetting.recognise(db, **known, hashed_id=hashed_id)
    person = people.find(db, bot_id=bot_id, who=who)
    if person is not None:
        return Somebody(user_id=person.user_id, name=name_of(db, bot_id, person.user_id))
    # An id is enough to act on somebody whom the bot has not met yet.
    if isinstance(who, int) or re.fullmatch(r"[1-9]\d{0,15}", who, re.ASCII):
        return Somebody(user_id=int(who), name=str(who))
    return None


def name_of(db: Tables, bot_id: int, user_id: int) -> str:
    """The @name under which somebody was last seen, or their id."""
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    return f"@{person.username}" if person and person.username else str(user_id)
