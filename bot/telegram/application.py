"""The PTB application: which handler takes which update."""

from typing import Any

from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.clips_folder import ClipsFolder
from bot.telegram.admins import Admins
from bot.telegram.desk import Desk
from bot.telegram.drafts import Drafts
from bot.telegram.inbox import BotApplication
from bot.telegram.pacing import Pacing
from bot.telegram.people import People
from bot.telegram.taps import Taps


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


def add_handlers(application: BotApplication, desk: Desk, clips: ClipsFolder) -> None:
    """Register every handler. New messages only: an edited one must not bill again."""
    people, admins = People(desk), Admins(desk)
    new = filters.UpdateType.MESSAGE
    private = new & filters.ChatType.PRIVATE
    commands = {
        "video": people.video,
        "draft": Drafts(desk).draft,
        "start": people.start,
        "words": people.words,
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
        CallbackQueryHandler(Taps(desk, clips).tapped),
        MessageHandler(private & filters.COMMAND, people.unknown),
        MessageHandler(private & filters.TEXT, people.prompt),
        MessageHandler(private & ~filters.StatusUpdate.ALL, people.other),
    ]
    application.add_handlers(handlers)
