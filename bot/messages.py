"""Calls to the Bot API, in the few forms that the reconciler needs."""

import contextlib
import io
from collections.abc import Mapping
from typing import Any

import structlog
from PIL import Image
from telegram import (
    InlineKeyboardMarkup,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot import chart
from bot.card import CAPTION_UNITS, CardView
from bot.clips_folder import ClipsFolder
from bot.keyboard import card_keyboard, keyboard
from bot.replies.card import CardReplies
from bot.text_length import cut
from storage.clips import ClipRecord
from storage.jobs import NO_PICTURES, Job

UPLOAD_SECONDS = 120.0
# Telegram's words for a card that somebody deleted, or that is too old to edit.
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
SAME = "message is not modified"
UNDELETABLE = "message can't be deleted"
TOO_BIG = ("request entity too large", "content too large", "file is too big")
NO_VIDEOS = (
    "not enough rights to send videos",
    "chat_send_videos_forbidden",
    "chat_send_media_forbidden",
)
# Its words when a text is edited as a caption, or the reverse.
OTHER_KIND = ("there is no text in the message", "there is no caption in the message")
# Cards repeat prompts: nobody shall make the bot show a page of theirs. Not as PTB's Defaults: with
# any, PTB 22.8 sends every empty text as "[]".
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
A_PICTURE = "unknown"  # in place of a digest
log = structlog.get_logger(__name__)


class CardGone(Exception):
    """The card cannot be edited any more."""


class ClipTooBig(Exception):
    """The server takes no clip of this size."""


class VideosForbidden(Exception):
    """The chat lets the bot write, and send no videos."""


class Messages:
    """What the bot can say. Raises telegram.error.TelegramError where Telegram refuses."""

    def __init__(self, bot: ExtBot[None], clips: ClipsFolder) -> None:
        self._bot = bot
        self._clips = clips

    async def call(self, chat_id: int, method: str, payload: Mapping[str, Any]) -> None:
        """One outbox row: a text, a picture, a reaction, or a message that changes or goes."""
        values = dict(payload)
        if method == "delete_message":
            await self._delete(chat_id, **values)
            return
        if method == "edit_message_reply_markup":
            values["reply_markup"] = InlineKeyboardMarkup.de_json(values["reply_markup"], self._bot)
            await self._bot.edit_message_reply_markup(chat_id=chat_id, **values)
            return
        if method == "set_message_reaction":
            await self._bot.set_message_reaction(chat_id=chat_id, **values)
            return
        if "reply_to" in values:
            values["reply_parameters"] = _reply(values.pop("reply_to"))
        if "buttons" in values:
            values["reply_markup"] = keyboard(values.pop("buttons"))
        if method == "edit_message_text":
            with contextlib.suppress(CardGone):
                await self._edit_text(chat_id, values)
            return
        if method == "send_photo":
            # Drawn now from numbers that were committed: no file can be lost or left over.
            png = chart.draw([chart.Day(**day) for day in values.pop("days")])
            await self._bot.send_photo(chat_id=chat_id, photo=png, filename="chart.png", **values)
            return
        await self._bot.send_message(chat_id=chat_id, link_preview_options=NO_PREVIEW, **values)

    async def _delete(self, chat_id: int, message_id: int, instead: str = "") -> None:
        """Delete a message; a clip that Telegram lets nobody delete becomes a blank picture.

        instead: the words under that.
        """
        try:
            await self._bot.delete_message(chat_id, message_id)
        except BadRequest as error:
            # What is older than 48 hours can still be changed.
            if not instead or UNDELETABLE not in error.message.lower():
                raise
            blank = InputMediaPhoto(_blank(), caption=instead)
            try:
                await self._bot.edit_message_media(blank, chat_id=chat_id, message_id=message_id)
            except BadRequest as refused:
                _forgive(refused)

    async def _edit_text(self, chat_id: int, values: dict[str, Any]) -> None:
        try:
            await self._bot.edit_message_text(
                chat_id=chat_id, link_preview_options=NO_PREVIEW, **values
            )
        except BadRequest as error:
            _forgive(error)

    async def send_card(self, job: Job, card: CardView) -> int:
        """The message id of a new card, in reply to the prompt."""
        # A clip starts as a text as well: only an edit can be repeated without a second video.
        text = CardReplies(job.language).sending() if card.is_clip else card.text
        message = await self._bot.send_message(
            chat_id=job.chat_id,
            text=text,
            link_preview_options=NO_PREVIEW,
            message_thread_id=job.thread_id,
            reply_parameters=_reply(job.message_id),
            reply_markup=self._keyboard(job, card),
        )
        return message.message_id

    async def edit_card(self, job: Job, card: CardView, *, spoiler: bool = False) -> str:
        """Make a card show this; what its picture is now (Job.card_picture).

        spoiler: the picture is covered until somebody taps it.
        Raises: CardGone.
        """
        if card.picture is None or card.picture_digest == job.card_picture:
            return await self._edit_words(job, card)
        try:
            await self._show_picture(job, card, card.picture, spoiler=spoiler)
        except BadRequest as error:
            log.info("a chat takes no pictures", job=job.id, error=error.message)
            await self._edit_words(job, card)
            return NO_PICTURES
        return card.picture_digest

    async def _show_picture(
        self, job: Job, card: CardView, picture: bytes, *, spoiler: bool
    ) -> None:
        caption = cut(card.text, CAPTION_UNITS)
        photo = InputMediaPhoto(picture, caption=caption, has_spoiler=spoiler)
        try:
            await self._bot.edit_message_media(
                media=photo,
                chat_id=job.chat_id,
                message_id=job.card_message_id,
                reply_markup=self._keyboard(job, card),
            )
        except BadRequest as error:
            _forgive(error)

    async def _edit_words(self, job: Job, card: CardView) -> str:
        has_picture = job.card_picture not in {"", NO_PICTURES}
        # What is written down may be behind the chat: a kill between an edit and its commit, or a
        # chat that took pictures once. A text can become a picture, and stays one.
        for as_caption in (has_picture, not has_picture):
            try:
                await self._edit_text_or_caption(job, card, as_caption=as_caption)
            except BadRequest as error:
                if any(words in error.message.lower() for words in OTHER_KIND):
                    continue
                _forgive(error)
            if job.card_picture == NO_PICTURES or as_caption == has_picture:
                return job.card_picture
            return A_PICTURE if as_caption else ""
        raise CardGone("a card without words")

    async def _edit_text_or_caption(self, job: Job, card: CardView, *, as_caption: bool) -> None:
        place: dict[str, Any] = {
            "chat_id": job.chat_id,
            "message_id": job.card_message_id,
            "reply_markup": self._keyboard(job, card),
        }
        if as_caption:
            caption = cut(card.text, CAPTION_UNITS)
            await self._bot.edit_message_caption(caption=caption, **place)
        else:
            await self._bot.edit_message_text(
                text=card.text, link_preview_options=NO_PREVIEW, **place
            )

    async def turn_into_clip(
        self, job: Job, card: CardView, clip: ClipRecord, *, spoiler: bool = False
    ) -> str | None:
        """Turn the card into the video. Returns Telegram's file id, if it was told.

        spoiler: the video is covered until somebody taps it.
        Raises: CardGone; ClipTooBig; VideosForbidden; FileNotFoundError, when the clip is not on
        the disk.
        """
        video = InputMediaVideo(
            media=self._clips.read(clip.path),
            filename=f"kinogram-{job.id}.mp4",
            caption=card.text,
            width=clip.width,
            height=clip.height,
            duration=max(1, round(clip.seconds)),
            supports_streaming=True,
            has_spoiler=spoiler,
        )
        try:
            message = await self._bot.edit_message_media(
                media=video,
                chat_id=job.chat_id,
                message_id=job.card_message_id,
                reply_markup=self._keyboard(job, card),
                write_timeout=UPLOAD_SECONDS,
                read_timeout=UPLOAD_SECONDS,
            )
        except TelegramError as error:
            _tell_apart(error)
            return None
        sent = message.video if isinstance(message, Message) else None
        return sent.file_id if sent else None

    def _keyboard(self, job: Job, card: CardView) -> InlineKeyboardMarkup | None:
        return card_keyboard(job, card.buttons, sharing=self._bot.supports_inline_queries)


def _blank() -> bytes:
    file = io.BytesIO()
    Image.new("L", (320, 180), 128).save(file, "PNG")
    return file.getvalue()


def _forgive(error: BadRequest) -> None:
    """What is shown already is success; a card that is gone is said so."""
    text = error.message.lower()
    if SAME in text:
        return
    if any(words in text for words in GONE):
        raise CardGone(error.message) from error
    raise error


def _tell_apart(error: TelegramError) -> None:
    """The same for a clip, with what may be wrong with the clip itself."""
    text = error.message.lower()
    if any(words in text for words in TOO_BIG):
        raise ClipTooBig(error.message) from error
    if any(words in text for words in NO_VIDEOS):
        raise VideosForbidden(error.message) from error
    if not isinstance(error, BadRequest):
        raise error
    _forgive(error)


def _reply(message_id: int) -> ReplyParameters | None:
    if not message_id:
        return None
    return ReplyParameters(message_id, allow_sending_without_reply=True)
