import dataclasses

import pytest

from bot.card import (
    CAPTION_UNITS,
    UNDER_A_DRAFT,
    UNDER_A_PRIVATE_CLIP,
    Forecast,
    Live,
    caption,
    remaining,
    share_done,
    view,
    waits,
)
from bot.replies.card import CardReplies
from bot.text_length import utf16_length
from inference.catalog import find
from inference.entry import ModelEntry
from inference.values import Progress, Request, Stage
from inference.vocabulary import THINGS
from storage.clips import Span
from storage.jobs import Job, JobState

ENGLISH = CardReplies("en")
BUILTIN, WAN = find("builtin"), find("wan2.1-t2v-1.3b")
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
    card_picture="",
    cancel_requested_at=None,
    error="",
    created_at=0.0,
    started_at=None,
    rendered_at=None,
    ended_at=None,
    token="00c0ffee00c0ffee",
    continues=None,
    picture=None,
)
RUNNING = dataclasses.replace(QUEUED, state=JobState.RUNNING)


def progress(step: int) -> Live:
    return Live(progress=Progress(stage=Stage.DENOISE, step=step, steps=20), claimed_at=0.0)


def span(low: float, high: float | None = None) -> Span:
    return Span(low=low, high=low if high is None else high)


def wait(place: int, usual: Span | None, workers: int, running: list[Span]) -> Span | None:
    """What the last of that many jobs waits that take equally long."""
    return waits([usual] * place, workers, running)[-1]


def test_a_waiting_card_says_its_place_and_the_range_of_time_left() -> None:
    left = wait(3, span(7, 14), workers=1, running=[])
    card = view(QUEUED, BUILTIN, ENGLISH, Forecast(place=3, left=left), None)
    assert card.text == "🎬 Place 3 in line · about 20–40 seconds left · 1 credit\n\na cat"
    assert card.buttons == (("cancel",),)
    chinese = view(QUEUED, BUILTIN, CardReplies("zh"), Forecast(place=3, left=left), None)
    assert "大约还需20–40秒钟" in chinese.text


def test_a_range_that_rounds_to_one_number_is_shown_as_one() -> None:
    card = view(QUEUED, BUILTIN, ENGLISH, Forecast(place=1, left=span(28.4, 31.0)), None)
    assert "about 30 seconds left" in card.text


def test_a_card_says_when_a_later_prompt_goes_first_and_only_then() -> None:
    passed = view(QUEUED, BUILTIN, ENGLISH, Forecast(place=2, passed=True, left=span(30)), None)
    assert passed.text == (
        "🎬 Place 2 in line · about 30 seconds left · 1 credit\n"
        "A prompt that came later goes first: turns are shared fairly.\n\na cat"
    )
    assert "later" not in view(QUEUED, BUILTIN, ENGLISH, Forecast(place=2), None).text
    chinese = view(QUEUED, BUILTIN, CardReplies("zh"), Forecast(place=2, passed=True), None)
    assert "有后来的提示词排在前面" in chinese.text


def test_a_card_says_when_a_clip_that_was_begun_goes_first_once_more() -> None:
    outlook = Forecast(place=2, begun_again=True)
    assert "\nWhat was rendered of the first clip in line is lost; it begins again.\n" in (
        view(QUEUED, BUILTIN, ENGLISH, outlook, None).text
    )
    own = view(dataclasses.replace(QUEUED, attempt=1), BUILTIN, ENGLISH, outlook, None)
    assert "\nWhat was rendered of this clip is lost; it begins again.\n" in own.text


def test_the_next_in_line_waits_for_the_worker_that_is_free_first() -> None:
    usual, running = span(10, 20), [span(8, 16), span(2, 3)]
    assert wait(1, usual, 2, running) == span(12, 23)
    assert wait(2, usual, 2, running) == span(18, 36)
    assert wait(3, usual, 2, running) == span(22, 43)


