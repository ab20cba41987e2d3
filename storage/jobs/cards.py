"""What is known of a job's card: the status message in the chat that becomes the clip."""

import json
from collections.abc import Collection

from sqlite_utils import Database as Tables

from storage.jobs.values import Job, from_row
from storage.rows import change, select


def open_cards(db: Tables, *, bot_id: int, limit: int, after: int = 0) -> list[Job]:
    """Jobs with a higher id whose card does not show their end yet, oldest first."""
    rows = select(
        db,
        """SELECT * FROM jobs WHERE bot_id = :bot_id AND card_done = 0 AND id > :after
        ORDER BY id LIMIT :limit""",
        {"bot_id": bot_id, "after": after, "limit": limit},
    )
    return [from_row(row) for row in rows]


def pressing_cards(db: Tables, *, bot_id: int, resting: Collection[int], limit: int) -> list[Job]:
    """Jobs whose card is to be sent, and those that are more than waiting, oldest first.

    resting: chats that nothing can be shown in now; of theirs there are only jobs that run.
    """
    rows = select(
        db,
        """SELECT * FROM jobs WHERE bot_id = :bot_id AND state = 'running' AND card_done = 0""",
        {"bot_id": bot_id},
    )
    rows += select(
        db,
        """SELECT * FROM jobs INDEXED BY jobs_pressing_cards
        WHERE bot_id = :bot_id AND card_done = 0
        AND (state <> 'queued' OR card_message_id IS NULL) AND state <> 'running'
        AND chat_id NOT IN (SELECT value FROM json_each(:resting))
        ORDER BY id LIMIT :limit""",
        {"bot_id": bot_id, "resting": json.dumps(list(resting)), "limit": limit},
    )
    return [from_row(row) for row in rows]


def card_sent(db: Tables, *, job_id: int, message_id: int, shown: str) -> None:
    """The card is that message, and shows what has that digest; not its end, if it has one by now.

    That is so where the chat was closed while the card was on its way (see `card_finished`).
    """
    change(
        db,
        """UPDATE jobs SET card_message_id = :message_id, card_shown = iif(card_done, '', :shown)
        WHERE id = :job_id""",
        {"job_id": job_id, "message_id": message_id, "shown": shown},
    )


def card_shown(db: Tables, *, job_id: int, shown: str, picture: str) -> None:
    """The card shows what has that digest, with a picture of that other one (Job.card_picture).

    Where the chat was closed meanwhile, it does not show its end.
    """
    change(
        db,
        """UPDATE jobs SET card_shown = iif(card_done, '', :shown), card_picture = :picture
        WHERE id = :job_id""",
        {"job_id": job_id, "shown": shown, "picture": picture},
    )


def card_finished(db: Tables, *, job_id: int, shown: str) -> None:
    """The card shows the job's end and is not touched again.

    shown: its digest; "" where the chat is closed, so that it shows the end when the chat is opened
    (see `reopen_cards`).
    """
    change(
        db,
        "UPDATE jobs SET card_shown = :shown, card_done = 1 WHERE id = :job_id",
        {"job_id": job_id, "shown": shown},
    )


def reopen_cards(db: Tables, *, bot_id: int, chat_id: int) -> int:
    """The bot may write in a chat again: cards that do not show their job's end shall show it."""
    return change(
        db,
        """UPDATE jobs SET card_done = 0 WHERE bot_id = :bot_id AND chat_id = :chat_id
        AND card_done = 1 AND card_shown = '' AND card_message_id IS NOT NULL
        AND state IN ('failed', 'cancelled') AND forgotten_at IS NULL""",
        {"bot_id": bot_id, "chat_id": chat_id},
    )


def card_lost(db: Tables, *, job_id: int) -> None:
    """Somebody deleted the card: the job has none, until another is sent."""
    change(
        db,
        """UPDATE jobs SET card_message_id = NULL, card_shown = '', card_picture = ''
        WHERE id = :job_id""",
        {"job_id": job_id},
    )


def send_to_person(db: Tables, *, job_id: int) -> bool:
    """From now on a group's job is shown to its person, in their private chat; whether it is one.

    There it answers no message.
    """
    changed = change(
        db,
        """UPDATE jobs SET chat_id = user_id, chat_type = 'private', thread_id = NULL,
            message_id = 0, card_message_id = NULL, card_shown = '', card_picture = ''
        WHERE id = :job_id AND chat_id < 0 AND user_id > 0""",
        {"job_id": job_id},
    )
    return changed == 1
