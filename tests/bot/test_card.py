import dataclasses

import pytest

from bot.card import (
    CAPTION_UNITS,
    Forecast,
    Live,
    caption,
    forecast,
    share_done,
    view,
)
from bot.replies import Replies
from bot.text_length import utf16_length
from inference.values import Progress, Request, Stage
from inference.vocabulary import THINGS
from storage.jobs import Job, JobState

ENGLISH = Replies("en")
QUEUED = Job(
    id=1,
    bot_id=7,
    update_id=1,
    user_id=5,
    chat_id=5,
    chat_type="private",
    thread_id=None,
    message_id=10,
    language="en",
    request=Request(prompt="a cat", seed=42, model="builtin"),
    cost_tenths=10,
    state=JobState.QUEUED,
    attempt=0,
    failures=0,
    card_message_id=None,
    card_shown="",
    card_done=False,
    cancel_requested_at=None,
    error="",
    created_at=0.0,
    started_at=None,
    rendered_at=None,
    ended_at=None,
)
RUNNING = dataclasses.replace(QUEUED, state=JobState.RUNNING)


def progress(step: int) -> Live:
    return Live(progress=Progress(stage=Stage.DENOISE, step=step, steps=20), claimed_at=0.0)


def test_a_waiting_card_says_its_place_and_time_left() -> None:
    outlook = forecast(3, typical_seconds=10.0, workers=1, live=None, now=0.0)
    card = view(QUEUED, ENGLISH, outlook, None)
    assert "Place 3 in line" in card.text
    assert "about 35 seconds left" in card.text
    assert card.button == "Cancel"


@pytest.mark.parametrize(
    ("tenths", "english", "chinese"),
    [
        (10, "1 credit", "1 个额度"),
        (3, "0.3 credits", "0.3 个额度"),
        (15, "1.5 credits", "1.5 个额度"),
        (20, "2 credits", "2 个额度"),
    ],
)
def test_a_card_says_what_the_clip_costs_until_rendering_begins(
    tenths: int, english: str, chinese: str
) -> None:
    job = dataclasses.replace(QUEUED, cost_tenths=tenths)
    starting = dataclasses.replace(job, state=JobState.RUNNING)
    outlook = forecast(2, typical_seconds=10.0, workers=1, live=None, now=0.0)
    first_lines = [
        view(job, ENGLISH, outlook, None).text.split("\n")[0],
        view(starting, ENGLISH, Forecast(), None).text.split("\n")[0],
    ]
    assert first_lines == [
        f"🎬 Place 2 in line · about 25 seconds left · {english}",
        f"🎬 Starting · {english}",
    ]
    assert chinese in view(job, Replies("zh"), outlook, None).text
    assert english not in view(starting, ENGLISH, Forecast(), progress(2)).text


def test_more_workers_shorten_the_wait() -> None:
    one = forecast(8, 10.0, workers=1, live=None, now=0.0).seconds_left
    four = forecast(8, 10.0, workers=4, live=None, now=0.0).seconds_left
    assert one is not None
    assert four is not None
    assert four < one / 2


def test_without_a_measured_clip_no_time_is_promised() -> None:
    card = view(QUEUED, ENGLISH, forecast(1, None, 1, None, 0.0), None)
    assert "left" not in card.text


def test_a_running_card_shows_stage_steps_and_a_growing_bar() -> None:
    early = view(RUNNING, ENGLISH, Forecast(), progress(2))
    late = view(RUNNING, ENGLISH, Forecast(), progress(18))
    assert "Rendering · 2/20" in early.text
    assert early.text.count("▰") < late.text.count("▰")
    assert early.digest != late.digest


def test_time_left_shrinks_as_steps_are_done() -> None:
    early = forecast(None, 100.0, 1, progress(2), now=10.0).seconds_left
    late = forecast(None, 100.0, 1, progress(18), now=78.0).seconds_left
    assert early is not None
    assert late is not None
    assert late < early


def test_share_done_grows_through_the_stages() -> None:
    shares = [share_done(Progress(stage=stage, step=1, steps=1)) for stage in Stage]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert share_done(None) == 0.0


def test_a_clips_caption_has_prompt_and_seed() -> None:
    card = view(dataclasses.replace(RUNNING, state=JobState.RENDERED), ENGLISH, Forecast(), None)
    assert card.is_clip
    assert card.text == "a cat\nseed 42"
    assert not card.button


@pytest.mark.parametrize("character", ["x", "猫", "😀", "👩\u200d👩\u200d👧", "e\u0301\u0302"])
def test_a_long_caption_is_cut_between_characters(character: str) -> None:
    request = dataclasses.replace(QUEUED.request, prompt=character * 600, model="ltx-video")
    text = caption(dataclasses.replace(QUEUED, request=request), ENGLISH)
    assert utf16_length(text) <= CAPTION_UNITS
    assert text.endswith("\nseed 42")
    kept = text.removesuffix("\nseed 42").removesuffix("…")
    assert len(kept) > 500
    assert not kept.replace(character, "")


def test_a_card_names_the_words_that_the_model_left_out() -> None:
    request = dataclasses.replace(QUEUED.request, prompt="a blorp on a cat")
    job = dataclasses.replace(QUEUED, request=request)
    done = dataclasses.replace(job, state=JobState.DELIVERED)
    known = f"it knows {len(THINGS)} things, see /words."
    expected = f"The built-in model does not know “blorp”; {known}"
    assert view(job, ENGLISH, Forecast(place=1), None).text.endswith(f"\n{expected}")
    assert view(done, ENGLISH, Forecast(), None).text.endswith(f"\nseed 42\n{expected}")
    assert "内置模型不认识“blorp”" in view(done, Replies("zh"), Forecast(), None).text


def test_a_card_names_a_few_unknown_words_and_says_when_there_are_more() -> None:
    request = dataclasses.replace(QUEUED.request, prompt=" ".join(f"w{n}" for n in range(9)))
    text = caption(dataclasses.replace(QUEUED, request=request), ENGLISH)
    assert "“w4”, …; it knows" in text
    assert "“w5”" not in text


def test_an_endless_unknown_word_is_named_by_its_beginning() -> None:
    character = "\U00020000"
    request = dataclasses.replace(QUEUED.request, prompt=character * 190)
    text = caption(dataclasses.replace(QUEUED, request=request), ENGLISH)
    assert utf16_length(text) <= CAPTION_UNITS
    assert f"“{character * 14}…”" in text


@pytest.mark.parametrize("model", ["ltx-video", "a model of last year"])
def test_a_model_of_all_words_leaves_none_out(model: str) -> None:
    request = dataclasses.replace(QUEUED.request, prompt="a blorp", model=model)
    text = caption(dataclasses.replace(QUEUED, request=request), ENGLISH)
    assert text == "a blorp\nseed 42"


def test_a_failed_card_says_why_and_that_credits_are_back() -> None:
    job = dataclasses.replace(RUNNING, state=JobState.FAILED, error="worker")
    card = view(job, ENGLISH, Forecast(), None)
    assert "failed three times" in card.text
    assert "credits are back" in card.text
    assert card.is_final
