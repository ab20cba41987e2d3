"""Reaching Telegram at the start, and telling it what this bot wants."""

import asyncio

import structlog
from telegram.error import InvalidToken, TelegramError

from bot.settings import Settings
from bot.telegram.inbox import ALLOWED_UPDATES, BotApplication
from bot.telegram.menus import publish_menus
from bot.web.server import WEBHOOK_PATH
from storage.database import Database

RETRY_SECONDS = 2.0
log = structlog.get_logger(__name__)


class TokenRefused(Exception):
    """The Bot API server does not know the token."""


async def connect(
    application: BotApplication, settings: Settings, secret: str, database: Database, bot_id: int
) -> None:
    """Return once Telegram has been reached, however long that takes.

    secret: what Telegram shall show with each update that it posts to the webhook.
    Raises: TokenRefused.
    """
    while True:
        try:
            await application.initialize()
            if settings.webhook_url is None:
                await application.bot.delete_webhook()
            else:
                await application.bot.set_webhook(
                    f"{str(settings.webhook_url).rstrip('/')}{WEBHOOK_PATH}",
                    secret_token=secret,
                    allowed_updates=ALLOWED_UPDATES,
                )
            await publish_menus(application.bot, database, bot_id, settings.admins)
            if not application.bot.supports_inline_queries:
                log.warning("nobody can share clips: turn on inline mode, /setinline at @BotFather")
        except InvalidToken:
            raise TokenRefused(
                "KINOGRAM_TELEGRAM_TOKEN=(not shown) is wrong: the Bot API server refuses it"
            ) from None
        except TelegramError as error:
            log.warning("Telegram cannot be reached yet", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return
