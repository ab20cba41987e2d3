"""Every command of admins on its own tables: what it answers, changes and leaves in the audit."""

import dataclasses
import re

import pytest
from sqlite_utils import Database as Tables

from bot.access import Access
from bot.admins.asked import SHELL, Answer, Asked
from bot.admins.commands import COMMANDS, carry_out
from bot.replies.commands import ADMIN_COMMANDS
from bot.rules import Rules
from bot.screening.screen import Screen
from bot.text_length import utf16_length
from inference import catalog
from storage import access, audit, bots, outbox, quotas
from tests.storage.examples import ADA, BO, BOT, CLEO, ask, start

NOW = 1_800_000_000.0
ASKED = Asked(
    bot_id=BOT,
    actor_id=CLEO,
    language="en",
    now=NOW,
    rules=Rules(
        model=catalog.find("builtin"),
        daily_tenths=100,
        waiting_a_person=5,
        waiting_a_chat=20,
        admins=frozenset({CLEO}),
        screen=Screen([]),
        access=Access.LIST,
    ),
)


def do(db: Tables, line: str, asked: Asked = ASKED, replied_to: int | None = None) -> Answer:
    name, *words = line.split()
    return carry_out(db, asked, name, words, replied_to)


def audited(db: Tables) -> list[tuple[str, str, str]]:
    entries = audit.latest(db, bot_id=BOT, limit=1000)
    return [(entry.action, entry.target, entry.detail) for entry in reversed(entries)]


def left_tenths(db: Tables, user_id: int) -> int:
    return quotas.quota(
        db, bot_id=BOT, user_id=user_id, default_daily_tenths=100, now=NOW
    ).left_tenths


def test_every_command_that_is_announced_can_be_carried_out(db: Tables) -> None:
    words = {"WHO": "@ada", "CREDITS": "2", "WEIGHT": "2", "N": "2"}
    for name in ADMIN_COMMANDS:
        usage = COMMANDS[name].usage if name in COMMANDS else "WHO"
        line = " ".join([name, *(words[word] for word in usage.split())])
        assert not do(db, line).refused, line
    assert [action for action, _, _ in audited(db)] == [*ADMIN_COMMANDS]


@pytest.mark.parametrize(
    ("line", "answer", "entry"),
    [
        ("quota @ada", "@ada\nCredits left: 10 of 10 a day", ("quota", "@ada", "")),
        ("setquota ADA 2.5", "@ada has 2.5 credits a day", ("setquota", "ADA", "2.5")),
        ("grant 1001 3", "@ada got 3 credits", ("grant", "1001", "3")),
        ("grant 424242 3", "424242 got 3 credits", ("grant", "424242", "3")),
        ("block @ada", "@ada is blocked", ("block", "@ada", "")),
        ("unblock @ada", "@ada is not blocked", ("unblock", "@ada", "")),
        ("priority @ada 2,5", "@ada has 2.5 turns in line", ("priority", "@ada", "2,5")),
        ("grant @nobody 3", "I have not seen @nobody", ("grant", "@nobody", "3")),
    ],
)
def test_an_act_about_somebody_is_answered_and_audited(
    line: str, answer: str, entry: tuple[str, str, str], db: Tables
) -> None:
    assert answer in do(db, line).text
    assert audited(db) == [entry]


@pytest.mark.parametrize(
    "line",
    [
        *("grant @ada", "grant @ada 0", "grant @ada -3", "grant @ada nan", "grant @ada 1.55"),
        *("setquota @ada 9999999", "setquota @ada ٣", "block", "block @ada now", "quota @ada @bo"),
        *("priority @ada 0", "priority @ada 10.1", "priority @ada", "stats now", "pause 5"),
        *("invite", "invite 0", "invite 51", "invite 1.5", "invite 二", "admit @ada @bo"),
    ],
)
def test_what_is_not_understood_changes_nothing_and_shows_the_usage(line: str, db: Tables) -> None:
    answer = do(db, line)
    assert answer.refused
    assert answer.text.startswith(f"Write /{line.split(maxsplit=1)[0]}")
    assert audited(db) == []
    assert left_tenths(db, ADA) == 100


