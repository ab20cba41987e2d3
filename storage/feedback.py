"""Feedback to the admins: whose it was, so that it is limited and can be answered.

Its words are not kept here: they stand in the outbox until they are sent, and there they wait for
an admin who has not started the bot yet.
"""

from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.rows import change, select_number, select_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Who wrote a feedback, and where. user_id: below 0 for somebody who was forgotten."""

    user_id: int
    chat_id: int
    thread_id: int | None
    message_id: int


def insert(
    db: Tables,
    *,
    bot_id: int,
    user_id: int,
    chat_id: int,
    thread_id: int | None,
    message_id: int,
    now: float,
) -> int:
    """Note a feedback: its number."""
    return select_number(
        db,
        """INSERT INTO feedback (bot_id, user_id, chat_id, thread_id, message_id, at)
        VALUES (:bot_id, :user_id, :chat_id, :thread_id, :message_id, :now) RETURNING id""",
        {
            "bot_id": bot_id,
            "user_id": user_id,
            "chat_id": chat_id,
            "thread_id": thread_id,
            "message_id": message_id,
            "now": now,
        },
    )


def find(db: Tables, *, bot_id: int, number: int) -> Feedback | None:
    """The feedback of that number, while it is kept."""
    row = select_one(
        db,
        """SELECT user_id, chat_id, thread_id, message_id FROM feedback
        WHERE bot_id = :bot_id AND id = :number""",
        {"bot_id": bot_id, "number": number},
    )
    return Feedback(**row) if row else None


def count_since(db: Tables, *, bot_id: int, user_id: int, since: float) -> int:
    """How much feedback a person gave after that time (Unix seconds)."""
    return select_number(
        db,
        """SELECT count(*) FROM feedback
        WHERE bot_id = :bot_id AND user_id = :user_id AND at > :since""",
        {"bot_id": bot_id, "user_id": user_id, "since": since},
    )


def forget_before(db: Tables, *, bot_id: int, before: float) -> int:
    """Delete who gave feedback before that time: how many."""
    return change(
        db,
        "DELETE FROM feedback WHERE bot_id = :bot_id AND at < :before",
        {"bot_id": bot_id, "before": before},
    )
