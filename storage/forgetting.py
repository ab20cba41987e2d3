"""People who want to be forgotten, so that neither quotas nor blocks begin anew.

All that says who somebody is or what they asked for goes. Credits and limits stay under a keyed
hash of their id, in the same columns: who comes back is recognised by it and gets them back. Nobody
without the key can tell whose they are. Hashes are below -2**62, as no id of Telegram is.
"""

import hashlib
import hmac
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage import clips, jobs, menus, outbox, people, retention
from storage.jobs import Job, JobState
from storage.jobs.values import from_row
from storage.rows import change, select

HIGHEST_HASH = -(2**62) - 1
KEPT_TABLES = ("ledger", "feedback", "admissions")
Named = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What is left to do once somebody is forgotten.

    paths: of clips, whose files are to go. running: ids of jobs to stop.
    """

    paths: list[str]
    running: list[int]


def hash_id(key: bytes, *, bot_id: int, user_id: int) -> int:
    """What stands for a forgotten person's id."""
    digest = hmac.digest(key, f"{bot_id}:{user_id}".encode(), hashlib.sha256)
    return HIGHEST_HASH - int.from_bytes(digest[:8]) // 8


def forget(db: Tables, *, bot_id: int, user_id: int, hashed_id: int, now: float) -> Forgotten:
    """Delete what is known of a person; their credits and limits stay under `hashed_id`.

    The cards of what they still wait for, which nothing will change any more, are to be deleted:
    the outbox knows of them until they are.
    """
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    named: Named = {
        "bot_id": bot_id,
        "user_id": user_id,
        "hashed_id": hashed_id,
        "now": now,
        "word": str(user_id),
        "username": ((person.username if person else None) or "").lower(),
    }
    rows = select(
        db, "SELECT * FROM jobs WHERE bot_id = :bot_id AND user_id = :user_id ORDER BY id", named
    )
    asked = [from_row(row) for row in rows]
    cards = [job for job in asked if job.card_message_id is not None and not job.state.is_end]
    running = [job.id for job in asked if _end(db, job, now)]
    retention.empty(db, asked, now=now)
    paths = [path for job in asked if (path := clips.delete(db, job_id=job.id, now=now))]
    _unlink_jobs(db, named)
    menus.took_away(db, bot_id=bot_id, user_id=user_id)
    _forget_messages(db, named)
    for job in cards:
        _take_away(db, job, job.card_message_id, now)
    _hash_ids(db, named)
    change(
        db,
        """INSERT INTO forgotten (bot_id, hashed_id, at) VALUES (:bot_id, :hashed_id, :now)
        ON CONFLICT DO UPDATE SET at = excluded.at""",
        named,
    )
    return Forgotten(paths=paths, running=running)


def card_sent(db: Tables, job: Job, *, message_id: int, shown: str, now: float) -> None:
    """The card is that message (see jobs.card_sent).

    It goes again where the job was forgotten while it was on its way. job: as it was then.
    """
    here = jobs.get(db, job.id)
    if here is not None and here.forgotten_at is None:
        jobs.card_sent(db, job_id=job.id, message_id=message_id, shown=shown)
    else:
        _take_away(db, job, message_id, now)


def _take_away(db: Tables, job: Job, message_id: int | None, now: float) -> None:
    """Delete a card. job: as it was before its person was forgotten."""
    outbox.say(
        db,
        bot_id=job.bot_id,
        key=f"{outbox.TRACELESS}card:{job.id}",
        chat_id=job.chat_id,
        method="delete_message",
        payload={"message_id": message_id},
        now=now,
    )


def _end(db: Tables, job: Job, now: float) -> bool:
    """End a job that waits or is to be delivered; True when it runs and must be stopped."""
    if job.state is JobState.RENDERED:
        jobs.fail(db, job_id=job.id, error="forgotten", now=now)
    return jobs.request_cancel(db, job_id=job.id, now=now) is JobState.RUNNING


def _unlink_jobs(db: Tables, named: Named) -> None:
    change(
        db,
        """UPDATE jobs SET user_id = :hashed_id, message_id = 0, card_message_id = NULL,
            card_shown = '', chat_id = iif(chat_id = :user_id, :hashed_id, chat_id)
        WHERE bot_id = :bot_id AND user_id = :user_id""",
        named,
    )


