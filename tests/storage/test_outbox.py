"""What the bot says: decided once, sent until it is sent or given up."""

from sqlite_utils import Database as Tables

from storage import outbox
from storage.outbox import Outgoing

from .examples import ADA, BO, BOT


def say(db: Tables, key: str, *, once: bool = False, keep: bool = False, bot_id: int = BOT) -> bool:
    return outbox.say(
        db,
        bot_id=bot_id,
        key=key,
        chat_id=ADA,
        method="send_message",
        payload={"text": f"{key} \N{CAT FACE}"},
        once=once,
        keep=keep,
        now=0,
    )


def pending(db: Tables, *, now: float = 100.0) -> list[str]:
    waiting = outbox.pending(db, bot_id=BOT, now=now)
    return [one.payload["text"].removesuffix(" \N{CAT FACE}") for one in waiting]


def test_what_is_said_comes_back_whole(db: Tables):
    say(db, "ready", once=True)
    assert outbox.pending(db, bot_id=BOT, now=0) == [
        Outgoing(
            id=1,
            chat_id=ADA,
            method="send_message",
            payload={"text": "ready \N{CAT FACE}"},
            once=True,
            tries=0,
        )
    ]


def test_what_was_said_about_a_matter_is_found_by_when_it_was_said(db: Tables):
    def was_said(about: str, *, since: float, now: float, bot_id: int = BOT) -> bool:
        return outbox.was_said(db, bot_id=bot_id, about=about, since=since, now=now)

    say(db, outbox.dated_key("full:5", 1_800_000_000.25))
    assert was_said("full:5", since=1_799_999_999, now=1_800_000_001)
    assert was_said("full:5", since=1_800_000_000.2, now=1_800_000_000.25)
    assert not was_said("full:5", since=1_800_000_000.25, now=1_800_000_060), "not since then"
    assert not was_said("full:5", since=999.0, now=1_800_000_000), "not by then"
    for other in ("full:55", "full", "ful:5", "full:5:5"):
        assert not was_said(other, since=0, now=1_900_000_000)
    assert not was_said("full:5", since=0, now=1_900_000_000, bot_id=8)


def test_a_key_is_said_once_even_after_it_was_sent(db: Tables):
    assert say(db, "a")
    assert not say(db, "a")
    assert outbox.mark_sent(db, outgoing_id=1, now=1)
    assert not say(db, "a")
    assert say(db, "a", bot_id=8)
    assert pending(db) == []


def test_what_was_said_first_is_sent_first(db: Tables):
    for key in "abc":
        say(db, key)
    assert pending(db) == ["a", "b", "c"]
    assert len(outbox.pending(db, bot_id=BOT, now=0, limit=2)) == 2


def test_it_is_marked_as_sent_or_dropped_once(db: Tables):
    say(db, "a")
    say(db, "b")
    assert outbox.mark_sent(db, outgoing_id=1, now=1)
    assert not outbox.mark_sent(db, outgoing_id=1, now=2)
    assert not outbox.drop(db, outgoing_id=1, reason="forbidden", now=2)
    assert outbox.drop(db, outgoing_id=2, reason="forbidden", now=2)
    assert not outbox.mark_sent(db, outgoing_id=2, now=3)
    assert pending(db) == []


def test_what_was_tried_in_vain_waits_for_its_time(db: Tables):
    say(db, "a")
    outbox.mark_tried(db, outgoing_id=1, not_before=30)
    assert pending(db, now=29) == []
    assert pending(db, now=30) == ["a"]
    assert outbox.pending(db, bot_id=BOT, now=30)[0].tries == 1


def test_old_calls_are_forgotten_unless_they_wait(db: Tables):
    for key in "abcd":
        say(db, key)
    outbox.mark_sent(db, outgoing_id=1, now=5)
    outbox.drop(db, outgoing_id=2, reason="blocked", now=5)
    outbox.mark_sent(db, outgoing_id=3, now=50)
    assert outbox.forget_before(db, bot_id=BOT, before=10) == 2
    assert pending(db) == ["d"]
    assert not say(db, "c")


def test_what_was_marked_before_and_then_refused_is_to_be_sent_again_whole(db: Tables):
    say(db, "ready", once=True)
    before = outbox.pending(db, bot_id=BOT, now=1)
    outbox.mark_sent(db, outgoing_id=1, now=1)
    assert pending(db) == []
    outbox.mark_refused(db, outgoing_id=1)
    assert outbox.pending(db, bot_id=BOT, now=1) == before
    say(db, "answer")
    outbox.mark_sent(db, outgoing_id=2, now=1)
    outbox.mark_refused(db, outgoing_id=2)
    assert pending(db) == ["ready"], "an answer is marked when it is there"


def test_what_was_said_or_given_up_is_not_kept(db: Tables):
    say(db, "sent")
    say(db, "given up")
    outbox.mark_sent(db, outgoing_id=1, now=1)
    outbox.drop(db, outgoing_id=2, reason="closed", now=1)
    assert [row["payload"] for row in db.query("SELECT payload FROM outbox")] == ["{}", "{}"]
    assert not say(db, "sent"), "its key is"


def test_what_is_to_be_kept_waits_for_its_reader_and_is_then_said_once(db: Tables):
    say(db, "kept", keep=True)
    say(db, "answer")
    for number in (1, 2):
        assert outbox.drop(db, outgoing_id=number, reason="closed", now=1)
    assert pending(db) == []
    assert outbox.release(db, bot_id=BOT, chat_id=BO) == 0
    assert outbox.release(db, bot_id=BOT, chat_id=ADA) == 1
    assert pending(db) == ["kept"]
    assert outbox.drop_in(db, bot_id=BOT, chat_id=ADA, reason="blocked", now=2) == 1
    assert pending(db) == []
    assert outbox.forget_held_before(db, bot_id=BOT, before=0) == 0
    outbox.release(db, bot_id=BOT, chat_id=ADA)
    assert outbox.mark_sent(db, outgoing_id=1, now=3)
    assert not outbox.drop(db, outgoing_id=1, reason="closed", now=4)
    outbox.release(db, bot_id=BOT, chat_id=ADA)
    assert pending(db) == []


def test_what_nobody_ever_reads_is_forgotten_in_the_end(db: Tables):
    say(db, "kept", keep=True)
    outbox.drop(db, outgoing_id=1, reason="closed", now=1)
    assert outbox.forget_before(db, bot_id=BOT, before=100) == 0
    assert outbox.forget_held_before(db, bot_id=BOT, before=100) == 1
    assert db["outbox"].count == 0
