"""What is decided for chats, and chats that get another id or are closed to the bot."""

import dataclasses

import pytest
from sqlite_utils import Database as Tables

from storage import chats, jobs, outbox, pools, quotas
from storage.chats import Chat
from storage.jobs import JobState

from .examples import ADA, BO, BOT, CLEO, CLUB, GROUP, ask, credits_of, found, render, start


def say(db: Tables, key: str, *, chat_id: int = GROUP, method: str = "send_message") -> None:
    payload = {"text": key, "reply_to": 55, "message_thread_id": 3}
    outbox.say(db, bot_id=BOT, key=key, chat_id=chat_id, method=method, payload=payload, now=0)


def get(db: Tables, chat_id: int = GROUP) -> Chat:
    return chats.get(db, bot_id=BOT, chat_id=chat_id)


def test_a_chat_that_nobody_decided_anything_for_has_the_defaults(db: Tables):
    assert get(db) == Chat(chat_id=GROUP, pool_id=GROUP)


def test_each_decision_is_kept_and_changes_no_other(db: Tables):
    at = {"bot_id": BOT, "chat_id": GROUP}
    chats.set_daily(db, **at, daily_tenths=50)
    chats.set_cap(db, **at, cap_tenths=10)
    chats.set_admins_only(db, **at, admins_only=True)
    chats.set_own_credits(db, **at, own_credits=False)
    chats.set_spoiler(db, **at, spoiler=True)
    chats.set_weight(db, **at, weight=2.0)
    chats.set_blocked(db, **at, blocked=True, now=5.0)
    chats.set_blocked(db, **at, blocked=True, now=9.0)
    expected = Chat(
        chat_id=GROUP,
        pool_id=GROUP,
        weight=2.0,
        daily_tenths=50,
        cap_tenths=10,
        admins_only=True,
        own_credits=False,
        spoiler=True,
        blocked_at=5.0,
    )
    assert get(db) == expected
    chats.set_cap(db, **at, cap_tenths=None)
    chats.set_blocked(db, **at, blocked=False, now=10.0)
    assert get(db) == dataclasses.replace(expected, cap_tenths=None, blocked_at=None)
    assert get(db, CLUB) == Chat(chat_id=CLUB, pool_id=CLUB)


def test_a_pool_and_a_cap_are_never_negative(db: Tables):
    with pytest.raises(ValueError, match="cannot have"):
        chats.set_daily(db, bot_id=BOT, chat_id=GROUP, daily_tenths=-1)
    with pytest.raises(ValueError, match="cannot have"):
        chats.set_cap(db, bot_id=BOT, chat_id=GROUP, cap_tenths=-1)


def test_all_that_a_group_has_moves_with_it_to_its_new_id(db: Tables):
    chats.set_daily(db, bot_id=BOT, chat_id=GROUP, daily_tenths=30)
    pools.grant(db, bot_id=BOT, chat_id=GROUP, amount_tenths=5, actor_id=CLEO, now=0)
    done = ask(db, chat_id=GROUP).id
    jobs.card_sent(db, job_id=done, message_id=9, shown="x")
    assert render(db).id == done
    jobs.delivered(db, job_id=done, file_id="f", now=1)
    waiting = ask(db, chat_id=GROUP).id
    jobs.card_sent(db, job_id=waiting, message_id=10, shown="x")
    elsewhere = ask(db, chat_id=CLEO).id
    say(db, "answer")
    say(db, "reaction", method="set_message_reaction")

    chats.move(db, bot_id=BOT, chat_id=GROUP, new_chat_id=CLUB)
    once = [list(db[name].rows) for name in ("chats", "jobs", "outbox", "ledger", "chats_moved")]
    chats.move(db, bot_id=BOT, chat_id=GROUP, new_chat_id=CLUB)
    assert once == [list(db[t].rows) for t in ("chats", "jobs", "outbox", "ledger", "chats_moved")]

    assert get(db, CLUB).daily_tenths == 30
    pool = pools.pool(db, bot_id=BOT, chat_id=CLUB, user_id=ADA, now=2)
    assert (pool.daily_left_tenths, pool.granted_left_tenths) == (10, 5)
    for job_id in (done, waiting):
        job = found(db, job_id)
        # The old messages stay behind, and their numbers mean others in the new chat.
        assert (job.chat_id, job.card_message_id, job.message_id) == (CLUB, None, 0)
    assert found(db, elsewhere).chat_id == CLEO
    (answer,) = outbox.pending(db, bot_id=BOT, now=2)
    assert (answer.chat_id, answer.payload) == (CLUB, {"text": "answer"})
    assert chats.current_id(db, bot_id=BOT, chat_id=GROUP) == CLUB
    assert chats.current_id(db, bot_id=8, chat_id=GROUP) == GROUP
    assert chats.was_moved_to(db, bot_id=BOT, chat_id=CLUB)


