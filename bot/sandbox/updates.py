"""The queue of updates: numbered, kept until the bot confirms them, sent again when told to."""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from bot.sandbox.state import State

KINDS = frozenset(
    {
        "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
        "business_message", "edited_business_message", "deleted_business_messages",
        "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result",
        "callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll",
        "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
        "removed_chat_boost",
    }
)  # fmt: skip
KEPT_SECONDS = 24 * 3600
_ONLY_WHEN_NAMED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


def post_update(state: State, kind: str, payload: dict[str, Any]) -> None:
    """Queue an update, unless the bot did not ask for its kind. Inside a transaction."""
    if kind not in allowed_kinds(state):
        return
    last = state.value("SELECT max(update_id) FROM updates")
    update_id = last + 1 if last is not None else 100_000_000 + secrets.randbelow(800_000_000)
    state.write(
        "INSERT INTO updates (update_id, kind, payload, made_at) VALUES (?, ?, ?, ?)",
        update_id,
        kind,
        json.dumps(payload),
        state.clock(),
    )


def allowed_kinds(state: State) -> frozenset[str]:
    """The kinds of update the bot gets: those it named last, or Telegram's default."""
    named = state.setting("allowed_updates")
    return frozenset(named) if named else KINDS - _ONLY_WHEN_NAMED


def allow(state: State, wanted: Any) -> None:
    """Remember `allowed_updates`: a list of kinds, empty for the default; None changes nothing.

    Kinds that Telegram does not know are dropped, as Telegram does.
    """
    if isinstance(wanted, list):
        state.set_setting("allowed_updates", sorted(KINDS.intersection(map(str, wanted))))


def confirm_before(state: State, update_id: int) -> None:
    """Everything below that id has arrived and is not sent again."""
    state.write("UPDATE updates SET confirmed = 1 WHERE update_id < ? AND confirmed = 0", update_id)


def keep_last(state: State, count: int) -> None:
    """Forget all pending updates but the last so many (a negative offset of getUpdates)."""
    pending = state.rows("SELECT update_id FROM updates WHERE confirmed = 0 ORDER BY update_id")
    if len(pending) > count:
        confirm_before(state, pending[-count]["update_id"])


def pending(state: State, most: int) -> list[dict[str, Any]]:
    """The next updates to send, as Telegram's Update objects: those to send again come first.

    As on Telegram an update that nobody took within 24 hours is lost.
    """
    rows = state.rows(
        "SELECT * FROM updates WHERE (confirmed = 0 AND made_at > ?) OR again = 1 "
        "ORDER BY again DESC, update_id LIMIT ?",
        state.clock() - KEPT_SECONDS,
        most,
    )
    return [
        {"update_id": row["update_id"], row["kind"]: json.loads(row["payload"])} for row in rows
    ]


def mark_sent(state: State, updates: Sequence[dict[str, Any]]) -> None:
    """A redelivery happens once; an unconfirmed update stays pending all the same."""
    for update in updates:
        state.write(
            "UPDATE updates SET again = 0 WHERE update_id = ? AND again = 1", update["update_id"]
        )


def confirm(state: State, update_id: int) -> None:
    """That one update has arrived."""
    state.write(
        "UPDATE updates SET confirmed = 1, again = 0 WHERE update_id = ?",
        update_id,
    )


def drop_pending(state: State) -> None:
    """Nothing that waits now is ever sent."""
    state.write("UPDATE updates SET confirmed = 1, again = 0")


def count_pending(state: State) -> int:
    """How many updates wait for the bot."""
    statement = "SELECT count(*) FROM updates WHERE (confirmed = 0 AND made_at > ?) OR again = 1"
    return int(state.value(statement, state.clock() - KEPT_SECONDS))


def redeliver(state: State, count: int) -> int:
    """Send the last so many updates again, confirmed or not; how many that are."""
    return state.write(
        "UPDATE updates SET again = 1 WHERE update_id IN "
        "(SELECT update_id FROM updates ORDER BY update_id DESC LIMIT ?)",
        count,
    )
