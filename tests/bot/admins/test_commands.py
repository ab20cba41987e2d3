"""Every command of admins on its own tables: what it answers, changes and leaves in the audit."""

import dataclasses
import random
import re
from collections.abc import Iterator

import pytest
from sqlite_utils import Database as Tables

from bot.access import Access
from bot.admins.asked import SHELL, Answer, Asked
from bot.admins.commands import COMMANDS, carry_out
from bot.card import Live
from bot.replies.commands import ADMIN_COMMANDS
from bot.rules import Rules
from bot.screening.screen import Screen
from bot.text_length import utf16_length
from inference import catalog
from inference.values import Progress, Stage
from storage import access, audit, bots, jobs, outbox, people, quotas
from storage.bots import Mode
from storage.database import open_in_memory
from tests.fleets import Worker
from tests.storage.examples import ADA, BO, BOT, CLEO, GROUP, ask, render, start

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


@pytest.fixture
def db() -> Iterator[Tables]:
    with open_in_memory() as tables:
        for user_id, name, code in ((ADA, "ada", "en"), (BO, "bo", "zh"), (CLEO, "cleo", "en")):
            people.see(
                tables,
                bot_id=BOT,
                user_id=user_id,
                username=name,
                first_name=name,
                language_code=code,
                now=1.0,
            )
        yield tables


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


def test_the_queue_shows_who_waits_where_for_how_long_and_for_what(db: Tables) -> None:
    assert do(db, "queue").text == "Nothing waits and nothing runs."
    ask(db, user_id=ADA, now=NOW - 120, prompt="a cat " * 30)
    ask(db, user_id=BO, chat_id=GROUP, now=NOW - 30, prompt="一只猫")
    ask(db, user_id=4242, now=NOW - 5)
    job = start(db)
    progress = Progress(stage=Stage.DENOISE, step=3, steps=20)
    live = {job.id: Live(progress=progress, claimed_at=NOW, worker=1)}
    assert do(db, "queue", dataclasses.replace(ASKED, live=live)).text.splitlines() == [
        "Waiting: 2, running: 1",
        "▶ @ada · 2 minutes · Rendering 3/20 · a cat a cat a cat a cat a cat a cat a c…",
        "1. @bo · group -100 · 30 seconds · 一只猫",
        "2. 4242 · 5 seconds · a cat moves left on blue",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_queue_fits_into_one_message_and_the_rest_is_counted(
    language: str, db: Tables
) -> None:
    chance = random.Random(7)
    for number in range(250):
        prompt = chance.choice(["👨‍👩‍👧‍👦" * 20, "一只猫" * 60, "a cat"])
        ask(db, user_id=10**15 + number, chat_id=-(10**12) - number, prompt=prompt, now=NOW)
    text = do(db, "queue", dataclasses.replace(ASKED, language=language)).text
    assert utf16_length(text) <= 4096
    *shown, last = text.splitlines()[1:]
    rest = re.search(r"\d+", last)
    assert rest is not None
    assert len(shown) + int(rest[0]) == 250


def test_workers_are_shown_with_what_they_render_and_why_they_do_not(db: Tables) -> None:
    assert do(db, "workers").text.startswith("No worker yet")
    ask(db, user_id=ADA, now=NOW - 60)
    job = start(db)
    asked = dataclasses.replace(
        ASKED,
        workers=[
            Worker(number=1, state="busy"),
            Worker(number=2, state="lost", error="CUDA " * 2000),
            Worker(number=3, state="idle", error="an old one"),
        ],
        live={job.id: Live(progress=None, claimed_at=NOW, worker=1)},
    )
    lines = do(db, "workers", asked).text.splitlines()
    assert lines[0] == "3 workers, ready: 2"
    assert lines[1] == "1: busy"
    assert lines[2].strip().startswith("▶ @ada")
    assert lines[3].startswith("2: lost · CUDA")
    assert len(lines[3]) < 300
    assert lines[4] == "3: ready"


def test_pause_drain_and_resume_say_what_holds_from_now_on(db: Tables) -> None:
    job = ask(db)
    assert do(db, "pause").text.startswith("Paused: prompts are accepted and wait")
    assert bots.mode(db, bot_id=BOT) is Mode.PAUSED
    assert do(db, "queue").text.startswith("Paused")
    assert "1 clip is still to be made" in do(db, "drain").text
    assert bots.mode(db, bot_id=BOT) is Mode.DRAINING
    jobs.fail(db, job_id=job.id, error="disk", now=NOW)
    for line in ("queue", "workers", "drain"):
        assert do(db, line).text.startswith("Drained: nothing waits or runs"), line
    assert do(db, "resume").text.startswith("Working")
    assert bots.mode(db, bot_id=BOT) is Mode.WORKING


def test_a_clip_that_is_not_delivered_yet_keeps_a_bot_from_being_drained(db: Tables) -> None:
    ask(db, now=NOW)
    job = render(db, now=NOW)
    assert "1 clip is still to be made" in do(db, "drain").text
    jobs.delivered(db, job_id=job.id, file_id=None, now=NOW)
    assert do(db, "queue").text.startswith("Drained")


def test_statistics_tell_today_and_the_week_and_causes_in_words(db: Tables) -> None:
    day = 86_400
    for ago, count in ((0, 2), (3, 1), (30, 5)):
        for _ in range(count):
            ask(db, user_id=ADA, now=NOW - ago * day)
            job = render(db, now=NOW - ago * day)
            jobs.delivered(db, job_id=job.id, file_id=None, now=NOW - ago * day)
    for cause in ("memory", "unreachable", "never heard of", "nor of this"):
        jobs.fail(db, job_id=ask(db, user_id=BO, now=NOW).id, error=cause, now=NOW)
    answer = do(db, "stats")
    today, week, rest = answer.text.split("\n\n")
    assert today.startswith("Today\nClips: 2\nPeople: 2\nCredits spent: 2\nFailures: ")
    for words in ("not enough memory 1", "the chat is closed to the bot 1", "something else 2"):
        assert words in today
    assert "Seconds a clip: 8" in today
    assert "Clips: 3\n" in week
    assert rest == "Waiting: 0, running: 0\nPeople known: 3"
    assert [(one.clips, one.seconds) for one in answer.days] == [
        *[(0, None)] * 3,
        (1, 8.0),
        *[(0, None)] * 2,
        (2, 8.0),
    ]
    chinese = do(db, "stats", dataclasses.replace(ASKED, language="zh"))
    assert "内存不足 1" in chinese.text
    assert utf16_length(f"{answer.text}\n{answer.legend}") <= 1024


def test_the_audit_tells_who_did_what_to_whom_when(db: Tables) -> None:
    assert do(db, "audit").text == "No admin has done anything yet."
    for _ in range(30):
        do(db, "quota @bo")
    do(db, "grant @ada 2.5", dataclasses.replace(ASKED, actor_id=SHELL))
    do(db, f"block {'x' * 4000}")
    head, *lines = do(db, "audit").text.splitlines()
    assert head == "What admins did last (times in UTC):"
    assert len(lines) == 20
    assert lines[0].startswith("2027-01-15 08:00 · @cleo · block xxx")
    assert len(lines[0]) < 200
    assert lines[1] == "2027-01-15 08:00 · the shell · grant @ada 2.5"


def test_the_shell_is_told_about_values_and_not_about_replies(db: Tables) -> None:
    answer = do(db, "grant @ada much", dataclasses.replace(ASKED, actor_id=SHELL))
    assert answer.refused
    assert answer.text == "CREDITS is a number such as 5 or 2.5."
