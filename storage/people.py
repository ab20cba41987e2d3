"""People whom the bot knows: by their id, and by the names that it has seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict, Unpack

from sqlite_utils import Database as Tables

from storage.rows import change, select, select_number, select_one

_MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person in the eyes of one bot. Times are Unix seconds.

    language: what they chose, "" for nothing. language_code: what their Telegram says, or "".
    daily_tenths: their own daily allowance, None for everybody's.
    weight: how many turns in line they have where others have one.
    first_seen_at: None for someone whom only an admin has named so far.
    aspect_ratio, seconds: of a clip they ask nothing else for; "" and None for the model's own.
    model: that makes their clips, "" for everybody's.
    notify: how they are told of a clip: "both", "reaction", "reply" or "nothing".
    """

    bot_id: int
    user_id: int
    username: str | None
    first_name: str
    language: str
    language_code: str
    daily_tenths: int | None
    blocked_at: float | None
    first_seen_at: float | None
    weight: float
    aspect_ratio: str = ""
    seconds: float | None = None
    notify: str = "both"
    model: str = ""


class Names(TypedDict):
    """What Telegram tells of somebody who writes."""

    username: str | None
    first_name: str
    language_code: str


def named(db: Tables, *, bot_id: int, user_id: int, **names: Unpack[Names]) -> Person | None:
    """The person, where they have written before under the very names they have now."""
    person = get(db, bot_id=bot_id, user_id=user_id)
    if person is None or person.first_seen_at is None:
        return None
    had = (person.username, person.first_name, person.language_code)
    has = (names["username"] or None, names["first_name"], names["language_code"])
    return person if had == has else None


def see(db: Tables, *, bot_id: int, user_id: int, now: float, **names: Unpack[Names]) -> Person:
    """The person who has just written, under the names they have now."""
    here = {"bot_id": bot_id, "user_id": user_id, "now": now}
    values = here | names | {"username": names["username"] or None}
    if names["username"]:
        # Names move: the one who carries it now is the one whom an admin means.
        change(
            db,
            """UPDATE people SET username = NULL
            WHERE bot_id = :bot_id AND username = :username AND user_id <> :user_id""",
            values,
        )
    [row] = select(
        db,
        """INSERT INTO people
            (bot_id, user_id, username, first_name, language_code, first_seen_at)
        VALUES (:bot_id, :user_id, :username, :first_name, :language_code, :now)
        ON CONFLICT (bot_id, user_id) DO UPDATE SET
            username = excluded.username,
            first_name = excluded.first_name,
            language_code = excluded.language_code,
            first_seen_at = coalesce(first_seen_at, excluded.first_seen_at)
        RETURNING *""",
        values,
    )
    return Person(**row)


def get(db: Tables, *, bot_id: int, user_id: int) -> Person | None:
    """The person of that id, if known."""
    row = select_one(
        db,
        "SELECT * FROM people WHERE bot_id = :bot_id AND user_id = :user_id",
        {"bot_id": bot_id, "user_id": user_id},
    )
    return Person(**row) if row else None


def find(db: Tables, *, bot_id: int, who: int | str) -> Person | None:
    """The person an admin means by a user id, digits, or a name with or without its @."""
    if isinstance(who, str):
        word = who.strip()
        if not (word.isascii() and word.isdigit()):
            return _by_username(db, bot_id, word.removeprefix("@"))
        who = int(word[:20])
    return get(db, bot_id=bot_id, user_id=who) if abs(who) <= _MOST_ID else None


def _by_username(db: Tables, bot_id: int, username: str) -> Person | None:
    row = select_one(
        db,
        "SELECT * FROM people WHERE bot_id = :bot_id AND username = :username",
        {"bot_id": bot_id, "username": username},
    )
    return Person(**row) if row else None


def set_blocked(db: Tables, *, bot_id: int, user_id: int, blocked: bool, now: float) -> None:
    """Block a person, since now unless they are blocked already, or let them in again."""
    change(
        db,
        """INSERT INTO people (bot_id, user_id, blocked_at) VALUES (:bot_id, :user_id, :at)
        ON CONFLICT (bot_id, user_id) DO UPDATE SET
            blocked_at = iif(excluded.blocked_at IS NULL, NULL,
                coalesce(blocked_at, excluded.blocked_at))""",
        {"bot_id": bot_id, "user_id": user_id, "at": now if blocked else None},
    )


def set_daily(db: Tables, *, bot_id: int, user_id: int, daily_tenths: int | None) -> None:
    """Give a person a daily allowance of their own, or everybody's again (None).

    Raises: ValueError, when it is negative.
    """
    if daily_tenths is not None and daily_tenths < 0:
        raise ValueError(f"a daily allowance cannot be {daily_tenths} tenths")
    change(
        db,
        """INSERT INTO people (bot_id, user_id, daily_tenths)
        VALUES (:bot_id, :user_id, :daily_tenths)
        ON CONFLICT (bot_id, user_id) DO UPDATE SET daily_tenths = excluded.daily_tenths""",
        {"bot_id": bot_id, "user_id": user_id, "daily_tenths": daily_tenths},
    )


def set_weight(db: Tables, *, bot_id: int, user_id: int, weight: float) -> None:
    """Give a person that many turns where others have one, from their next prompt on.

    Raises: ValueError, when it is not from 0.1 to 10.
    """
    check_weight(weight)
    change(
        db,
        """INSERT INTO people (bot_id, user_id, weight) VALUES (:bot_id, :user_id, :weight)
        ON CONFLICT (bot_id, user_id) DO UPDATE SET weight = excluded.weight""",
        {"bot_id": bot_id, "user_id": user_id, "weight": weight},
    )


def check_weight(weight: float) -> None:
    """Return if a person or a chat can have that weight.

    Raises: ValueError, when it is not from 0.1 to 10.
    """
    if not 0.1 <= weight <= 10:
        raise ValueError(f"a weight is from 0.1 to 10, not {weight}")


def set_language(db: Tables, *, bot_id: int, user_id: int, language: str) -> None:
    """Remember the language that a person chose; "" follows their Telegram again."""
    change(
        db,
        """INSERT INTO people (bot_id, user_id, language) VALUES (:bot_id, :user_id, :language)
        ON CONFLICT (bot_id, user_id) DO UPDATE SET language = excluded.language""",
        {"bot_id": bot_id, "user_id": user_id, "language": language},
    )


def languages(db: Tables, *, bot_id: int, user_ids: Iterable[int]) -> dict[int, str]:
    """The language that each of those chose, "" where they chose none."""
    known = {user_id: get(db, bot_id=bot_id, user_id=user_id) for user_id in user_ids}
    return {user_id: person.language if person else "" for user_id, person in known.items()}


def set_choice(
    db: Tables, *, bot_id: int, user_id: int, choice: str, value: str | float | None
) -> None:
    """Remember what a known person chose.

    choice: "aspect_ratio", "seconds", "model" or "notify".

    Raises: ValueError, for any other choice.
    """
    if choice not in {"aspect_ratio", "seconds", "model", "notify"}:
        raise ValueError(f"{choice} cannot be chosen")
    change(
        db,
        f"""UPDATE people SET {choice} = :value
        WHERE bot_id = :bot_id AND user_id = :user_id""",  # noqa: S608
        {"bot_id": bot_id, "user_id": user_id, "value": value},
    )


def count(db: Tables, *, bot_id: int) -> int:
    """How many people have written to the bot."""
    return select_number(
        db,
        "SELECT count(*) FROM people WHERE bot_id = :bot_id AND first_seen_at IS NOT NULL",
        {"bot_id": bot_id},
    )
