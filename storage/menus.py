"""Who was shown the admins' menu: Telegram keeps it until it is taken away."""

from collections.abc import Collection

from sqlite_utils import Database as Tables

from storage.rows import change, select


def show_to(db: Tables, *, bot_id: int, admins: Collection[int]) -> list[int]:
    """Those are to be shown the admins' menu: who has it and is none of them any more."""
    for user_id in admins:
        change(
            db,
            """INSERT INTO menus_of_admins (bot_id, user_id) VALUES (:bot_id, :user_id)
            ON CONFLICT DO NOTHING""",
            {"bot_id": bot_id, "user_id": user_id},
        )
    rows = select(
        db,
        "SELECT user_id FROM menus_of_admins WHERE bot_id = :bot_id ORDER BY user_id",
        {"bot_id": bot_id},
    )
    return [row["user_id"] for row in rows if row["user_id"] not in admins]


def took_away(db: Tables, *, bot_id: int, user_id: int) -> None:
    """Somebody has the admins' menu no longer."""
    change(
        db,
        "DELETE FROM menus_of_admins WHERE bot_id = :bot_id AND user_id = :user_id",
        {"bot_id": bot_id, "user_id": user_id},
    )
