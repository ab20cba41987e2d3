"""Clips as they are shared: who may see which, found by the words of their prompts.

The table clip_words holds every clip that Telegram has a file of: its prompt, and its readers, a
word for its maker and one more for everybody while it is public. So that a search never touches
what the person must not see, the readers are part of what is searched for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.rows import Row, change, select, select_one
from storage.search_words import match_all, spaced

_NEWEST = 2**62
_COLUMNS = """jobs.id AS job_id, jobs.token, jobs.user_id AS maker_id,
    json_extract(jobs.request, '$.prompt') AS prompt, clips.file_id,
    clips.public_at IS NOT NULL AND people.blocked_at IS NULL AS is_public,
    coalesce(people.first_name, '') AS maker"""
_PEOPLE = "LEFT JOIN people ON people.bot_id = jobs.bot_id AND people.user_id = jobs.user_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedClip:
    """A clip that can be posted. maker: their first name, "" while unknown.

    is_public: while its maker is blocked, nothing of theirs is.
    """

    job_id: int
    token: str
    maker_id: int
    maker: str
    prompt: str
    file_id: str
    is_public: bool

    def is_for(self, user_id: int) -> bool:
        """Whether that person may see it."""
        return self.is_public or self.maker_id == user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a list was shown: one's own clips come first, then everybody's public ones.

    before: the job id of the clip shown last.
    """

    own: bool = True
    before: int = _NEWEST


def enter(db: Tables, *, job_id: int) -> None:
    """Make a clip that Telegram has a file of one that can be found."""
    row = select_one(
        db,
        """SELECT jobs.bot_id, user_id, json_extract(request, '$.prompt') AS prompt, public_at
        FROM jobs JOIN clips ON job_id = id
        WHERE id = :job_id AND file_id IS NOT NULL AND deleted_at IS NULL""",
        {"job_id": job_id},
    )
    if row is not None:
        change(
            db,
            """INSERT OR REPLACE INTO clip_words (rowid, prompt, readers)
            VALUES (:job_id, :prompt, :readers)""",
            {"job_id": job_id, "prompt": spaced(row["prompt"]), "readers": _readers(row)},
        )


def leave(db: Tables, *, job_id: int) -> None:
    """Make a clip one that nobody finds."""
    change(db, "DELETE FROM clip_words WHERE rowid = :job_id", {"job_id": job_id})


def set_public(db: Tables, *, job_id: int, public: bool, now: float) -> bool:
    """Let everybody find a clip, or only its maker: whether there is such a clip."""
    changed = change(
        db,
        """UPDATE clips SET public_at = iif(:public, coalesce(public_at, :now), NULL)
        WHERE job_id = :job_id AND deleted_at IS NULL""",
        {"job_id": job_id, "public": public, "now": now},
    )
    enter(db, job_id=job_id)
    return changed == 1


def by_token(db: Tables, *, bot_id: int, token: str) -> SharedClip | None:
    """The clip of that token, whoever may see it; None when it is not there (any more)."""
    row = select_one(
        db,
        f"""SELECT {_COLUMNS} FROM jobs JOIN clips ON clips.job_id = jobs.id {_PEOPLE}
        WHERE jobs.token = :token AND jobs.bot_id = :bot_id AND jobs.forgotten_at IS NULL
        AND clips.file_id IS NOT NULL AND clips.deleted_at IS NULL""",  # noqa: S608 (constants)
        {"token": token, "bot_id": bot_id},
    )
    return _clip(row) if row else None


def search(
    db: Tables, *, bot_id: int, user_id: int, words: str, after: Place, limit: int
) -> tuple[list[SharedClip], Place | None]:
    """Clips that the person may see and whose prompts have all those words, newest first.

    Their own come first; without any word there are no others. Also the place to go on from,
    None at the end.
    """
    sought = match_all(words)
    found: list[SharedClip] = []
    own = _maker(bot_id, user_id)
    readers = f'readers : "{own}"'
    public = f'readers : "{bot_id}all" NOT readers : "{own}"'
    if after.own:
        found += _matching(db, user_id, readers, sought, after.before, limit)
        if len(found) == limit:
            return found, Place(before=found[-1].job_id)
    if not sought:
        return found, None
    before = _NEWEST if after.own else after.before
    others = list(_matching(db, user_id, public, sought, before, limit - len(found)))
    found += others
    if len(found) < limit:
        return found, None
    return found, Place(own=False, before=others[-1].job_id)


def _matching(
    db: Tables, user_id: int, readers: str, sought: str, before: int, limit: int
) -> Iterator[SharedClip]:
    match = f"({readers}) AND prompt : ({sought})" if sought else readers
    # CROSS JOIN keeps the order of the tables: the index gives the newest first, without sorting.
    rows = select(
        db,
        f"""SELECT {_COLUMNS} FROM clip_words
        CROSS JOIN jobs ON jobs.id = clip_words.rowid
        CROSS JOIN clips ON clips.job_id = clip_words.rowid {_PEOPLE}
        WHERE clip_words MATCH :match AND clip_words.rowid < :before
        AND (people.blocked_at IS NULL OR jobs.user_id = :user_id)
        ORDER BY clip_words.rowid DESC LIMIT :limit""",  # noqa: S608 (constants)
        {"match": match, "user_id": user_id, "before": before, "limit": limit},
    )
    return map(_clip, rows)


def _maker(bot_id: int, user_id: int) -> str:
    return f"{bot_id}u{user_id}"


def _readers(row: Row) -> str:
    readers = _maker(row["bot_id"], row["user_id"])
    return readers if row["public_at"] is None else f"{readers} {row['bot_id']}all"


def _clip(row: Row) -> SharedClip:
    return SharedClip(**(row | {"is_public": bool(row["is_public"])}))
