"""What admins see of the whole service, and when it shall stop."""

import dataclasses
import random
import re
import time
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database as Tables

from bot.admins.asked import SHELL
from bot.card import Live
from bot.text_length import utf16_length
from inference import catalog
from inference.values import Progress, Stage
from storage import bots, jobs
from storage.bots import Mode
from tests.bot.admins.test_commands import ASKED, NOW, do
from tests.fleets import Worker
from tests.storage.examples import ADA, BO, BOT, GROUP, ask, render, start


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
    ask(db, user_id=BO, now=NOW - 4, model="cogvideox-2b")
    rules = dataclasses.replace(ASKED.rules, others=(catalog.find("cogvideox-2b"),))
    of_both = do(db, "queue", dataclasses.replace(ASKED, rules=rules)).text
    assert "\n2. 4242 · Kinogram Mini · 5 seconds · a cat moves left on blue" in of_both
    assert "\n1. @bo · CogVideoX 2B · 4 seconds · a cat" in of_both, "each has a line of its own"


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


def test_of_several_models_it_is_shown_who_holds_which_and_what_waits_for_each(db: Tables) -> None:
    ask(db, model="cogvideox-2b", now=NOW)
    rules = dataclasses.replace(ASKED.rules, others=(catalog.find("cogvideox-2b"),))
    workers = [
        Worker(number=1, state="idle"),
        Worker(number=2, state="loading", model="cogvideox-2b"),
        Worker(number=3, state="off"),
    ]
    asked = dataclasses.replace(ASKED, rules=rules, workers=workers)
    assert do(db, "workers", asked).text.splitlines()[1:] == [
        "Kinogram Mini: waiting 0",
        "CogVideoX 2B: waiting 1",
        "1: ready · Kinogram Mini",
        "2: loading the model · CogVideoX 2B",
        "3: off, as nobody needs it now",
    ]


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
    rules = dataclasses.replace(ASKED.rules, others=(catalog.find("cogvideox-2b"),))
    of_both = do(db, "stats", dataclasses.replace(ASKED, rules=rules)).text
    assert "\nClips: 2\n   Kinogram Mini: 2\n   CogVideoX 2B: 0\nPeople: 2\n" in of_both
    assert utf16_length(f"{answer.text}\n{answer.legend}") <= 1024


@pytest.mark.parametrize(
    ("zone", "year", "month", "day"),
    [
        ("Pacific/Auckland", 2026, 9, 28),
        ("America/Havana", 2026, 11, 2),
        ("Africa/Cairo", 2026, 4, 24),  # a day without a midnight
    ],
)
def test_each_clip_stands_on_its_day_where_the_machine_is_also_when_clocks_change(
    zone: str, year: int, month: int, day: int, db: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime(year, month, day, tzinfo=ZoneInfo(zone))
    begins = [(today + timedelta(days=ago)).timestamp() for ago in range(-6, 2)]
    for number, (begin, end) in enumerate(pairwise(begins)):
        for at in (begin, *[end - 0.5] * number):
            job_id = ask(db, user_id=ADA, now=at).id
            render(db, now=at)
            jobs.delivered(db, job_id=job_id, file_id=None, now=at)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        answer = do(db, "stats", dataclasses.replace(ASKED, now=begins[-1] - 1))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [one.clips for one in answer.days] == [1, 2, 3, 4, 5, 6, 7]
    assert answer.days[-1].label == f"{today:%m-%d}"


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