def _forget_messages(db: Tables, named: Named) -> None:
    """Empty the updates that name the person, and delete what was said to or about them.

    An update's row stays, lest the update be taken for new when it is sent again. Nothing needs the
    rest of one that was handled, so one that names the person by chance may go as well.
    """
    emptied = select(
        db,
        """UPDATE inbox SET payload = '{}', error = ''
        WHERE bot_id = :bot_id AND coalesce(done_at, parked_at) IS NOT NULL
        AND (instr(payload, :word)
            OR (:username <> '' AND instr(lower(payload), :username))) RETURNING update_id""",
        named,
    )
    for row in emptied:
        change(
            db,
            "DELETE FROM outbox WHERE bot_id = :bot_id AND key = :key",
            named | {"key": f"update:{row['update_id']}"},
        )
    change(
        db,
        """DELETE FROM outbox WHERE bot_id = :bot_id AND NOT instr(key, :traceless)
        AND (chat_id = :user_id OR instr(key, :word) OR instr(payload, :word)
            OR (:username <> '' AND instr(lower(payload), :username)))""",
        named | {"traceless": outbox.TRACELESS},
    )


def _hash_ids(db: Tables, named: Named) -> None:
    # Nobody can be admitted whom nobody can tell.
    change(
        db,
        """DELETE FROM admissions
        WHERE bot_id = :bot_id AND user_id = :user_id AND admitted_at IS NULL""",
        named,
    )
    for table in KEPT_TABLES:
        _move(db, table, "user_id", named)
    _move(db, "chats", "chat_id", named)
    for column in ("made_by", "used_by"):
        _move(db, "invitations", column, named)
    change(
        db,
        """UPDATE feedback SET chat_id = iif(chat_id = :user_id, :hashed_id, chat_id),
            message_id = 0 WHERE bot_id = :bot_id AND user_id = :hashed_id""",
        named,
    )
    for table in ("ledger", "audit"):
        _move(db, table, "actor_id", named)
    change(
        db,
        """UPDATE audit SET target = 'forgotten ' || :hashed_id
        WHERE bot_id = :bot_id AND (target = :word
            OR (:username <> '' AND lower(target) IN (:username, '@' || :username)))""",
        named,
    )
    # What admins decided about the person stays in the row.
    change(
        db,
        """UPDATE people SET user_id = :hashed_id, username = NULL, first_name = '',
            language = '', language_code = '', first_seen_at = NULL,
            aspect_ratio = '', seconds = NULL, notify = 'both', model = ''
        WHERE bot_id = :bot_id AND user_id = :user_id""",
        named,
    )


def recognise(db: Tables, *, bot_id: int, user_id: int, hashed_id: int) -> bool:
    """Give somebody who was forgotten their credits and limits back: whether they were."""
    named: Named = {"bot_id": bot_id, "user_id": hashed_id, "hashed_id": user_id}
    if not change(
        db, "DELETE FROM forgotten WHERE bot_id = :bot_id AND hashed_id = :user_id", named
    ):
        return False
    # What an admin has decided since then goes before what stood there.
    change(
        db,
        """UPDATE people SET
            blocked_at = coalesce(people.blocked_at, old.blocked_at),
            daily_tenths = coalesce(people.daily_tenths, old.daily_tenths),
            weight = iif(people.weight = 1, old.weight, people.weight)
        FROM people AS old
        WHERE old.bot_id = :bot_id AND old.user_id = :user_id
        AND people.bot_id = :bot_id AND people.user_id = :hashed_id""",
        named,
    )
    _move(db, "people", "user_id", named)
    change(db, "DELETE FROM people WHERE bot_id = :bot_id AND user_id = :user_id", named)
    for table in KEPT_TABLES:
        _move(db, table, "user_id", named)
    _move(db, "chats", "chat_id", named)
    # Turns in line that were taken stay taken.
    change(
        db,
        """UPDATE jobs SET user_id = :hashed_id WHERE bot_id = :bot_id AND user_id = :user_id
        AND (started_at IS NOT NULL OR ended_at IS NULL)""",
        named,
    )
    return True


def _move(db: Tables, table: str, column: str, named: Named) -> None:
    """Exchange one id for the other, where the other has no row of its own yet."""
    change(
        db,
        f"""UPDATE OR IGNORE {table} SET {column} = :hashed_id
        WHERE bot_id = :bot_id AND {column} = :user_id""",  # noqa: S608
        named,
    )
