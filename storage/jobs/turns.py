"""Whose turn it is: every job gets its place in a fair line once, when it comes, and keeps it.

Each model has a line of its own; what follows holds within one.

The line is made of *rounds*. In a round everybody gets work of one usual clip done, times their
weight; within a round, chats take turns. So the line is in the order of (round, turn, id):

- A person's prompts stand one behind the other: each begins where the one before ends, and none
  begins before the line's own clock. This is start-time fair queueing (Goyal, Vin & Cheng, 1996),
  its tags cut to whole rounds. Nobody's second clip goes before anybody's first, and what somebody
  had before all was idle is not held against them.
- Prompts of one chat in one round stand one behind the other too: a busy group does not hold up
  another chat, and somebody with ten prompts in a group does not hold up the others there. People
  come first and chats second: were a place the later of a person's and a chat's, ten prompts of
  one member would push back all the others of the group.
- The clock is at the start of the round of the last claim, and every claim moves it by a hundredth
  of a round at least. So everyone grows older in line: after a hundred claims a round is closed,
  however many new people with a first prompt still come, and nobody starves.

A place costs some index look-ups, however many wait. Integers, so that nothing drifts.
"""

from dataclasses import dataclass

from sqlite_utils import Database as Tables

from storage.rows import change, select_number, select_one

ROUND_TICKS = 1_000_000
CLAIMS_A_ROUND = 100
USUAL_TENTHS = 10

# A prompt withdrawn before its turn came took no turn.
_TOOK_A_TURN = "(started_at IS NOT NULL OR ended_at IS NULL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A place in the line.

    turn: in ticks after the start of the round, a round's length for each prompt of the chat
        before this one. fair_until: tick at which this person's next prompt begins.
    """

    round: int
    turn: int
    fair_until: int


def take_turn(
    db: Tables, *, bot_id: int, model: str, user_id: int, chat_id: int, cost_tenths: int
) -> Turn:
    """The place in a model's line for a prompt that comes now.

    It is behind the earlier ones of its person and chat.
    """
    asked = {"bot_id": bot_id, "model": model, "user_id": user_id, "chat_id": chat_id}
    known = select_one(
        db,
        f"""SELECT
            coalesce((SELECT now FROM lines
                WHERE bot_id = :bot_id AND model = :model), 0) AS now,
            (SELECT coalesce(max(fair_until), 0) FROM jobs
                WHERE bot_id = :bot_id AND user_id = :user_id AND model = :model
                AND {_TOOK_A_TURN}) AS free_from,
            coalesce((SELECT weight FROM people
                WHERE bot_id = :bot_id AND user_id = :user_id), 1.0) AS person_weight,
            coalesce((SELECT weight FROM chats
                WHERE bot_id = :bot_id AND chat_id = :chat_id), 1.0) AS chat_weight,
            EXISTS (SELECT 1 FROM jobs
                WHERE bot_id = :bot_id AND model = :model AND state = 'queued')
            OR EXISTS (SELECT 1 FROM jobs
                WHERE bot_id = :bot_id AND model = :model AND state = 'running') AS busy""",  # noqa: S608
        asked,
    )
    assert known is not None  # noqa: S101 - a SELECT without FROM has one row
    begins = max(known["now"], known["free_from"])
    if not known["busy"]:
        _set_clock(db, bot_id, model, begins)
    round_ = begins // ROUND_TICKS
    turn = select_number(
        db,
        f"""SELECT max(turn) + :step FROM jobs
        WHERE bot_id = :bot_id AND chat_id = :chat_id AND model = :model
        AND round = :round AND {_TOOK_A_TURN}""",  # noqa: S608
        asked | {"round": round_, "step": round(ROUND_TICKS / known["chat_weight"])},
    )
    weight = known["person_weight"] * known["chat_weight"]
    ticks = round(ROUND_TICKS * cost_tenths / USUAL_TENTHS / weight)
    return Turn(round=round_, turn=turn, fair_until=begins + max(1, ticks))


def turn_came(db: Tables, *, bot_id: int, model: str, round_: int) -> None:
    """A model's job of that round is claimed: its line's clock moves on."""
    now = select_number(
        db,
        "SELECT (SELECT now FROM lines WHERE bot_id = :bot_id AND model = :model)",
        {"bot_id": bot_id, "model": model},
    )
    aged = now + ROUND_TICKS // CLAIMS_A_ROUND
    _set_clock(db, bot_id, model, max(aged, round_ * ROUND_TICKS))


def _set_clock(db: Tables, bot_id: int, model: str, now: int) -> None:
    change(
        db,
        """INSERT INTO lines (bot_id, model, now) VALUES (:bot_id, :model, :now)
        ON CONFLICT (bot_id, model) DO UPDATE SET now = excluded.now""",
        {"bot_id": bot_id, "model": model, "now": now},
    )
