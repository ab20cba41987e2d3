"""Somebody floods a chat: the bot falls silent there, and goes on when it has caught up."""

import pytest
from sqlite_utils import Database as Tables

from bot.incoming import MOST_UNSAID
from storage import jobs, outbox
from storage.database import open_in_memory
from tests.bot.test_intake import GROUP, INCOMING, answers, send, send_in_group


@pytest.fixture
def db() -> Tables:
    return open_in_memory()


def test_of_a_hundred_prompts_that_are_none_a_few_are_answered(db: Tables) -> None:
    for number in range(100):
        assert send(db, number, "x" * 5000, chat_id=GROUP, chat_type="supergroup") is None
    assert len(answers(db)) == MOST_UNSAID
    # Nothing else suffers: prompts are taken there, and answers are given elsewhere.
    assert send_in_group(db, 200)
    assert jobs.count_unfinished(db, bot_id=7, user_id=0, chat_id=GROUP) == (0, 1)
    assert send(db, 201, "") is None
    assert len(answers(db)) == MOST_UNSAID + 1


def test_who_has_caught_up_answers_again(db: Tables) -> None:
    for number in range(30):
        send(db, number, "")
    for call in outbox.pending(db, bot_id=INCOMING.bot_id, now=2000.0):
        outbox.mark_sent(db, outgoing_id=call.id, now=2000.0)
    send(db, 40, "", now=INCOMING.now + 5)
    assert len(answers(db)) == 1
