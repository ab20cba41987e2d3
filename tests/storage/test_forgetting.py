"""Whoever wants to be forgotten is in no table; their credits and their block are theirs again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database as Tables

from storage import (
    access,
    audit,
    chats,
    clips,
    feedback,
    forgetting,
    inbox,
    jobs,
    menus,
    outbox,
    people,
    quotas,
)
from storage.database import open_in_memory
from storage.forgetting import Forgotten, hash_id
from storage.jobs import JobState

from .examples import BO, BOT, CLEO, CLIP, GROUP, ask, found, render, start

IDA = 987_654_321
USERNAME, FIRST_NAME, PROMPT = "Ida_Rhodes", "Idá", "紫色独角兽 unicorn"
SECRETS = (str(IDA), USERNAME.lower(), FIRST_NAME.lower(), PROMPT, "b'dark'")
KEY = b"k" * 32
HASHED = hash_id(KEY, bot_id=BOT, user_id=IDA)
DAILY = 100


def see(db: Tables, user_id: int = IDA, username: str | None = USERNAME) -> None:
    hashed_id = hash_id(KEY, bot_id=BOT, user_id=user_id)
    forgetting.recognise(db, bot_id=BOT, user_id=user_id, hashed_id=hashed_id)
    people.see(
        db,
        bot_id=BOT,
        user_id=user_id,
        username=username,
        first_name=FIRST_NAME if user_id == IDA else "Bo",
        language_code="zh",
        now=1.0,
    )


def forget(db: Tables, now: float = 100.0) -> Forgotten:
    return forgetting.forget(db, bot_id=BOT, user_id=IDA, hashed_id=HASHED, now=now)


def quota(db: Tables, user_id: int = IDA) -> quotas.Quota:
    return quotas.quota(db, bot_id=BOT, user_id=user_id, default_daily_tenths=DAILY, now=100.0)


def all_values(db: Tables) -> list[str]:
    return [
        f"{table}.{column}={value}".lower()
        for table in db.table_names()
        for row in db[table].rows
        for column, value in row.items()
    ]


def traces(db: Tables) -> list[str]:
    return [value for value in all_values(db) if any(secret in value for secret in SECRETS)]


def write(db: Tables, number: int, user_id: int = IDA, chat_id: int = IDA, *, done: bool) -> None:
    """An update of somebody, and the answer to it."""
    sender = {"id": user_id, "username": USERNAME if user_id == IDA else "bo"}
    message = {"from": sender, "chat": {"id": chat_id}, "text": PROMPT if user_id == IDA else "hi"}
    inbox.record(db, bot_id=BOT, updates=[{"update_id": number, "message": message}], now=1.0)
    if done:
        inbox.mark_done(db, bot_id=BOT, update_id=number, now=2.0)
    text = f"recipe: {PROMPT}" if user_id == IDA else "hello"
    outbox.say(
        db,
        bot_id=BOT,
        key=f"update:{number}",
        chat_id=chat_id,
        method="send_message",
        payload={"text": text},
        now=2.0,
    )


def act(db: Tables, action: str, number: int) -> None:
    """Something that leaves a trace of Ida, or of Bo beside her."""
    chat_id = (IDA, GROUP)[number % 2]
    act_on_jobs(db, action, number, chat_id)
    act_otherwise(db, action, number, chat_id)
    act_on_access(db, action, f"code {number}")


def act_on_jobs(db: Tables, action: str, number: int, chat_id: int) -> None:
    asked = {"user_id": IDA, "chat_id": chat_id, "prompt": PROMPT, "now": 5.0}
    match action:
        case "ask":
            ask(db, **asked, image=b"dark", cost_tenths=3)
        case "start":
            jobs.claim(db, bot_id=BOT, model="builtin", now=6.0, lease_seconds=60)
        case "render":
            ask(db, **asked, cost_tenths=4)
            job = render(db, now=6.0)
            jobs.card_sent(db, job_id=job.id, message_id=70 + number, shown="digest")
        case "deliver":
            ask(db, **asked, cost_tenths=5)
            jobs.delivered(db, job_id=render(db, now=6.0).id, file_id="file", now=7.0)
        case "bo":
            ask(db, user_id=BO, chat_id=GROUP, now=5.0)
            write(db, 500 + number, BO, GROUP, done=True)


def act_otherwise(db: Tables, action: str, number: int, chat_id: int) -> None:
    match action:
        case "write":
            write(db, number, IDA, chat_id, done=True)
        case "admin":
            see(db)
            for target in (str(IDA), f"@{USERNAME.upper()}", "@bo"):
                audit.record(db, bot_id=BOT, actor_id=CLEO, action="block", target=target, now=8.0)
            quotas.grant(db, bot_id=BOT, user_id=IDA, amount_tenths=7, actor_id=CLEO, now=8.0)
        case "she is an admin":
            audit.record(db, bot_id=BOT, actor_id=IDA, action="stats", target="", now=8.0)
            quotas.grant(db, bot_id=BOT, user_id=BO, amount_tenths=7, actor_id=IDA, now=8.0)
        case "flood":
            key = outbox.dated_key(f"refusal:credits:{GROUP}:{IDA}", number)
            outbox.say(
                db,
                bot_id=BOT,
                key=key,
                chat_id=GROUP,
                method="send_message",
                payload={"text": "enough"},
                now=9.0,
            )
        case "feedback":
            feedback.insert(
                db,
                bot_id=BOT,
                user_id=IDA,
                chat_id=chat_id,
                thread_id=None,
                message_id=9,
                now=9.0,
            )
        case "choose":
            see(db)
            people.set_language(db, bot_id=BOT, user_id=IDA, language="en")
            people.set_choice(db, bot_id=BOT, user_id=IDA, choice="notify", value="reply")
            people.set_choice(db, bot_id=BOT, user_id=IDA, choice="model", value="ltx-2")
        case "weigh":
            chats.set_weight(db, bot_id=BOT, chat_id=IDA, weight=0.5)
            people.set_weight(db, bot_id=BOT, user_id=IDA, weight=0.5)
        case "menu":
            menus.show_to(db, bot_id=BOT, admins=[IDA])


def act_on_access(db: Tables, action: str, code: str) -> None:
    match action:
        case "wait to be let in":
            access.ask(db, bot_id=BOT, user_id=IDA, now=5.0)
        case "invite":
            access.invite(db, bot_id=BOT, codes=[code], made_by=IDA, now=5.0)
            access.redeem(db, bot_id=BOT, user_id=BO, code=code, now=5.0)
        case "come in":
            access.invite(db, bot_id=BOT, codes=[code], made_by=BO, now=5.0)
            access.redeem(db, bot_id=BOT, user_id=IDA, code=code, now=5.0)


ACTIONS = (
    *("ask", "start", "render", "deliver", "bo", "write", "admin", "she is an admin"),
    *("flood", "feedback", "choose", "weigh", "menu", "wait to be let in", "invite", "come in"),
)


@settings(max_examples=60)
@given(actions=st.lists(st.sampled_from(ACTIONS), max_size=12), blocked=st.booleans())
def test_no_table_knows_a_forgotten_person_and_credits_and_block_come_back(
    actions: list[str], blocked: bool
) -> None:
    with open_in_memory() as db:
        see(db)
        see(db, BO, "bo")
        for number, action in enumerate(actions):
            act(db, action, number)
        people.set_daily(db, bot_id=BOT, user_id=IDA, daily_tenths=60)
        people.set_blocked(db, bot_id=BOT, user_id=IDA, blocked=blocked, now=10.0)
        # What waits and runs is given back whole, as any cancel gives it back.
        for job in jobs.unfinished_of(db, bot_id=BOT, user_id=IDA):
            jobs.cancelled(db, job_id=job.id, attempt=job.attempt, rendered_share=0, now=50.0)
            jobs.request_cancel(db, job_id=job.id, now=50.0)
        for job in jobs.rendered_jobs(db, bot_id=BOT):
            jobs.delivered(db, job_id=job.id, file_id=None, now=50.0)
        before, of_bo = quota(db), quota(db, BO)
        given_a_day = feedback.count_since(db, bot_id=BOT, user_id=IDA, since=0)
        statuses = jobs.counts(db, bot_id=BOT)
        assert traces(db)

        forget(db)
        assert traces(db) == []
        assert quota(db, HASHED) == before
        assert quota(db, BO) == of_bo
        assert jobs.counts(db, bot_id=BOT) == statuses

        see(db, IDA, "another_name")
        assert quota(db) == before
        person = people.get(db, bot_id=BOT, user_id=IDA)
        assert person is not None
        assert person.blocked_at == (10.0 if blocked else None)
        assert (person.language, person.notify, person.model) == ("", "both", "")
        assert person.weight == (0.5 if "weigh" in actions else 1)
        if "come in" in actions:
            assert access.is_admitted(db, bot_id=BOT, user_id=IDA)
        assert feedback.count_since(db, bot_id=BOT, user_id=IDA, since=0) == given_a_day
        assert not any(str(HASHED) in v for v in all_values(db) if v.startswith("people"))

        forget(db, now=200.0)
        assert [v for v in traces(db) if "another_name" in v or str(IDA) in v] == []
        assert quota(db, HASHED) == before


@pytest.mark.parametrize("state", ["queued", "running", "rendered"])
@pytest.mark.parametrize("card", ["sent", "on its way", "after they are back"])
def test_what_waits_or_runs_is_cancelled_with_its_credits_back(db: Tables, state: str, card: str):
    see(db)
    ask(db, user_id=IDA, prompt=PROMPT)
    if state == "running":
        start(db)
    if state == "rendered":
        render(db)
    (job_id,) = (row["id"] for row in db["jobs"].rows)
    job = found(db, job_id)
    if card == "sent":
        forgetting.card_sent(db, job, message_id=77, shown="digest", now=99.0)
    done = forget(db)
    if card == "after they are back":
        forgetting.recognise(db, bot_id=BOT, user_id=IDA, hashed_id=HASHED)
    if card != "sent":
        forgetting.card_sent(db, job, message_id=77, shown="digest", now=101.0)
    assert done.running == ([job_id] if state == "running" else [])
    assert done.paths == ([CLIP.path] if state == "rendered" else [])
    # Whatever is killed when, the card goes, and then nothing says whose it was.
    forget(db)
    (answer,) = outbox.pending(db, bot_id=BOT, now=101.0)
    assert (answer.chat_id, answer.method, answer.payload) == (
        IDA,
        "delete_message",
        {"message_id": 77},
    )
    if state == "queued":
        outbox.drop(db, outgoing_id=answer.id, reason="message to delete not found", now=100.5)
    elif state == "running":
        outbox.drop_in(db, bot_id=BOT, chat_id=IDA, reason="blocked", now=100.5)
    else:
        outbox.mark_sent(db, outgoing_id=answer.id, now=100.5)
    assert jobs.open_cards(db, bot_id=BOT, limit=9) == []
    if state == "running":
        # The worker may finish all the same: nobody gets that clip.
        assert not jobs.render_done(db, job_id=job_id, attempt=1, clip=CLIP, now=101.0)
        assert jobs.cancelled(db, job_id=job_id, attempt=1, rendered_share=0, now=101.0)
    assert found(db, job_id).state.is_end
    assert quota(db, HASHED).left_tenths == DAILY
    assert traces(db) == []


def test_a_bot_killed_while_the_worker_stops_ends_the_job_at_its_next_start(db: Tables):
    see(db)
    ask(db, user_id=IDA, prompt=PROMPT)
    start(db)
    forget(db)
    jobs.requeue_running(db, bot_id=BOT)
    assert jobs.counts(db, bot_id=BOT)[JobState.CANCELLED] == 1
    see(db)
    assert quota(db).left_tenths == DAILY


def test_an_update_that_is_sent_again_is_not_taken_for_new(db: Tables):
    see(db)
    write(db, 5, done=True)
    forget(db)
    write(db, 5, done=False)
    assert inbox.waiting(db, bot_id=BOT) == []
    assert traces(db) == [value for value in traces(db) if value.startswith("outbox")]


def test_an_update_that_waits_is_still_handled(db: Tables):
    see(db)
    write(db, 5, done=False)
    forget(db)
    (waiting,) = inbox.waiting(db, bot_id=BOT)
    assert waiting.payload["message"]["text"] == PROMPT


def test_a_clips_file_goes_and_so_does_telegrams_id_of_it(db: Tables):
    see(db)
    ask(db, user_id=IDA)
    jobs.delivered(db, job_id=render(db).id, file_id="file", now=7.0)
    assert forget(db).paths == [CLIP.path]
    assert clips.paths(db) == []
    assert [row["file_id"] for row in db["clips"].rows] == [None]


def test_what_an_admin_decided_since_goes_before_what_was(db: Tables):
    see(db)
    people.set_daily(db, bot_id=BOT, user_id=IDA, daily_tenths=60)
    people.set_blocked(db, bot_id=BOT, user_id=IDA, blocked=True, now=10.0)
    forget(db)
    people.set_daily(db, bot_id=BOT, user_id=IDA, daily_tenths=5)
    see(db)
    person = people.get(db, bot_id=BOT, user_id=IDA)
    assert person is not None
    assert (person.daily_tenths, person.blocked_at) == (5, 10.0)
