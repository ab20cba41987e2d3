"""The effect of a prompt that starts from a picture: all is checked first, then it is fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlite_utils import Database as Tables

from bot.intake import Incoming, Refusal, accept_request, refusal_of, refuse, usual_options
from bot.options import OptionRejected
from bot.prompts import PromptRejected, parse
from bot.replies.people import Replies
from bot.replies.pictures import PictureReplies
from bot.replies.prompts import explain
from bot.rules import Rules
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
    """Nothing that is known before speaks against the prompt: its picture is worth fetching."""


class PictureNotFetched(Exception):
    """Telegram does not hand the picture out."""


Fetched = Picture | PictureRejected | PictureNotFetched  # or why it cannot be had


def take_picture_prompt(
    db: Tables,
    incoming: Incoming,
    rules: Rules,
    text: str,
    sent: SentPicture,
    seed: int,
    fetched: Fetched | None,
) -> Job | None:
    """The job that a prompt and a picture become; None when they were refused.

    fetched: the picture, or why it cannot be had; None before anybody has tried.
    Raises: PictureWanted, with nothing changed, when the picture is missing and nothing else.
    """
    if not text and _is_silent(db, incoming, sent):
        return None
    made = _accept(db, incoming, rules, text, sent, seed, fetched)
    if isinstance(made, Refusal):
        refuse(db, incoming, made)
        return None
    return made


def _is_silent(db: Tables, incoming: Incoming, sent: SentPicture) -> bool:
    """Whether the words that belong to the picture stand under another one of its album."""
    return bool(sent.album) and inbox.has_caption(db, bot_id=incoming.bot_id, album=sent.album)


def _accept(
    db: Tables,
    incoming: Incoming,
    rules: Rules,
    text: str,
    sent: SentPicture,
    seed: int,
    fetched: Fetched | None,
) -> Job | Refusal:
    replies = PictureReplies(incoming.language)
    if not rules.model.starts_from_picture:
        return Refusal(sentence=replies.words_only(rules.model.title), flood="picture")
    if not text:
        return Refusal(sentence=replies.how_to(), flood="picture")
    fault = _declared_fault(sent)
    if fault is not None:
        return Refusal(sentence=replies.rejected(fault))
    try:
        usual = usual_options(db, incoming, rules)
        request = _request(rules, text, seed, usual, fetched)
    except (PromptRejected, OptionRejected) as error:
        return Refusal(sentence=explain(Replies(incoming.language).language, error))
    refusal = refusal_of(db, incoming, rules, request)
    if refusal is not None:
        return refusal
    match fetched:
        case None:
            raise PictureWanted
        case PictureRejected():
            return Refusal(sentence=replies.rejected(fetched.fault))
        case PictureNotFetched():
            return Refusal(sentence=replies.not_fetched())
    return accept_request(db, incoming, rules, request)


def _request(
    rules: Rules,
    text: str,
    seed: int,
    usual: Mapping[str, str],
    fetched: Fetched | None,
) -> Request:
    """The request, its image empty while there is none; the picture's shape is the usual one."""
    if not isinstance(fetched, Picture):
        return replace(parse(text, model=rules.model, seed=seed, usual=usual), image=b"")
    nearest = nearest_aspect_ratio(rules.model, fetched.width, fetched.height)
    request = parse(text, model=rules.model, seed=seed, usual={**usual, "ar": nearest})
    return replace(request, image=fetched.jpeg)


def _declared_fault(sent: SentPicture) -> PictureFault | None:
    if sent.mime_type and sent.mime_type not in MIME_TYPES:
        return PictureFault.NO_PICTURE
    return fault_of(sent.size_bytes, sent.width, sent.height)
