"""Prompts that start from a picture: its caption, or a reply to it."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Message, MessageEntity, PhotoSize, Update
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.ext import CallbackContext, ExtBot, filters

from bot.picture_prompts import (
    Fetched,
    PictureNotFetched,
    PictureWanted,
    SentPicture,
    take_picture_prompt,
)
from bot.telegram.desk import Desk
from bot.telegram.pacing import retry_seconds
from inference import pictures
from inference.values import PictureRejected

Context = CallbackContext[ExtBot[None], dict[str, object], dict[str, object], dict[str, object]]
MOST_FETCHED_AT_ONCE = 4
MOST_TRIES = 4
RETRY_SECONDS = 0.5
MOST_WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A prompt, "" for none, and the messages that hold its pictures: the first, or both frames.

    draft: whether it is to be a draft.
    """

    text: str
    shown: tuple[Message, ...]
    draft: bool


def asked(message: Message, *, both: bool = False) -> Asked | None:
    """What a message asks of a picture; None when it asks nothing, or of no picture.

    both: a picture in reply to a picture is the clip's last frame, and that one its first.
    """
    found = _words_to_bot(message)
    if found is None:
        return None
    words, draft = found
    replied = message.reply_to_message
    first = (replied,) if replied is not None and _is_anothers_picture(replied) else ()
    if _has_picture(message):
        shown = (*(first if both and words else ()), message)
        return Asked(text=words, shown=shown, draft=draft)
    return Asked(text=words, shown=first, draft=draft) if first and message.text else None


def _is_anothers_picture(message: Message) -> bool:
    sender = message.from_user
    return _has_picture(message) and (sender is None or sender.id != message.get_bot().id)


def _has_picture(message: Message) -> bool:
    document = message.document
    is_file = document is not None and (document.mime_type or "").startswith("image/")
    # Telegram describes an animation as a document too.
    return bool(message.photo) or (is_file and message.animation is None)


def _words_to_bot(message: Message) -> tuple[str, bool] | None:
    """The prompt in a message, "" for none, and whether it asks for a draft.

    None when it is not for the bot, or another command.
    """
    words = message.text or message.caption or ""
    name = message.get_bot().username.lower()
    kinds: list[str | None] = [MessageEntity.BOT_COMMAND, MessageEntity.MENTION]
    for entity, part in (
        message.parse_entities(kinds) if message.text else message.parse_caption_entities(kinds)
    ).items():
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            command, _, bot = part.lower().partition("@")
            draft = COMMANDS.get(command) if bot in {"", name} else None
            return None if draft is None else (words.removeprefix(part).strip(), draft)
        if entity.type == MessageEntity.MENTION and part.lower() == f"@{name}":
            return words.replace(part, " ", 1).strip(), False
    return (words.strip(), False) if message.chat.type == message.chat.PRIVATE else None


# Commands that a prompt may stand behind, and whether it asks for a draft there.
COMMANDS = {"/video": False, "/draft": True}


class AsksOfPicture(filters.MessageFilter):
    """Messages that `asked` finds something in."""

    def filter(self, message: Message) -> bool:
        """Whether it is one."""
        return asked(message) is not None


def sent_picture(message: Message, side: int) -> SentPicture:
    """The picture of a message; of the sizes of a photo the smallest of at least that side."""
    album = message.media_group_id or ""
    if message.photo:
        size = _enough(message.photo, side)
        return SentPicture(
            file_id=size.file_id,
            size_bytes=size.file_size or 0,
            mime_type="image/jpeg",
            width=size.width,
            height=size.height,
            album=album,
        )
    document = message.document
    if document is None:
        raise ValueError("the message holds no picture")
    return SentPicture(
        file_id=document.file_id,
        size_bytes=document.file_size or 0,
        mime_type=(document.mime_type or "").lower(),
        width=0,
        height=0,
        album=album,
    )


def _enough(sizes: tuple[PhotoSize, ...], side: int) -> PhotoSize:
    by_size = sorted(sizes, key=lambda size: size.width * size.height)
    return next((size for size in by_size if min(size.width, size.height) >= side), by_size[-1])


class Pictures:
    """The handler of such prompts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        # Both take memory: up to 20 MB a file, and some hundred while a large one is decoded.
        self._fetching = asyncio.Semaphore(MOST_FETCHED_AT_ONCE)
        self._decoding = asyncio.Semaphore(1)

    async def take(self, update: Update, context: Context) -> None:
        """A prompt with pictures, or a picture in a private chat."""
        message, models = update.effective_message, self._desk.rules.served.values()
        both = any(model.ends_on_picture for model in models)
        wish = None if message is None else asked(message, both=both)
        if wish is None:
            return
        side = max(map(pictures.picture_side, models))
        sent = [sent_picture(shown, side) for shown in wish.shown]
        # The update waits in the inbox until the job, or the refusal, is committed: a crash while
        # the picture is fetched only fetches it again.
        seed = secrets.randbits(32)

        async def take(fetched: Sequence[Fetched]) -> None:
            await self._desk.handle(
                update, take_picture_prompt, wish.text, sent, seed, fetched, draft=wish.draft
            )

        try:
            await take(())
        except PictureWanted:
            await take([await self._fetch(context.bot, one.file_id, side) for one in sent])

    async def _fetch(self, bot: ExtBot[None], file_id: str, side: int) -> Fetched:
        try:
            async with self._fetching:
                content = await _download(bot, file_id)
                async with self._decoding:
                    return await asyncio.to_thread(pictures.reduce, content, side)
        except (PictureRejected, PictureNotFetched) as error:
            return error


async def _download(bot: ExtBot[None], file_id: str) -> bytes:
    """The file's content. Raises: PictureNotFetched; PictureRejected, when it is too large."""
    for tried in range(MOST_TRIES):
        try:
            file = await bot.get_file(file_id)
            fault = pictures.fault_of(file.file_size or 0, 0, 0)
            if fault is not None:
                raise PictureRejected(fault)
            return bytes(await file.download_as_bytearray())
        except (BadRequest, Forbidden) as error:
            raise PictureNotFetched from error
        except RetryAfter as error:
            await asyncio.sleep(min(retry_seconds(error), MOST_WAIT_SECONDS))
        except TelegramError:
            await asyncio.sleep(RETRY_SECONDS * 2**tried)
    raise PictureNotFetched
