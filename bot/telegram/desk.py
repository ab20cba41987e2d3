"""The desk between handlers and storage: one update, one transaction, one effect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database as Tables
from telegram import Update

from bot import languages
from bot.card import Live
from bot.dispatcher import WorkerState
from bot.intake import Incoming
from bot.rules import Rules
from storage import forgetting, inbox, people
from storage.database import Database

P = ParamSpec("P")
T = TypeVar("T")
Effect = Callable[Concatenate[Tables, Incoming, Rules, P], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What handlers need: where effects are written, and whom to wake when one is.

    workers, live: what this process knows of its workers, and of the jobs that run.
    """

    database: Database
    bot_id: int
    rules: Rules
    clock: Callable[[], float]
    wake: Callable[[], None]
    cancel_running: Callable[[int], None]
    workers: Callable[[], Sequence[WorkerState]]
    live: Mapping[int, Live]

    async def handle(
        self, update: Update, effect: Effect[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """What the effect returns; None, and no effect, when the update was handled before."""

        def transaction(db: Tables) -> T | None:
            now = self.clock()
            if not inbox.mark_done(db, bot_id=self.bot_id, update_id=update.update_id, now=now):
                return None
            incoming = self._meet(db, update, now)
            return None if incoming is None else effect(db, incoming, self.rules, *args, **kwargs)

        transaction.__name__ = getattr(effect, "__name__", "effect")
        result = await self.database.run(transaction)
        self.wake()
        return result

    def _meet(self, db: Tables, update: Update, now: float) -> Incoming | None:
        user, chat, message = update.effective_user, update.effective_chat, update.effective_message
        if user is None or chat is None or message is None or user.is_bot:
            return None
        hashed_id = forgetting.hash_id(self.rules.people_key, bot_id=self.bot_id, user_id=user.id)
        forgetting.recognise(db, bot_id=self.bot_id, user_id=user.id, hashed_id=hashed_id)
        person = people.see(
            db,
            bot_id=self.bot_id,
            user_id=user.id,
            username=user.username,
            first_name=user.first_name,
            language_code=user.language_code or "",
            now=now,
        )
        return Incoming(
            bot_id=self.bot_id,
            update_id=update.update_id,
            user_id=user.id,
            chat_id=chat.id,
            chat_type=chat.type,
            thread_id=getattr(message, "message_thread_id", None),
            message_id=message.message_id,
            language=languages.choose(person.language, person.language_code),
            now=now,
        )
