"""Chats that an admin has given a priority."""

from sqlite_utils import Database as Tables

from storage.people import check_weight
from storage.rows import change


def set_weight(db: Tables, *, bot_id: int, chat_id: int, weight: float) -> None:
    """Give the prompts of a chat that many turns where others have one, from the next one on.

    Raises: ValueError, when it is not from 0.1 to 10.
    """
    check_weight(weight)
    change(
        db,
        """INSERT INTO chats (bot_id, chat_id, weight) VALUES (:bot_id, :chat_id, :weight)
        ON CONFLICT (bot_id, chat_id) DO UPDATE SET weight = excluded.weight""",
        {"bot_id": bot_id, "chat_id": chat_id, "weight": weight},
    )
