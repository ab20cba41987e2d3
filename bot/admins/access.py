"""Acts on who may make clips: the waiting list, and invitations."""

import secrets

from sqlite_utils import Database as Tables

from bot import languages
from bot.access import Access
from bot.admins.asked import Answer, Asked, Somebody, name_of
from bot.replies.access import AccessReplies
from storage import access, bots, outbox, people

CODE_BYTES = 16
MOST_LISTED = 50


def admit(db: Tables, asked: Asked, whom: Somebody) -> Answer:
    """/admit WHO."""
    _let_in(db, asked, whom.user_id)
    return Answer(text=AccessReplies(asked.language).let_in(whom.name))


def admit_first(db: Tables, asked: Asked, count: int) -> Answer:
    """/admit N: the first N of the waiting list."""
    replies = AccessReplies(asked.language)
    user_ids = access.waiting(db, bot_id=asked.bot_id, limit=count)
    for user_id in user_ids:
        _let_in(db, asked, user_id)
    names = [name_of(db, asked.bot_id, user_id) for user_id in user_ids]
    return Answer(text=replies.let_in_many(names) if names else replies.list_of_waiting([], 0))


def list_waiting(db: Tables, asked: Asked) -> Answer:
    """/admit alone."""
    user_ids = access.waiting(db, bot_id=asked.bot_id, limit=MOST_LISTED)
    names = [name_of(db, asked.bot_id, user_id) for user_id in user_ids]
    count = access.count_waiting(db, bot_id=asked.bot_id)
    return Answer(text=AccessReplies(asked.language).list_of_waiting(names, count))


def _let_in(db: Tables, asked: Asked, user_id: int) -> None:
    is_new = access.admit(db, bot_id=asked.bot_id, user_id=user_id, now=asked.now)
    person = people.get(db, bot_id=asked.bot_id, user_id=user_id)
    if not is_new or person is None or person.first_seen_at is None:
        return
    language = languages.choose(person.language, person.language_code)
    outbox.say(
        db,
        bot_id=asked.bot_id,
        key=f"admitted:{user_id}",
        chat_id=user_id,
        method="send_message",
        payload={"text": AccessReplies(language).admitted()},
        now=asked.now,
    )


def invite(db: Tables, asked: Asked, count: int) -> Answer:
    """/invite N: that many links, each for one person."""
    replies = AccessReplies(asked.language)
    codes = [secrets.token_urlsafe(CODE_BYTES) for _ in range(count)]
    access.invite(db, bot_id=asked.bot_id, codes=codes, made_by=asked.actor_id, now=asked.now)
    username = bots.username(db, bot_id=asked.bot_id)
    start = f"https://t.me/{username}?start=" if username else "/start "
    text = replies.invitations(
        [f"{start}{code}" for code in codes], open_to_all=asked.rules.access is Access.OPEN
    )
    return Answer(text=text)
