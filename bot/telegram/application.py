"""The PTB application: which handler takes which update."""

from typing import Any

from telegram import MessageEntity
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.clips_folder import ClipsFolder
from bot.telegram.admins import Admins
from bot.telegram.desk import Desk
from bot.telegram.drafts import Drafts
from bot.telegram.feedback import FeedbackDesk
from bot.telegram.groups import DATA, Groups
from bot.telegram.inbox import BotApplication
from bot.telegram.jobs import Jobs
from bot.telegram.membership import Membership
from bot.telegram.pacing import Pacing
from bot.telegram.people import People
from bot.telegram.pictures import AsksOfPicture, Pictures
from bot.telegram.preferences import TAP as SETTINGS_TAP
from bot.telegram.preferences import Preferences
from bot.telegram.privacy import TAP as FORGET_TAP
from bot.telegram.privacy import Privacy
from bot.telegram.requests import AiohttpRequest
from bot.telegram.sharing import MAKE_LINK, Sharing
from bot.telegram.taps import Taps


def build_application(token: str, api_root: str, pacing: Pacing) -> BotApplication:
    """An application without PTB's updater: the inbox feeds it."""
    return (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{api_root}/bot")
        .base_file_url(f"{api_root}/file/bot")
        .request(AiohttpRequest())
        .get_updates_request(AiohttpRequest())  # never called, but otherwise made by PTB
        .rate_limiter(pacing)
        .updater(None)
        .build()
    )


def add_handlers(application: BotApplication, desk: Desk, clips: ClipsFolder) -> None:
    """Register every handler. New messages only: an edited one must not bill again."""
    people, admins, membership = People(desk), Admins(desk), Membership(desk)
    jobs, preferences, groups = Jobs(desk), Preferences(desk), Groups(desk, people)
    privacy, feedback = Privacy(desk, clips), FeedbackDesk(desk)
    # Nor does a clip that somebody posts by inline mode, of which the bot hears as well.
    new = filters.UpdateType.MESSAGE & ~filters.VIA_BOT
    private = new & filters.ChatType.PRIVATE
    mention = new & filters.ChatType.GROUPS & filters.TEXT & filters.Entity(MessageEntity.MENTION)
    commands = {
        "video": people.video,
        "draft": Drafts(desk).draft,
        "start": people.start,
        "jobs": jobs.jobs,
        "show": jobs.show,
        "settings": preferences.settings,
        "privacy": privacy.privacy,
        "forgetme": privacy.forgetme,
        "feedback": feedback.feedback,
        "words": people.words,
        "help": people.help,
        "cancel": people.cancel,
        "group": groups.group,
        **admins.handlers(),
    }
    make_link = CommandHandler(
        "start", Sharing(desk).make_your_own, filters=new & filters.Regex(MAKE_LINK)
    )
    handlers: list[Any] = [
        make_link,  # before any other /start
        # First, for its messages may also be commands or plain text.
        MessageHandler(new & AsksOfPicture(), Pictures(desk).take),
        *(CommandHandler(name, callback, filters=new) for name, callback in commands.items()),
        CallbackQueryHandler(preferences.tapped, pattern=SETTINGS_TAP),
        CallbackQueryHandler(privacy.tapped, pattern=FORGET_TAP),
        CallbackQueryHandler(groups.tapped, pattern=DATA),
        CallbackQueryHandler(Taps(desk, clips).tapped),
        MessageHandler(new & feedback.answers, feedback.answered),
        ChatMemberHandler(membership.changed, ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(new & filters.StatusUpdate.MIGRATE, membership.migrated),
        MessageHandler(mention, groups.mentioned),
        MessageHandler(private & filters.COMMAND, people.unknown),
        MessageHandler(private & filters.TEXT, people.prompt),
        MessageHandler(private & ~filters.StatusUpdate.ALL, people.other),
    ]
    application.add_handlers(handlers)
