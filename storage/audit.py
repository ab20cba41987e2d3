"""What admins did, kept for good."""

from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.rows import change, select


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One use of an admin's command. target: whom it named, as typed; at: Unix seconds."""

    id: int
    actor_id: int
    action: str
    target: str
    detail: str
    at: float


def record(
    db: Tables,
    *,
    bot_id: int,
    actor_id: int,
    action: str,
    target: str,
    detail: str = "",
    now: float,
) -> None:
    """Write down what an admin does."""
    change(
        db,
        """INSERT INTO audit (bot_id, actor_id, action, target, detail, at)
        VALUES (:bot_id, :actor_id, :action, :target, :detail, :now)""",
        {
            "bot_id": bot_id,
            "actor_id": actor_id,
            "action": action,
            "target": target,
            "detail": detail,
            "now": now,
        },
    )


def latest(db: Tables, *, bot_id: int, limit: int = 50) -> list[AuditEntry]:
    """The latest entries, the newest first."""
    rows = select(
        db,
        """SELECT id, actor_id, action, target, detail, at FROM audit
        WHERE bot_id = :bot_id ORDER BY id DESC LIMIT :limit""",
        {"bot_id": bot_id, "limit": limit},
    )
    return [AuditEntry(**row) for row in rows]
