"""Appeal and Allow: the buttons about a clip that the check of frames held back."""

from sqlite_utils import Database as Tables

from bot import languages
from bot.incoming import Incoming
from bot.replies.appeals import AppealReplies
from bot.rules import Rules
from storage import audit, clips, jobs, outbox, people
from storage.jobs import Job


def appeal(db: Tables, incoming: Incoming, rules: Rules, job: Job) -> str:
    """Tell every admin who asked for what. Returns the words for whoever tapped."""
    replies = AppealReplies(incoming.language)
    if incoming.user_id != job.user_id:
        return replies.not_yours()
    if not rules.admins:
        return replies.nobody_to_ask()
    is_kept = job.forgotten_at is None and clips.of_job(db, job.id) is not None
    if job.error != jobs.SCREENED or not is_kept:
        return replies.too_late()
    person = people.get(db, bot_id=job.bot_id, user_id=job.user_id)
    # With the id, which stays when the name changes: /block takes it, and /forgetme finds it here.
    name = f"@{person.username} " if person and person.username else ""
    who = f"{name}{job.user_id}"
    for admin_id in sorted(rules.admins):
        admin = people.get(db, bot_id=job.bot_id, user_id=admin_id)
        language = languages.choose(admin.language, admin.language_code) if admin else "en"
        theirs = AppealReplies(language)
        outbox.say(
            db,
            bot_id=job.bot_id,
            key=f"appeal:{job.id}:{admin_id}",
            chat_id=admin_id,
            method="send_message",
            payload={
                "text": theirs.appeal(who, job.request.prompt),
                "buttons": [[(theirs.allow(), f"allow:{job.token}")]],
            },
            keep=True,
            now=incoming.now,
        )
    return replies.asked()


def allow(db: Tables, incoming: Incoming, rules: Rules, token: str) -> str:
    """Have the clip delivered after all. Returns the words for whoever tapped."""
    replies = AppealReplies(incoming.language)
    if not rules.is_admin(incoming.user_id):
        return replies.only_admins()
    job = jobs.held_back(db, bot_id=incoming.bot_id, token=token)
    if job is None or not jobs.allow(db, job=job, update_id=incoming.update_id, now=incoming.now):
        return replies.too_late()
    audit.record(
        db,
        bot_id=incoming.bot_id,
        actor_id=incoming.user_id,
        action="allow",
        target=str(job.user_id),
        detail=f"job {job.id}",
        now=incoming.now,
    )
    return replies.allowed()
