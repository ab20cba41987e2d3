"""The table of admins' commands. A new one is a line here and an act beside the others.

Whoever calls `carry_out` has made sure that an admin asks.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database as Tables

from bot.admins import access, groups, operations, people
from bot.admins.asked import HERE, Answer, Asked, find, find_group, names_group
from bot.replies.admins import AdminReplies
from bot.replies.groups import GroupReplies
from storage import audit
from storage.bots import Mode

TENTHS = re.compile(r"(\d{1,6})(?:[.,](\d))?", re.ASCII)
MOST_INVITATIONS = 50
# Telegram's user ids are longer, so that /admit can tell a number of people from a person.
MOST_ADMITTED = 999
MOST_RECORDED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a command takes and does.

    act: `(db, asked, ...)`, with the person first if it is about one, then the value.
    act_on_group: the same for a group; None where groups have no such thing.
    value: reads the word behind it; None from it says that the word will not do.
    most: what a whole number N may be.
    in_private: the answer holds what is nobody else's business.
    """

    act: Callable[..., Answer]
    act_on_group: Callable[..., Answer] | None = None
    about_somebody: bool = False
    value: Callable[[str], Any] | None = None
    usage: str = ""
    most: int = 0
    in_private: bool = False


def parse_credits(word: str) -> int | None:
    """Tenths of a credit, or None when the word is no number with at most one decimal."""
    match = TENTHS.fullmatch(word)
    return int(match[1]) * 10 + int(match[2] or 0) if match else None


def parse_grant(word: str) -> int | None:
    """The same, but something."""
    return parse_credits(word) or None


def parse_weight(word: str) -> float | None:
    """A weight from 0.1 to 10."""
    tenths = parse_credits(word)
    return tenths / 10 if tenths is not None and 1 <= tenths <= 100 else None


def parse_count(most: int) -> Callable[[str], int | None]:
    """A reader of whole numbers from 1 to `most`."""

    def parse(word: str) -> int | None:
        digits = re.fullmatch(r"[1-9]\d{0,5}", word, re.ASCII)
        return int(word) if digits and int(word) <= most else None

    return parse


def _about(
    act: Callable[..., Answer],
    act_on_group: Callable[..., Answer] | None = None,
    usage: str = "WHO",
    value: Callable[[str], Any] | None = None,
) -> Command:
    return Command(
        act=act, act_on_group=act_on_group, about_somebody=True, value=value, usage=usage
    )


COMMANDS = {
    "quota": _about(people.show_quota, groups.show_quota),
    "setquota": _about(people.set_quota, groups.set_quota, "WHO CREDITS", parse_credits),
    "grant": _about(people.grant, groups.grant, "WHO CREDITS", parse_grant),
    "block": _about(people.block, groups.block),
    "unblock": _about(people.unblock, groups.unblock),
    "priority": _about(people.set_priority, groups.set_priority, "WHO WEIGHT", parse_weight),
    "invite": Command(
        act=access.invite,
        value=parse_count(MOST_INVITATIONS),
        usage="N",
        most=MOST_INVITATIONS,
        in_private=True,
    ),
    "stats": Command(act=operations.show_statistics),
    "queue": Command(act=operations.show_queue, in_private=True),
    "workers": Command(act=operations.show_workers, in_private=True),
    "pause": Command(act=operations.turn_to(Mode.PAUSED)),
    "resume": Command(act=operations.turn_to(Mode.WORKING)),
    "drain": Command(act=operations.turn_to(Mode.DRAINING)),
    "restart": Command(act=operations.restart),
    "audit": Command(act=operations.show_audit, in_private=True),
}
# One name, three commands, told apart by what stands behind it.
ADMIT_WHO = _about(access.admit)
ADMIT_FIRST = Command(
    act=access.admit_first, value=parse_count(MOST_ADMITTED), usage="N", most=MOST_ADMITTED
)
ADMIT_LIST = Command(act=access.list_waiting, in_private=True)


def carry_out(
    db: Tables, asked: Asked, name: str, words: Sequence[str], replied_to: int | None = None
) -> Answer:
    """What becomes of a command and the words behind it; all that is done is audited.

    replied_to: user id of the one whose message the command answers: WHO, when it is not written.
    """
    command = COMMANDS.get(name) or _admit(words, replied_to)
    wanted = int(command.about_somebody) + int(command.value is not None)
    named: list[str | int] = [*words]
    if command.about_somebody and len(words) < wanted and replied_to is not None:
        named.insert(0, replied_to)
    replies = AdminReplies(asked.language)
    usage = replies.usage(
        name,
        command.usage,
        in_chat=asked.in_chat,
        takes_groups=command.act_on_group is not None,
        most=command.most,
    )
    misused = Answer(text=usage, refused=True)
    if len(named) != wanted:
        return misused
    if command.in_private and not asked.is_private:
        return Answer(text=replies.in_private(name), refused=True)
    values = []
    if command.value is not None:
        values.append(command.value(str(named[-1])))
        if values[0] is None:
            return misused
    _record(db, asked, name, command, named)
    if not command.about_somebody:
        return command.act(db, asked, *values)
    if command.act_on_group is not None and names_group(named[0]):
        group = find_group(db, asked, named[0])
        if group is None:
            return Answer(text=GroupReplies(asked.language).only_in_groups(), refused=True)
        return command.act_on_group(db, asked, group, *values)
    whom = find(db, asked, named[0])
    if whom is None:
        return Answer(text=replies.who_unknown(str(named[0])), refused=True)
    return command.act(db, asked, whom, *values)


def _admit(words: Sequence[str], replied_to: int | None) -> Command:
    if not words and replied_to is None:
        return ADMIT_LIST
    reads = ADMIT_FIRST.value
    is_count = len(words) == 1 and reads is not None and reads(words[0]) is not None
    return ADMIT_FIRST if is_count else ADMIT_WHO


def _record(
    db: Tables, asked: Asked, name: str, command: Command, named: Sequence[str | int]
) -> None:
    target = str(named[0]) if command.about_somebody else ""
    if target.lower() == HERE and asked.chat_id is not None:
        target = str(asked.chat_id)
    detail = str(named[-1]) if command.value is not None else ""
    audit.record(
        db,
        bot_id=asked.bot_id,
        actor_id=asked.actor_id,
        action=name,
        target=target[:MOST_RECORDED],
        detail=detail,
        now=asked.now,
    )