def test_an_idle_worker_begins_at_once() -> None:
    assert wait(1, span(10), 2, [span(5)]) == span(10)
    assert wait(2, span(10), 2, [span(5)]) == span(15)
    assert wait(3, span(10), 2, [span(5)]) == span(20)


def test_a_worker_that_finishes_one_clip_while_it_draws_another_counts_once() -> None:
    assert wait(1, span(10), 1, [span(1), span(9)]) == span(19)


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
    outlook = Forecast(place=2, left=span(25, 25))
    first_lines = [
        view(job, BUILTIN, ENGLISH, outlook, None).text.split("\n")[0],
        view(starting, BUILTIN, ENGLISH, Forecast(), None).text.split("\n")[0],
    ]
    assert first_lines == [
        f"🎬 Place 2 in line · about 25 seconds left · {english}",
        f"🎬 Starting · {english}",
    ]
    assert chinese in view(job, BUILTIN, CardReplies("zh"), outlook, None).text
    assert english not in view(starting, BUILTIN, ENGLISH, Forecast(), progress(2)).text


def test_a_wait_goes_by_what_those_before_take_drafts_and_long_ones() -> None:
    draft, long = span(2, 3), span(20, 30)
    assert waits([long, draft, long], 1, []) == [span(20, 30), span(22, 33), span(42, 63)]
    assert waits([draft, long, draft], 2, [span(1)]) == [span(2, 3), span(21, 31), span(4, 6)]


def test_one_of_a_kind_never_measured_is_taken_for_the_longest_known() -> None:
    assert waits([None, span(2, 3), span(5, 7)], 1, []) == [None, span(7, 10), span(12, 17)]


def test_so_is_one_that_runs_already() -> None:
    assert waits([span(2, 3)], 1, [None]) == [span(4, 6)]
    assert waits([None], 1, [span(5, 6)]) == [None]


def test_nobody_can_tell_the_wait_for_a_worker_that_is_not_there() -> None:
    assert waits([span(2, 3)], 0, []) == [None]


def test_more_workers_shorten_the_wait() -> None:
    waits = [wait(8, span(10, 12), workers, []) for workers in (1, 2, 4, 8, 9)]
    assert waits == [span(80, 96), span(40, 48), span(20, 24), span(10, 12), span(10, 12)]


def test_without_a_measured_clip_no_time_is_promised() -> None:
    left = wait(1, None, 1, [span(5)])
    card = view(QUEUED, BUILTIN, ENGLISH, Forecast(place=1, left=left), None)
    assert card.text == "🎬 Next in line · 1 credit\n\na cat"


def test_a_running_card_shows_stage_steps_and_a_growing_bar() -> None:
    early = view(RUNNING, BUILTIN, ENGLISH, Forecast(), progress(2))
    late = view(RUNNING, BUILTIN, ENGLISH, Forecast(), progress(18))
    assert "Rendering · 2/20" in early.text
    assert early.text.count("▰") < late.text.count("▰")
    assert early.digest != late.digest


def test_time_left_shrinks_as_steps_are_done() -> None:
    early = remaining(span(80, 100), progress(2), now=10.0)
    late = remaining(span(80, 100), progress(18), now=78.0)
    assert early.low < early.high
    assert late.low <= late.high < early.low


@pytest.mark.parametrize("live", [None, progress(0), progress(20)])
def test_a_late_render_is_never_promised_in_no_time(live: Live | None) -> None:
    left = remaining(span(80, 100), live, now=10_000.0)
    assert 1.0 <= left.low <= left.high


def test_share_done_grows_through_the_stages() -> None:
    shares = [share_done(Progress(stage=stage, step=1, steps=1)) for stage in Stage]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert share_done(None) == 0.0


def test_a_clips_caption_has_prompt_and_seed() -> None:
    card = view(
        dataclasses.replace(RUNNING, state=JobState.RENDERED), BUILTIN, ENGLISH, Forecast(), None
    )
    assert card.is_clip
    assert card.text == "a cat\nseed 42"
    assert card.buttons == (
        ("again", "vary", "edit"),
        ("extend", "delete"),
        ("share", "publish"),
    )


