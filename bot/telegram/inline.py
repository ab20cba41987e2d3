"""Inline mode: `@bot words` in any chat finds clips and posts them by Telegram's own file.

An inline query is worth nothing a few seconds later, so it goes past the inbox: nothing is written,
and of everybody only the newest query waits, however fast they type.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlite_utils import Database as Tables
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultCachedVideo,
    InlineQueryResultsButton,
)
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot import languages
from bot.card import CAPTION_UNITS
from bot.prompts import clean
from bot.replies.sharing import SharingReplies
from bot.telegram.entrance import INLINE_START
from bot.telegram.sharing import make_link
from bot.text_length import cut, utf16_length
from storage import forgetting, people, sharing
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.people import Person
from storage.sharing import Place, SharedClip

TOKEN = re.compile(r"[0-9a-f]{16}", re.ASCII)
OFFSET = re.compile(r"([op])(\d{1,18})", re.ASCII)
RESULTS_A_PAGE = 50
TITLE_UNITS = 128
MAKER_UNITS = 64
TOO_OLD_SECONDS = 10.0
ANSWERED_AT_ONCE = 8
MOST_WAITING = 1000
log = structlog.get_logger(__name__)


def read_offset(offset: str) -> Place:
    """The place in the list that Telegram hands back; the beginning when it is not one of ours."""
    match = OFFSET.fullmatch(offset)
    return Place(own=match[1] == "o", before=int(match[2])) if match else Place()


def write_offset(place: Place | None) -> str:
    """The other way; "" at the end of the list."""
    return "" if place is None else f"{'o' if place.own else 'p'}{place.before}"


class InlineQueries:
    """Answers the newest inline query of each person; several people at once."""

    def __init__(
        self,
        bot: ExtBot[None],
        database: Database,
        bot_id: int,
        clock: Callable[[], float],
        people_key: bytes,
    ) -> None:
        self._people_key = people_key
        self._bot = bot
        self._database = database
        self._bot_id = bot_id
        self._clock = clock
        self._newest: dict[int, tuple[Mapping[str, Any], float]] = {}
        self._waiting: asyncio.Queue[int] = asyncio.Queue()

    def take(self, payload: Mapping[str, Any]) -> bool:
        """True when an update is an inline query, which is answered soon or never."""
        query = payload.get("inline_query")
        if not isinstance(query, dict):
            return False
        person = (query.get("from") or {}).get("id")
        if person is None:
            return True
        if person not in self._newest:
            if len(self._newest) >= MOST_WAITING:
                return True
            self._waiting.put_nowait(person)
        self._newest[person] = query, self._clock()
        return True

    async def run(self) -> None:
        """Answer until cancelled."""
        async with asyncio.TaskGroup() as answering:
            for _ in range(ANSWERED_AT_ONCE):
                answering.create_task(self._answer_all())

    async def _answer_all(self) -> None:
        while True:
            payload, asked_at = self._newest.pop(await self._waiting.get())
            if self._clock() - asked_at > TOO_OLD_SECONDS:
                continue
            try:
                await self._answer(InlineQuery.de_json(dict(payload), self._bot))
            except (TelegramError, StorageUnavailable) as error:
                log.info("an inline query stays unanswered", error=str(error))
            except Exception:
                # Strangers choose its words: whatever goes wrong with it must not end the service.
                log.exception("an inline query could not be answered")

    async def _answer(self, query: InlineQuery) -> None:
        user = query.from_user
        words = query.query.strip()
        person = await self._database.read(self._known, user.id)
        language = languages.choose(person.language if person else "", user.language_code or "")
        replies = SharingReplies(language)
        then: Place | None = None
        if person is not None and person.blocked_at is not None:
            found, otherwise = [], replies.blocked()
        elif TOKEN.fullmatch(words):
            clip = await self._database.read(sharing.by_token, bot_id=self._bot_id, token=words)
            found = [clip] if clip is not None and clip.is_for(user.id) else []
            otherwise = replies.not_shared()
        else:
            found, then = await self._database.read(
                sharing.search,
                bot_id=self._bot_id,
                user_id=user.id,
                words=words,
                after=read_offset(query.offset),
                limit=RESULTS_A_PAGE,
            )
            otherwise = replies.none_found()
        button = None
        if not found and not query.offset:
            button = InlineQueryResultsButton(otherwise, start_parameter=INLINE_START)
        # Neither kept nor shown to others: one's private clips are among them, and any may be
        # deleted the next moment.
        await query.answer(
            [self._result(clip, user.id, replies) for clip in found],
            cache_time=0,
            is_personal=True,
            next_offset=write_offset(then),
            button=button,
        )

    def _known(self, db: Tables, user_id: int) -> Person | None:
        """The person, by the hash of their id where they were forgotten: a block outlasts that."""
        who = {"bot_id": self._bot_id, "user_id": user_id}
        hashed_id = forgetting.hash_id(self._people_key, **who)
        return people.get(db, **who) or people.get(db, bot_id=self._bot_id, user_id=hashed_id)

    def _result(
        self, clip: SharedClip, user_id: int, replies: SharingReplies
    ) -> InlineQueryResultCachedVideo:
        maker = cut(clean(clip.maker), MAKER_UNITS)
        tail = f"\n{replies.made_by(maker)}" if maker else ""
        own = clip.maker_id == user_id
        link = make_link(self._bot.username, clip.token)
        return InlineQueryResultCachedVideo(
            id=clip.token,
            video_file_id=clip.file_id,
            title=cut(clip.prompt, TITLE_UNITS),
            description=replies.own(public=clip.is_public) if own else maker,
            caption=cut(clip.prompt, CAPTION_UNITS - utf16_length(tail)) + tail,
            reply_markup=InlineKeyboardMarkup(
                [[InlineKeyboardButton(replies.make_your_own(), url=link)]]
            ),
        )
