"""A job as a value, and its row."""

import dataclasses
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from inference.values import Request
from storage.rows import Row

NO_PICTURES = "none taken"


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    RENDERED = "rendered"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_clip(self) -> bool:
        """Whether a clip was made. People may see it before its delivery is committed."""
        return self in {JobState.RENDERED, JobState.DELIVERED}

    @property
    def is_end(self) -> bool:
        """Whether nothing can happen to the job any more."""
        return self in {JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An accepted request. Times are Unix seconds; ids of chats and messages are Telegram's.

    message_id: the message that holds the prompt, 0 for none here. language: the one to answer in.
    attempt: how often it was claimed. failures: how often a worker failed at it.
    card_message_id: the job's status message, None before it is sent or when it is lost.
    card_shown: digest of what the card shows, "" for nothing. card_done: it shows the end.
    card_picture: digest of the picture on the card, "" for a card of text alone, NO_PICTURES where
        the chat takes none.
    error: machine-readable cause of a failure, "" for none.
    started_at: when it was claimed last.
    token: what its buttons call it, told to nobody who cannot see them.
    continues: id of the job whose clip it goes on from, None for a clip of its own.
    picture: digest of the picture it starts from (storage/pictures.py), None for none. The request
        comes without its images, which would be read a hundred times for each time it is rendered.
    last_picture: digest of the picture it ends on, None for none.
    forgotten_at: when its prompt and its clip's file went, None while they are kept.
    """

    id: int
    bot_id: int
    update_id: int
    user_id: int
    chat_id: int
    chat_type: str
    thread_id: int | None
    message_id: int
    language: str
    request: Request
    cost_tenths: int
    state: JobState
    attempt: int
    failures: int
    card_message_id: int | None
    card_shown: str
    card_done: bool
    card_picture: str
    cancel_requested_at: float | None
    error: str
    created_at: float
    started_at: float | None
    rendered_at: float | None
    ended_at: float | None
    token: str
    continues: int | None
    picture: str | None
    last_picture: str | None = None
    forgotten_at: float | None = None

    @property
    def pictures(self) -> tuple[str, ...]:
        """Digests of the pictures that it needs."""
        return tuple(filter(None, (self.picture, self.last_picture)))


_JOB_FIELDS = tuple(field.name for field in dataclasses.fields(Job))
_IMAGES = ("image", "last_image")
_REQUEST_FIELDS = tuple(
    field.name for field in dataclasses.fields(Request) if field.name not in _IMAGES
)


def from_row(row: Row) -> Job:
    """The job that a whole row of the table describes."""
    values = {name: row[name] for name in _JOB_FIELDS} | {
        "request": request_of(row),
        "state": JobState(row["state"]),
        "card_done": bool(row["card_done"]),
    }
    return Job(**values)


def request_of(row: Row) -> Request:
    """The request of a row of the table, without its images."""
    return _read(row["request"])


@lru_cache(maxsize=4096)  # The cards of a long line ask again and again.
def _read(stored: str) -> Request:
    values = json.loads(stored)
    return Request(**{name: values[name] for name in _REQUEST_FIELDS if name in values})


def request_json(request: Request) -> str:
    """A request as it is stored, without its images."""
    kept = {name: getattr(request, name) for name in _REQUEST_FIELDS}
    return json.dumps(kept, ensure_ascii=False)
