from dataclasses import replace

import pytest
from sqlite_utils import Database as Tables

from bot import remakes
from bot.incoming import Refusal
from bot.intake import accept_edit, accept_request, remake
from bot.prompts import parse_onto
from bot.telegram.taps import tap
from inference import catalog
from inference.values import Request
from storage import jobs, outbox, retention
from storage.database import open_in_memory
from tests.bot.test_intake import INCOMING, RULES, send
from tests.storage.examples import ADA, BOT, CLIP, ask, render


@pytest.fixture
def db() -> Tables:
    return open_in_memory()


@pytest.mark.parametrize(("seconds", "added"), [(3.4, 3.4), (5.0, 5.0), (10.0, 5.0)])
def test_a_clip_goes_on_by_five_seconds_however_long_it_was_asked_for(
    db: Tables, seconds: float, added: float
) -> None:
    job = ask(db)
    longer = replace(job, request=replace(job.request, seconds=seconds, variation=3))
    for make in (remakes.extend, remakes.loop):
        request = make(longer, 9)
        assert (request.seconds, request.seed, request.variation) == (added, 9, None)
    assert remakes.again(longer, 9).seconds == seconds


def test_what_goes_on_from_a_clip_that_was_too_old_to_keep_is_refused_before_it_waits(
    db: Tables,
) -> None:
    first = ask(db)
    render(db, now=1.0)
    jobs.delivered(db, job_id=first.id, file_id="file", now=1.0)
    who = replace(INCOMING, bot_id=BOT)
    extended = remakes.extend(first, 5)
    longer = accept_request(db, replace(who, update_id=2), RULES, extended, continues=first.id)
    assert not isinstance(longer, Refusal)
    retention.expire(db, bot_id=BOT, before=100.0, now=200.0)
    again = remake(db, replace(who, update_id=3), RULES, longer, remakes.again(longer, 6))
    assert isinstance(again, Refusal)
    assert again.sentence == "What it should start from is not here any more."


def test_the_words_of_a_longer_clip_can_change_and_its_shape_cannot(db: Tables) -> None:
    first = ask(db, aspect_ratio="16:9")
    render(db)
    longer = replace(first, continues=first.id)
    who = replace(INCOMING, bot_id=BOT, update_id=2)
    assert accept_edit(db, who, RULES, longer, "a dog --ar 9:16") is None
    (answer,) = outbox.pending(db, bot_id=BOT, now=2000.0)
    said = "--ar can only be 16:9 here, not “9:16”. Nothing was charged."
    assert answer.payload["text"] == said
    assert accept_edit(db, replace(who, update_id=3), RULES, longer, "a dog --ar 16:9")


def test_a_seed_that_somebody_names_is_the_seed_of_the_clip_and_not_varied(db: Tables) -> None:
    clip = send(db, 1)
    assert clip is not None
    varied = replace(clip, request=remakes.vary(clip, 9))
    for number, text, variation in ((2, "a dog", 9), (3, "a dog --seed 5", None)):
        incoming = replace(INCOMING, update_id=number)
        edited = accept_edit(db, incoming, RULES, varied, text)
        assert edited is not None
        assert edited.request.variation == variation


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [(23, "In line. It costs 1 credit."), (24, "A clip has at most 120 seconds.")],
)
def test_a_clip_goes_on_up_to_two_minutes(db: Tables, pieces: int, answer: str) -> None:
    # 61 frames of the built-in model, and 60 for every piece behind them, at 12 a second.
    clip = replace(CLIP, seconds=(1 + 60 * pieces) / 12)
    job = ask(db)
    render(db, clip=clip)
    jobs.delivered(db, job_id=job.id, file_id="file", now=1.0)
    who = replace(INCOMING, bot_id=BOT, user_id=ADA, chat_id=ADA)
    data = f"extend:{job.token}"
    tapped = tap(db, who, RULES, data, 5, leads_chat=False, username="kinogram_bot")
    assert tapped.words.startswith(answer)


@pytest.mark.parametrize(("shape", "kept"), [("9:16", "9:16"), ("3:2", "16:9")])
def test_another_model_keeps_the_seed_of_a_clip_and_its_shape_where_it_makes_that(
    shape: str, kept: str
) -> None:
    wan = catalog.find("wan2.1-t2v-1.3b")
    clip = Request(prompt="a cat", seed=5, model="builtin", aspect_ratio=shape, variation=3)
    served = {"builtin": RULES.model, wan.name: wan}
    told = parse_onto(clip, f"a dog --model {wan.name}", models=served)
    assert (told.model, told.seed, told.aspect_ratio) == (wan.name, 5, kept)
