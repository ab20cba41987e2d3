"""The effect of a prompt with pictures: all is checked first, then they are fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database as Tables

from bot.incoming import Incoming, Refusal, refuse
from bot.intake import accept_request, purse_for, usual_options
from bot.options import OptionRejected
from bot.prompts import PromptRejected, as_draft, model_of, parse
from bot.replies.people import Replies
from bot.replies.pictures import PictureReplies
from bot.replies.prompts import explain
from bot.rules import Rules
from inference.entry import ModelEntry
from inference.pictures import FORMATS, Picture, fault_of, nearest_aspect_ratio
from inference.values import PictureFault, PictureRejected, Request
from storage import inbox
from storage.jobs import Job

MIME_TYPES = frozenset(f"image/{name.lower()}" for name in FORMATS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPicture:
    """A picture in the chat, as its message describes it.

    size_bytes, width, height: 0 where the message does not say; mime_type: "" likewise.
    album: of several pictures that were sent as one; "" for one alone.
    """

    file_id: str
    size_bytes: int
    mime_type: str
    width: int
    height: int
    album: str


class PictureWanted(Exception):
    """Nothing that is known before speaks against the prompt: its pictures are worth fetching."""


class PictureNotFetched(Exception):
    """Telegram does not hand the picture out."""


Fetched = Picture | PictureRejected | PictureNotFetched  # or why it cannot be had


def take_picture_prompt(
    db: Tables,
    incoming: Incoming,
    rules: Rules,
    text: str,
    sent: Sequence[SentPicture],
    seed: int,
    fetched: Sequence[Fetched],
    *,
    draft: bool = False,
) -> Job | None:
    """The job that a prompt and its pictures become; None when they were refused.

    sent: the clip's first frame, and perhaps its last.
    fetched: each of them, or why it cannot be had; empty before anybody has tried.
    draft: whether it is to be a draft.
    Raises: PictureWanted, with nothing changed, when the pictures are missing and nothing else.
    """
    if not text and _is_silent(db, incoming, sent):
        return None
    made = _accept(db, incoming, rules, text, sent, seed, fetched, draft=draft)
    if isinstance(made, Refusal):
        refuse(db, incoming, made)
        return None
    return made


def _is_silent(db: Tables, incoming: Incoming, sent: Sequence[SentPicture]) -> bool:
    """Whether the words that belong to the picture stand under another one of its album."""
    album = sent[-1].album
    return bool(album) and inbox.has_caption(db, bot_id=incoming.bot_id, album=album)


def _accept(
    db: Tables,
    incoming: Incoming,
    rules: Rules,
    text: str,
    sent: Sequence[SentPicture],
    seed: int,
    fetched: Sequence[Fetched],
    *,
    draft: bool,
) -> Job | Refusal:
    replies = PictureReplies(incoming.language)
    able = [model.name for model in rules.served.values() if model.starts_from_picture]
    if not able:
        return Refusal(sentence=replies.words_only(rules.model.title), flood="picture")
    if not text:
        return Refusal(sentence=replies.how_to(), flood="picture")
    fault = next(filter(None, map(_declared_fault, sent)), None)
    if fault is not None:
        return Refusal(sentence=replies.rejected(fault))
    try:
        usual = usual_options(incoming)
        text = as_draft(text) if draft else text
        model = model_of(text, models=rules.served, usual=usual)
        if not model.starts_from_picture:
            return Refusal(sentence=replies.words_only(model.title, able))
        request = _request(rules, model, text, seed, usual, len(sent), fetched)
    except (PromptRejected, OptionRejected) as error:
        return Refusal(sentence=explain(Replies(incoming.language).language, error))
    purse = purse_for(db, incoming, rules, request)
    if isinstance(purse, Refusal):
        return purse
    if not fetched:
        raise PictureWanted
    not_had = next(filter(None, (_why_not(replies, had) for had in fetched)), None)
    return not_had or accept_request(db, incoming, rules, request)


def _why_not(replies: PictureReplies, had: Fetched) -> Refusal | None:
    match had:
        case PictureRejected():
            return Refusal(sentence=replies.rejected(had.fault))
        case PictureNotFetched():
            return Refusal(sentence=replies.not_fetched())
    return None


def _request(
    rules: Rules,
    model: ModelEntry,
    text: str,
    seed: int,
    usual: Mapping[str, str],
    count: int,
    fetched: Sequence[Fetched],
) -> Request:
    """The request, its images empty while there are none; the first one's shape is the usual one.

    model: that the text and the usual options choose. count: of pictures, one or two.
    """
    images: list[bytes] = [b""] * count
    if fetched and isinstance(fetched[0], Picture):
        nearest = nearest_aspect_ratio(model, fetched[0].width, fetched[0].height)
        usual = {**usual, "ar": nearest}
        images = [had.jpeg if isinstance(had, Picture) else b"" for had in fetched]
    request = parse(text, models=rules.served, seed=seed, usual=usual)
    return replace(request, image=images[0], last_image=images[1] if count > 1 else None)


def _declared_fault(sent: SentPicture) -> PictureFault | None:
    if sent.mime_type and sent.mime_type not in MIME_TYPES:
        return PictureFault.NO_PICTURE
    return fault_of(sent.size_bytes, sent.width, sent.height)
