"""/start where not everybody may make clips: an invitation is redeemed, the waiting list grows."""

from sqlite_utils import Database as Tables

from bot.access import Access, why_not
from bot.incoming import Incoming, say
from bot.replies.access import AccessReplies
from bot.replies.groups import GroupReplies
from bot.replies.people import Replies
from bot.rules import Rules
from storage import access, people

INLINE_START = "inline"  # behind /start, from the button above no results
MOST_CODE_UNITS = 64  # of what stands behind ?start= in a link


def enter(db: Tables, incoming: Incoming, rules: Rules, code: str) -> bool:
    """Whether who sends /start may make clips now; when not, they are told how they could."""
    bot_id, user_id = incoming.bot_id, incoming.user_id
    if incoming.is_anonymous:
        # A group cannot be let in; the code is left to somebody who can.
        say(db, incoming, GroupReplies(incoming.language).anonymous())
        return False
    code = "" if code == INLINE_START else code
    if rules.is_admin(incoming.user_id):
        return True
    person = people.get(db, bot_id=bot_id, user_id=user_id)
    if person is not None and person.blocked_at is not None:
        say(db, incoming, Replies(incoming.language).blocked())
        return False
    admitted = access.is_admitted(db, bot_id=bot_id, user_id=user_id)
    # Whoever is in already leaves the code to somebody else.
    if code and not admitted and len(code) <= MOST_CODE_UNITS:
        admitted = access.redeem(db, bot_id=bot_id, user_id=user_id, code=code, now=incoming.now)
    if admitted or rules.access is Access.OPEN:
        return True
    if rules.access is Access.LIST and incoming.is_private:
        access.ask(db, bot_id=bot_id, user_id=user_id, now=incoming.now)
    sentence = why_not(db, rules.access, bot_id, user_id, incoming.language)
    if code:
        replies = AccessReplies(incoming.language)
        sentence = replies.sentences(replies.invitation_spent(), sentence)
    say(db, incoming, sentence)
    return False
