"""The commands that Telegram shows to each audience, in each language."""

from collections.abc import Collection
from typing import Any

import structlog
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot import languages
from bot.replies.commands import ADMIN_COMMANDS, GROUP_COMMANDS, PEOPLE_COMMANDS, CommandReplies
from storage import menus, people
from storage.database import Database

log = structlog.get_logger(__name__)


async def publish_menus(
    bot: ExtBot[Any], database: Database, bot_id: int, admins: Collection[int]
) -> None:
    """Publish every menu; whoever is no admin any more sees what everybody sees.

    Raises: TelegramError, when Telegram cannot be reached.
    """
    await _publish(bot, BotCommandScopeAllPrivateChats(), PEOPLE_COMMANDS)
    await _publish(bot, BotCommandScopeAllGroupChats(), GROUP_COMMANDS)
    former = await database.run(menus.show_to, bot_id=bot_id, admins=admins)
    everybody = sorted({*admins, *former})
    chosen = await database.read(people.languages, bot_id=bot_id, user_ids=everybody)
    for user_id in everybody:
        is_admin = user_id in admins
        try:
            await publish_own_menu(bot, user_id, language=chosen[user_id], is_admin=is_admin)
        except (BadRequest, Forbidden) as error:
            log.info("no menu until they send /start", user=user_id, error=str(error))
        if not is_admin:
            await database.run(menus.took_away, bot_id=bot_id, user_id=user_id)


async def publish_own_menu(
    bot: ExtBot[Any], user_id: int, *, language: str, is_admin: bool
) -> None:
    """Show a person the menu in the language they chose; "" for that of their Telegram.

    Raises: TelegramError.
    """
    scope = BotCommandScopeChat(user_id)
    names = PEOPLE_COMMANDS + (ADMIN_COMMANDS if is_admin else ())
    if language:
        await _publish(bot, scope, names, spoken=language)
    elif is_admin:
        await _publish(bot, scope, names)
    else:
        for code in _codes():
            await bot.delete_my_commands(scope=scope, language_code=code)


async def _publish(bot: ExtBot[Any], scope: Any, names: tuple[str, ...], spoken: str = "") -> None:
    """Publish a menu for clients of every language, in theirs or in the one that is spoken."""
    for code, language in _codes().items():
        replies = CommandReplies(spoken or language)
        menu = [BotCommand(name, replies.command(name)) for name in names]
        await bot.set_my_commands(menu, scope=scope, language_code=code)


def _codes() -> dict[str | None, str]:
    """Languages by the code that Telegram has for their clients.

    The source language is for every client whose language has no menu of its own.
    """
    return {
        None if language == languages.SOURCE_LANGUAGE else language: language
        for language in languages.languages()
    }
