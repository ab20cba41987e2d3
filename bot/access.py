"""Who may make clips: everybody, whom an invitation let in, or whom an admin admitted."""

from enum import StrEnum

from sqlite_utils import Database as Tables

from bot.replies.access import AccessReplies
from storage import access


class Access(StrEnum):
    """How people come in. Admins always do, and whoever had a clip before."""

    OPEN = "open"
    INVITE = "invite"
    LIST = "list"


def why_not(db: Tables, rule: Access, bot_id: int, user_id: int, language: str) -> str:
    """Why somebody who is no admin may not make clips yet, in words; "" when they may."""
    if rule is Access.OPEN or access.is_admitted(db, bot_id=bot_id, user_id=user_id):
        return ""
    replies = AccessReplies(language)
    if rule is Access.INVITE:
        return replies.invitation_wanted()
    place = access.place(db, bot_id=bot_id, user_id=user_id)
    return replies.list_wanted() if place is None else replies.on_the_list(place)