def test_a_moved_job_settles_with_the_pool_that_paid_for_it(db: Tables):
    chats.set_daily(db, bot_id=BOT, chat_id=GROUP, daily_tenths=30)
    job = ask(db, chat_id=GROUP)
    chats.move(db, bot_id=BOT, chat_id=GROUP, new_chat_id=CLUB)
    jobs.fail(db, job_id=job.id, error="worker", now=1)
    assert pools.pool(db, bot_id=BOT, chat_id=CLUB, user_id=ADA, now=2).daily_left_tenths == 30


def test_a_group_of_which_nothing_is_known_moves_without_a_row(db: Tables):
    chats.set_spoiler(db, bot_id=BOT, chat_id=CLUB, spoiler=True)
    chats.move(db, bot_id=BOT, chat_id=GROUP, new_chat_id=CLUB)
    assert get(db, CLUB).spoiler
    chats.move(db, bot_id=BOT, chat_id=CLUB, new_chat_id=CLUB)


def test_when_a_chat_is_closed_its_jobs_end_with_all_credits_back_and_nothing_is_shown(db: Tables):
    rendered, running, waiting = (ask(db, chat_id=GROUP, user_id=who).id for who in (ADA, BO, CLEO))
    elsewhere = ask(db, user_id=ADA).id
    say(db, "answer")
    say(db, "other", chat_id=ADA)
    assert render(db).id == rendered
    assert start(db).id == running
    assert jobs.give_up_in(db, bot_id=BOT, chat_id=GROUP, now=5) == [running]
    assert outbox.drop_in(db, bot_id=BOT, chat_id=GROUP, reason="closed", now=5) == 1
    states = [found(db, job_id).state for job_id in (rendered, running, waiting, elsewhere)]
    assert states == [
        JobState.FAILED,
        JobState.FAILED,
        JobState.CANCELLED,
        JobState.QUEUED,
    ]
    for job_id in (rendered, running, waiting):
        assert credits_of(db, job_id) == {"reserve": 10, "release": 10}
    assert [job.id for job in jobs.open_cards(db, bot_id=BOT, limit=9)] == [elsewhere]
    assert [row.payload["text"] for row in outbox.pending(db, bot_id=BOT, now=6)] == ["other"]
    assert jobs.give_up_in(db, bot_id=BOT, chat_id=GROUP, now=6) == []


def test_when_a_chat_is_opened_again_its_cards_show_the_ends_they_have_not_shown(db: Tables):
    shown, unshown, _cardless, elsewhere = (
        ask(db, chat_id=chat_id, user_id=ADA).id for chat_id in (GROUP, GROUP, GROUP, -77)
    )
    for job_id in (shown, unshown, elsewhere):
        jobs.card_sent(db, job_id=job_id, message_id=job_id, shown="in line")
    jobs.request_cancel(db, job_id=shown, now=4)
    jobs.card_finished(db, job_id=shown, shown="cancelled")
    for chat_id in (GROUP, -77):
        jobs.give_up_in(db, bot_id=BOT, chat_id=chat_id, now=5)
    assert jobs.reopen_cards(db, bot_id=BOT, chat_id=GROUP) == 1
    assert [job.id for job in jobs.open_cards(db, bot_id=BOT, limit=9)] == [unshown]
    jobs.card_finished(db, job_id=unshown, shown="cancelled")
    assert jobs.reopen_cards(db, bot_id=BOT, chat_id=GROUP) == 0


def test_what_was_on_its_way_when_a_chat_was_closed_is_not_taken_for_the_end(db: Tables):
    sending, changing = (ask(db, chat_id=GROUP, user_id=who).id for who in (ADA, BO))
    jobs.card_sent(db, job_id=changing, message_id=8, shown="in line")
    jobs.give_up_in(db, bot_id=BOT, chat_id=GROUP, now=5)
    jobs.card_sent(db, job_id=sending, message_id=9, shown="in line")
    jobs.card_shown(db, job_id=changing, shown="rendering", picture="")
    assert jobs.reopen_cards(db, bot_id=BOT, chat_id=GROUP) == 2


def test_a_groups_job_can_be_shown_to_its_person_instead(db: Tables):
    job_id = ask(db, user_id=ADA, chat_id=GROUP).id
    jobs.card_sent(db, job_id=job_id, message_id=9, shown="x")
    assert jobs.send_to_person(db, job_id=job_id)
    job = found(db, job_id)
    assert (job.chat_id, job.chat_type, job.card_message_id, job.message_id) == (
        ADA,
        "private",
        None,
        0,
    )
    assert not jobs.send_to_person(db, job_id=job_id)


def test_a_blocked_chat_keeps_its_credits(db: Tables):
    chats.set_daily(db, bot_id=BOT, chat_id=GROUP, daily_tenths=30)
    chats.set_blocked(db, bot_id=BOT, chat_id=GROUP, blocked=True, now=1)
    left = quotas.purse(
        db, bot_id=BOT, user_id=ADA, chat_id=GROUP, default_daily_tenths=0, now=2
    ).left_tenths
    assert left == 30
