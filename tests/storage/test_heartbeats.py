"""What a serving bot writes down of itself."""

from sqlite_utils import Database as Tables

from storage import heartbeats
from storage.heartbeats import WorkerRecord

from .examples import BOT

BUSY = WorkerRecord(number=1, state="busy", error="", jobs=(3, 4))
LOST = WorkerRecord(number=2, state="lost", error="没电了")


def test_the_latest_sign_of_life_counts_until_the_bot_stops(db: Tables):
    assert heartbeats.latest(db, bot_id=BOT) is None
    heartbeats.beat(db, bot_id=BOT, workers=[BUSY, LOST], now=5.0)
    heartbeats.beat(db, bot_id=8, workers=[], now=6.0)
    heard = heartbeats.latest(db, bot_id=BOT)
    assert heard is not None
    assert (heard.at, list(heard.workers)) == (5.0, [BUSY, LOST])
    heartbeats.beat(db, bot_id=BOT, workers=[], now=9.0)
    heard = heartbeats.latest(db, bot_id=BOT)
    assert heard is not None
    assert (heard.at, heard.workers) == (9.0, [])
    heartbeats.stop(db, bot_id=BOT)
    assert heartbeats.latest(db, bot_id=BOT) is None
    assert heartbeats.latest(db, bot_id=8) is not None
