"""The desk between handlers and storage: one update, one transaction, one effect."""

# Otherwise the annotations of functions within functions are evaluated at each call.
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database as Tables
from telegram import Update, User

from bot import languages
from bot.card import Live
from bot.incoming import Incoming
from bot.rules import Rules
from bot.telegram.chat_admins import leads_chat
from bot.workers import WorkerState
from storage import chats, forgetting, inbox, outbox, people
from storage.chats import Chat
from storage.database import Database
from storage.people import Names, Person

P = ParamSpec("P")
T = TypeVar("T")
Effect = Callable[Concatenate[Tables, Incoming, Rules, P], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What handlers need: where effects are written, and whom to wake when one is.

    done: told of each update that a transaction has marked done.
    workers, live: what this process knows of its workers, and of the jobs that run.
    """

    database: Database
    bot_id: int
    rules: Rules
    clock: Callable[[], float]
    wake: Callable[[], None]
    done: Callable[[int], None]
    cancel_running: Callable[[int], None]
    workers: Callable[[], Sequence[WorkerState]]
    live: Mapping[int, Live]

    async def handle(
        self, update: Update, effect: Effect[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """What the effect returns; None, and no effect, when the update was handled before."""
        leads = await self._asks_as_admin(update)

        def transaction(db: Tables) -> T | None:
            now = self.clock()
            if not inbox.mark_done(db, bot_id=self.bot_id, update_id=update.update_id, now=now):
                return None
            incoming = self._meet(db, update, now, leads)
            return None if incoming is None else effect(db, incoming, self.rules, *args, **kwargs)

        transaction.__name__ = getattr(effect, "__name__", "effect")
        result = await self.database.run(transaction)
        self.done(update.update_id)
        self.wake()
        return result

    async def note(
        self,
        update: Update,
        effect: Callable[Concatenate[Tables, int, float, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """The same for an update that nobody wrote: what `effect(db, bot_id, now, ...)` returns."""

        def transaction(db: Tables) -> T | None:
            now = self.clock()
            if not inbox.mark_done(db, bot_id=self.bot_id, update_id=update.update_id, now=now):
                return None
            return effect(db, self.bot_id, now, *args, **kwargs)

        transaction.__name__ = getattr(effect, "__name__", "effect")
        result = await self.database.run(transaction)
        self.done(update.update_id)
        self.wake()
        return result

    async def _asks_as_admin(self, update: Update) -> bool:
        """Whether an administrator of the group acts; asked where only those may ask."""
        chat = update.effective_chat
        if chat is None or chat.id >= 0:
            return False
        known = await self.database.read(self._known, chat.id)
        return known.admins_only and await leads_chat(update)

    def _known(self, db: Tables, chat_id: int) -> Chat:
        here = {"bot_id": self.bot_id}
        return chats.get(db, **here, chat_id=chats.current_id(db, **here, chat_id=chat_id))

    def _meet(self, db: Tables, update: Update, now: float, leads: bool) -> Incoming | None:
        user, chat, query = update.effective_user, update.effective_chat, update.callback_query
        # Of a message that Telegram has put away, a tap tells the id: PTB calls that none.
        message = query.message if query else update.effective_message
        if user is None or chat is None or message is None:
            return None
        sender = None if query else getattr(message, "sender_chat", None)
        if sender is not None and sender.id == chat.id:
            user_id, language, person = chat.id, languages.SOURCE_LANGUAGE, None
        elif user.is_bot or sender is not None:
            return None  # A channel's post, say: nobody to answer, and nobody to charge.
        else:
            person = self._meet_person(db, user, now)
            if self.rules.is_admin(user.id) and chat.id == user.id:
                outbox.release(db, bot_id=self.bot_id, chat_id=user.id)
            user_id = user.id
            language = languages.choose(person.language, person.language_code)
        chat_id = chats.current_id(db, bot_id=self.bot_id, chat_id=chat.id)
        in_topic = getattr(message, "is_topic_message", False)
        return Incoming(
            bot_id=self.bot_id,
            update_id=update.update_id,
            user_id=chat_id if user_id == chat.id and chat.id < 0 else user_id,
            chat_id=chat_id,
            chat_type=chat.type,
            # Elsewhere than in a forum it names a mere thread of replies, which cannot be sent to.
            thread_id=getattr(message, "message_thread_id", None) if in_topic else None,
            message_id=message.message_id if chat_id == chat.id else 0,
            language=language,
            now=now,
            person=person,
            leads_chat=leads,
        )

    def _meet_person(self, db: Tables, user: User, now: float) -> Person:
        who = {"bot_id": self.bot_id, "user_id": user.id}
        names: Names = {
            "username": user.username,
            "first_name": user.first_name,
            "language_code": user.language_code or "",
        }
        # Nearly always: then nothing is written.
        person = people.named(db, **who, **names)
        if person is None:
            hashed_id = forgetting.hash_id(self.rules.people_key, **who)
            forgetting.recognise(db, **who, hashed_id=hashed_id)
            person = people.see(db, **who, **names, now=now)
        return person