def test_a_model_that_cannot_go_on_from_a_picture_offers_no_more_seconds() -> None:
    request = dataclasses.replace(RUNNING.request, model=WAN.name)
    job = dataclasses.replace(RUNNING, state=JobState.RENDERED, request=request)
    card = view(job, WAN, ENGLISH, Forecast(), None)
    assert card.buttons == (("again", "vary", "edit"), ("delete",), ("share", "publish"))


@pytest.mark.parametrize("entry", [BUILTIN, WAN], ids=lambda entry: entry.name)
def test_a_draft_says_so_and_offers_full_quality_in_place_of_more_seconds(
    entry: ModelEntry,
) -> None:
    request = dataclasses.replace(RUNNING.request, model=entry.name, steps=2)
    job = dataclasses.replace(RUNNING, state=JobState.RENDERED, request=request)
    card = view(job, entry, ENGLISH, Forecast(), None)
    assert card.text == "a cat\nDraft · seed 42"
    assert card.buttons == (*UNDER_A_DRAFT, *UNDER_A_PRIVATE_CLIP)
    assert all("extend" not in row for row in card.buttons)
    assert "草稿" in view(job, entry, CardReplies("zh"), Forecast(), None).text
    best = dataclasses.replace(job, request=dataclasses.replace(request, steps=100))
    assert view(best, BUILTIN, ENGLISH, Forecast(), None).text == "a cat\nseed 42"


@pytest.mark.parametrize("character", ["x", "猫", "😀", "👩\u200d👩\u200d👧", "e\u0301\u0302"])
def test_a_long_caption_is_cut_between_characters(character: str) -> None:
    request = dataclasses.replace(QUEUED.request, prompt=character * 600, model=WAN.name)
    text = caption(dataclasses.replace(QUEUED, request=request), WAN, ENGLISH)
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
    assert view(job, BUILTIN, ENGLISH, Forecast(place=1), None).text.endswith(f"\n{expected}")
    assert view(done, BUILTIN, ENGLISH, Forecast(), None).text.endswith(f"\nseed 42\n{expected}")
    assert "内置模型不认识“blorp”" in view(done, BUILTIN, CardReplies("zh"), Forecast(), None).text


def test_a_card_names_a_few_unknown_words_and_says_when_there_are_more() -> None:
    request = dataclasses.replace(QUEUED.request, prompt=" ".join(f"w{n}" for n in range(9)))
    text = caption(dataclasses.replace(QUEUED, request=request), BUILTIN, ENGLISH)
    assert "“w4”, …; it knows" in text
    assert "“w5”" not in text


def test_an_endless_unknown_word_is_named_by_its_beginning() -> None:
    character = "\U00020000"
    request = dataclasses.replace(QUEUED.request, prompt=character * 190)
    text = caption(dataclasses.replace(QUEUED, request=request), BUILTIN, ENGLISH)
    assert utf16_length(text) <= CAPTION_UNITS
    assert f"“{character * 14}…”" in text


@pytest.mark.parametrize("entry", [WAN, None], ids=["another model", "a model of last year"])
def test_a_model_of_all_words_leaves_none_out(entry: ModelEntry | None) -> None:
    request = dataclasses.replace(QUEUED.request, prompt="a blorp")
    text = caption(dataclasses.replace(QUEUED, request=request), entry, ENGLISH)
    assert text == "a blorp\nseed 42"


def test_a_failed_card_says_why_and_that_credits_are_back() -> None:
    job = dataclasses.replace(RUNNING, state=JobState.FAILED, error="worker")
    card = view(job, BUILTIN, ENGLISH, Forecast(), None)
    assert "failed three times" in card.text
    assert "credits are back" in card.text
    assert card.is_final
