"""Updates: kept before they are acknowledged, handled once, parked after three failures."""

from sqlite_utils import Database as Tables

from storage import inbox

from .examples import BOT


def update(update_id: int, text: str = "hi") -> dict[str, object]:
    return {"update_id": update_id, "message": {"text": text}}


def record(db: Tables, *update_ids: int, bot_id: int = BOT, now: float = 0.0) -> int:
    updates = [update(update_id) for update_id in update_ids]
    return inbox.record(db, bot_id=bot_id, updates=updates, now=now)


def waiting(db: Tables) -> list[int]:
    return [update.update_id for update in inbox.waiting(db, bot_id=BOT)]


def fail(db: Tables, update_id: int) -> bool:
    return inbox.mark_failed(db, bot_id=BOT, update_id=update_id, error="ValueError", now=9)


def test_updates_come_back_as_they_were_sent(db: Tables):
    sent = update(5, '猫 "\N{CAT FACE}"')
    inbox.record(db, bot_id=BOT, updates=[sent], now=3)
    assert inbox.waiting(db, bot_id=BOT) == [
        inbox.InboxUpdate(arrival=1, update_id=5, payload=sent, failures=0, received_at=3)
    ]


def test_updates_wait_in_the_order_of_their_arrival_whatever_their_ids(db: Tables):
    record(db, 900, 901)
    record(db, 5, 6)
    assert waiting(db) == [900, 901, 5, 6]
    first = inbox.waiting(db, bot_id=BOT, limit=3)
    assert [one.update_id for one in first] == [900, 901, 5]
    (last,) = inbox.waiting(db, bot_id=BOT, after=first[-1].arrival)
    assert last.update_id == 6


def test_an_update_sent_again_is_kept_once_and_its_first_words_count(db: Tables):
    assert record(db, 5, 6) == 2
    assert inbox.record(db, bot_id=BOT, updates=[update(6, "edited"), update(7)], now=1) == 1
    assert waiting(db) == [5, 6, 7]
    assert inbox.waiting(db, bot_id=BOT)[1].payload == update(6)
    assert record(db, 5, bot_id=8) == 1
    assert record(db) == 0


def test_an_update_is_done_once_and_not_taken_for_new_when_it_is_sent_again(db: Tables):
    record(db, 5, 6)
    assert inbox.mark_done(db, bot_id=BOT, update_id=5, now=1)
    assert not inbox.mark_done(db, bot_id=BOT, update_id=5, now=2)
    assert not inbox.mark_done(db, bot_id=BOT, update_id=999, now=2)
    assert record(db, 5) == 0
    assert waiting(db) == [6]
    assert inbox.count_waiting(db, bot_id=BOT) == 1


def test_the_third_failure_parks_an_update(db: Tables):
    record(db, 5, 6)
    assert [fail(db, 5), fail(db, 5)] == [False, False]
    assert [(one.update_id, one.failures) for one in inbox.waiting(db, bot_id=BOT)] == [
        (5, 2),
        (6, 0),
    ]
    assert fail(db, 5)
    assert waiting(db) == [6]
    assert not inbox.mark_done(db, bot_id=BOT, update_id=5, now=10)


def test_what_is_parked_done_or_unknown_cannot_fail(db: Tables):
    record(db, 5, 6)
    inbox.mark_done(db, bot_id=BOT, update_id=5, now=1)
    for _ in range(3):
        fail(db, 6)
    assert [fail(db, 5), fail(db, 6), fail(db, 999)] == [False, False, False]


def test_old_updates_are_forgotten_unless_they_wait(db: Tables):
    record(db, 1, 2, 3, 4, now=0)
    record(db, 9, bot_id=8)
    inbox.mark_done(db, bot_id=8, update_id=9, now=5)
    inbox.mark_done(db, bot_id=BOT, update_id=1, now=5)
    inbox.mark_done(db, bot_id=BOT, update_id=2, now=50)
    for _ in range(3):
        fail(db, 3)
    assert inbox.forget_before(db, bot_id=BOT, before=10) == 2
    assert waiting(db) == [4]
    assert record(db, 2) == 0
    assert record(db, 1) == 1


def test_half_a_character_keeps_nothing_out(db: Tables):
    updates = [update(1, "a \ud83d cat"), update(2, "\0 \N{CAT FACE}")]
    assert inbox.record(db, bot_id=BOT, updates=updates, now=0.0) == 2
    kept = [one.payload for one in inbox.waiting(db, bot_id=BOT)]
    assert kept == [update(1, "a ? cat"), update(2, "\0 \N{CAT FACE}")]
