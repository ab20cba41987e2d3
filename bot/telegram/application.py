"""The PTB application: which handler takes which update, and the commands that Telegram shows."""

from typing import Any

import structlog
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import BadRequest, Forbidden
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ExtBot,
    MessageHandler,
    filters,
)

from bot import languages
from bot.replies import ADMIN_COMMANDS, GROUP_COMMANDS, PEOPLE_COMMANDS, Replies
from bot.telegram.admins import Admins
from bot.telegram.desk import Desk
from bot.telegram.inbox import BotApplication
from bot.telegram.pacing import Pacing
from bot.telegram.people import People

log = structlog.get_logger(__name__)


def build_application(token: str, api_root: str, pacing: Pacing) -> BotApplication:
    """An application without PTB's updater: the inbox feeds it."""
    return (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{api_root}/bot")
        .base_file_url(f"{api_root}/file/bot")
        .rate_limiter(pacing)
        .updater(None)
        .build()
    )


def add_handlers(application: BotApplication, desk: Desk) -> None:
    """Register every handler. New messages only: an edited one must not bill again."""
    people, admins = People(desk), Admins(desk)
    new = filters.UpdateType.MESSAGE
    private = new & filters.ChatType.PRIVATE
    commands = {
        "video": people.video,
        "start": people.start,
        "help": people.help,
        "cancel": people.cancel,
        "quota": admins.quota,
        "setquota": admins.setquota,
        "grant": admins.grant,
        "block": admins.block,
        "unblock": admins.unblock,
        "stats": admins.stats,
    }
    handlers: list[Any] = [
        *(CommandHandler(name, callback, filters=new) for name, callback in commands.items()),
        CallbackQueryHandler(people.tapped),
        MessageHandler(private & filters.COMMAND, people.unknown),
        MessageHandler(private & filters.TEXT, people.prompt),
        MessageHandler(private & ~filters.StatusUpdate.ALL, people.other),
    ]
    application.add_handlers(handlers)


async def publish_commands(bot: ExtBot[Any], admins: frozenset[int]) -> None:
    """Tell Telegram which commands to show, per audience and language."""
    audiences: list[tuple[Any, tuple[str, ...]]] = [
        (BotCommandScopeAllPrivateChats(), PEOPLE_COMMANDS),
        (BotCommandScopeAllGroupChats(), GROUP_COMMANDS),
        *((BotCommandScopeChat(admin), PEOPLE_COMMANDS + ADMIN_COMMANDS) for admin in admins),
    ]
    for scope, names in audiences:
        for language in languages.languages():
            replies = Replies(language)
            menu = [BotCommand(name, replies.command(name)) for name in names]
            # English is for every client whose language has no menu of its own.
            code = None if language == languages.SOURCE_LANGUAGE else language
            try:
                await bot.set_my_commands(menu, scope=scope, language_code=code)
            except (BadRequest, Forbidden) as error:
                # An admin who has never written to the bot has no chat with it yet.
                log.info("commands not published", scope=scope.type, error=str(error))
