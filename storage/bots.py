"""The bots whose data this is, and the mode in which each works."""

from dataclasses import dataclass
from enum import StrEnum

from sqlite_utils import Database as Tables

from storage.rows import change, select, select_one


class Mode(StrEnum):
    """What a bot was told to do; it holds until it is told otherwise, over restarts too."""

    WORKING = "working"
    PAUSED = "paused"  # prompts are accepted, and none is begun
    DRAINING = "draining"  # no prompt is accepted, and those that wait are rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot. username: without its @; None before it was first reached."""

    bot_id: int
    username: str | None


def see(db: Tables, *, bot_id: int, username: str) -> None:
    """The bot was reached under that name."""
    named = {"bot_id": bot_id, "username": username}
    change(
        db,
        """INSERT INTO bots (bot_id, username) VALUES (:bot_id, :username)
        ON CONFLICT (bot_id) DO UPDATE SET username = excluded.username""",
        named,
    )


def known(db: Tables) -> list[Bot]:
    """Every bot, by its id."""
    rows = select(db, "SELECT bot_id, username FROM bots ORDER BY bot_id")
    return [Bot(**row) for row in rows]


def username(db: Tables, *, bot_id: int) -> str | None:
    """The name under which the bot was last reached, without its @."""
    row = select_one(db, "SELECT username FROM bots WHERE bot_id = :bot_id", {"bot_id": bot_id})
    return row["username"] if row else None


def mode(db: Tables, *, bot_id: int) -> Mode:
    """The mode in which the bot works."""
    row = select_one(db, "SELECT mode FROM bots WHERE bot_id = :bot_id", {"bot_id": bot_id})
    return Mode(row["mode"]) if row else Mode.WORKING


def renewals(db: Tables, *, bot_id: int) -> int:
    """How many times the bot was told to renew its workers."""
    row = select_one(db, "SELECT renewals FROM bots WHERE bot_id = :bot_id", {"bot_id": bot_id})
    return row["renewals"] if row else 0


def renew(db: Tables, *, bot_id: int) -> None:
    """Tell the bot to replace each worker by a fresh one as soon as it has no job."""
    change(
        db,
        """INSERT INTO bots (bot_id, renewals) VALUES (:bot_id, 1)
        ON CONFLICT (bot_id) DO UPDATE SET renewals = renewals + 1""",
        {"bot_id": bot_id},
    )


def set_mode(db: Tables, *, bot_id: int, mode: Mode) -> None:
    """Tell the bot what to do from now on."""
    change(
        db,
        """INSERT INTO bots (bot_id, mode) VALUES (:bot_id, :mode)
        ON CONFLICT (bot_id) DO UPDATE SET mode = excluded.mode""",
        {"bot_id": bot_id, "mode": mode.value},
    )