def test_a_name_of_thousands_of_letters_is_answered_in_one_message(db: Tables) -> None:
    for name in ("x" * 4000, "👨‍👩‍👧‍👦" * 300):
        answer = do(db, f"block {name}")
        assert answer.text.startswith("I have not seen ")
        assert utf16_length(answer.text) < 200


def test_a_reply_names_whom_a_command_is_about(db: Tables) -> None:
    assert "@bo got 2 credits" in do(db, "grant 2", replied_to=BO).text
    assert "@ada got 2 credits" in do(db, "grant @ada 2", replied_to=BO).text
    assert do(db, "admit", replied_to=BO).text == "@bo may make clips."


def test_a_priority_counts_from_the_next_prompt_on(db: Tables) -> None:
    do(db, "priority @ada 10")
    for user_id in (BO, ADA):
        for _ in range(3):
            ask(db, user_id=user_id)
    assert [start(db).user_id for _ in range(6)] == [BO, ADA, ADA, ADA, BO, BO]


# Getting in


def test_the_waiting_list_is_shown_and_admitted_from_and_people_are_told(db: Tables) -> None:
    assert do(db, "admit").text == "Nobody is on the waiting list."
    assert do(db, "admit 5").text == "Nobody is on the waiting list."
    for now, user_id in enumerate((BO, ADA, 4242)):
        access.ask(db, bot_id=BOT, user_id=user_id, now=now)
    shown = do(db, "admit").text
    assert shown.startswith("3 people wait to be let in:\n1. @bo\n2. @ada\n3. 4242\n")
    assert do(db, "admit 2").text == "May make clips now: @bo, @ada"
    assert do(db, "admit 4242").text == "4242 may make clips."
    assert do(db, "admit @ada").text == "@ada may make clips.", "twice does no harm"
    told = {row.chat_id: row.payload["text"] for row in outbox.pending(db, bot_id=BOT, now=NOW)}
    assert told == {
        BO: "你可以生成视频了：请告诉我视频要展示什么。",
        ADA: "You may make clips now: send me what the video shall show.",
    }


def test_a_long_waiting_list_is_cut_short_and_counted(db: Tables) -> None:
    for number in range(1234):
        access.ask(db, bot_id=BOT, user_id=10**14 + number, now=number)
    shown = do(db, "admit").text
    assert shown.startswith("1,234 people wait")
    assert utf16_length(shown) <= 4096


@pytest.mark.parametrize("language", ["en", "zh"])
def test_invitations_are_links_that_fit_into_one_message_and_work(
    language: str, db: Tables
) -> None:
    name = "k" * 29 + "bot"  # As long as Telegram allows.
    bots.see(db, bot_id=BOT, username=name)
    answer = do(db, "invite 50", dataclasses.replace(ASKED, language=language))
    codes = re.findall(rf"^https://t\.me/{name}\?start=([\w-]{{22}})$", answer.text, re.MULTILINE)
    assert len(set(codes)) == 50
    assert utf16_length(answer.text) <= 4096
    assert all(code not in str(list(db.query("SELECT * FROM invitations"))) for code in codes)
    assert all(code not in str(audited(db)) for code in codes)
    assert access.redeem(db, bot_id=BOT, user_id=ADA, code=codes[7], now=NOW)


def test_invitations_are_not_shown_to_a_group(db: Tables) -> None:
    answer = do(db, "invite 5", dataclasses.replace(ASKED, is_private=False))
    assert answer.refused
    assert "in private" in answer.text
    assert list(db.query("SELECT * FROM invitations")) == []


def test_an_open_bot_says_that_nobody_needs_an_invitation(db: Tables) -> None:
    rules = dataclasses.replace(ASKED.rules, access=Access.OPEN)
    answer = do(db, "invite 1", dataclasses.replace(ASKED, rules=rules))
    assert "/start " in answer.text
    assert answer.text.endswith("KINOGRAM_ACCESS is open: nobody needs an invitation now.")


# The whole service


def test_the_shell_is_told_about_values_and_not_about_replies(db: Tables) -> None:
    answer = do(db, "grant @ada much", dataclasses.replace(ASKED, actor_id=SHELL))
    assert answer.refused
    assert answer.text == "CREDITS is a number such as 5 or 2.5."
