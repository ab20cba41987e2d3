"""The bot comes and goes: added, removed, muted, blocked; and groups that become supergroups."""

from sqlite_utils import Database as Tables
from telegram import Chat, ChatMember, ChatMemberRestricted, Update, User

from bot import languages
from bot.replies.groups import GroupReplies
from bot.telegram.desk import Desk
from bot.telegram.people import Context
from storage import chats, jobs, outbox, people


def close_chat(db: Tables, bot_id: int, now: float, chat_id: int) -> list[int]:
    """The bot may not write there any more: all that was asked there ends with its credits back.

    Returns the ids of the jobs whose render is to be stopped.
    """
    outbox.drop_in(db, bot_id=bot_id, chat_id=chat_id, reason="the chat is closed", now=now)
    return jobs.give_up_in(db, bot_id=bot_id, chat_id=chat_id, now=now)


def open_chat(db: Tables, bot_id: int, _now: float, chat_id: int) -> None:
    """The bot may write there again: what came of its cards meanwhile is shown."""
    jobs.reopen_cards(db, bot_id=bot_id, chat_id=chat_id)


def greet_group(
    db: Tables, bot_id: int, now: float, update_id: int, chat_id: int, adder: User, bot_name: str
) -> None:
    """Say once how to use the bot, in the language of who added it."""
    open_chat(db, bot_id, now, chat_id)
    if chats.was_moved_to(db, bot_id=bot_id, chat_id=chat_id):
        return  # They know it from before.
    known = people.get(db, bot_id=bot_id, user_id=adder.id)
    language = languages.choose(known.language if known else "", adder.language_code or "")
    outbox.say(
        db,
        bot_id=bot_id,
        key=f"update:{update_id}",
        chat_id=chat_id,
        method="send_message",
        payload={"text": GroupReplies(language).greeting(bot_name)},
        now=now,
    )


def move_chat(db: Tables, bot_id: int, _now: float, chat_id: int, new_chat_id: int) -> None:
    """A group became a supergroup."""
    chats.move(db, bot_id=bot_id, chat_id=chat_id, new_chat_id=new_chat_id)


def is_there(member: ChatMember) -> bool:
    """Whether the bot is in the chat with that membership."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in {ChatMember.LEFT, ChatMember.BANNED}


def may_write(member: ChatMember) -> bool:
    """Whether the bot may send at least text with that membership."""
    muted = isinstance(member, ChatMemberRestricted) and not member.can_send_messages
    return is_there(member) and not muted


class Membership:
    """The handlers of this module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def changed(self, update: Update, context: Context) -> None:
        """The bot's own membership changed; a promotion needs no answer."""
        change = update.my_chat_member
        if change is None:
            return
        chat, before, after = change.chat, change.old_chat_member, change.new_chat_member
        if not may_write(after):
            for job_id in await self._desk.note(update, close_chat, chat.id) or ():
                self._desk.cancel_running(job_id)
        elif not is_there(before) and chat.type in {Chat.GROUP, Chat.SUPERGROUP}:
            await self._desk.note(
                update,
                greet_group,
                update.update_id,
                chat.id,
                change.from_user,
                context.bot.username,
            )
        elif not may_write(before):
            await self._desk.note(update, open_chat, chat.id)

    async def migrated(self, update: Update, _context: Context) -> None:
        """The group became a supergroup: its last message here, or its first one there."""
        message = update.effective_message
        if message is None:
            return
        if message.migrate_to_chat_id is not None:
            ids = (message.chat_id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id is not None:
            ids = (message.migrate_from_chat_id, message.chat_id)
        else:
            return
        await self._desk.note(update, move_chat, *ids)
