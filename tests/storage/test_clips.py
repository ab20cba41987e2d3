"""Clips: their files, and how long they usually take."""

import dataclasses

from sqlite_utils import Database as Tables

from inference.values import Request
from storage import clips
from storage.clips import Span

from .examples import BOT, CLIP, ask, render


def make(
    db: Tables,
    *seconds: float,
    model: str = "builtin",
    steps: int | None = None,
    aspect_ratio: str = "",
) -> None:
    for total in seconds:
        ask(db, steps=steps, aspect_ratio=aspect_ratio)
        stages = {"denoise": total - 1, "encode": 1.0}
        render(db, clip=dataclasses.replace(CLIP, model=model, stage_seconds=stages))


def usual(
    db: Tables, model: str = "builtin", steps: int | None = None, last: int = 20
) -> Span | None:
    shape = clips.shape_of(Request(prompt="", seed=1, model=model, steps=steps))
    return clips.usual_seconds(db, bot_id=BOT, model=model, shape=shape, last=last)


def test_a_job_without_a_clip_has_none(db: Tables):
    assert clips.of_job(db, ask(db).id) is None
    assert not clips.set_file_id(db, job_id=1, file_id="file")


def test_telegrams_id_of_a_clip_is_remembered(db: Tables):
    ask(db)
    job = render(db)
    assert clips.set_file_id(db, job_id=job.id, file_id="file")
    assert clips.of_job(db, job.id) == dataclasses.replace(CLIP, file_id="file")


def test_nothing_is_usual_before_the_first_clip(db: Tables):
    assert usual(db) is None
    make(db, 9)
    assert usual(db, model="another") is None
    assert usual(db) == Span(low=9, high=9)


def test_usual_seconds_are_those_of_the_middle_half_of_the_latest_clips_of_the_model(db: Tables):
    make(db, 500, 500, 500, 8, 10, 90, 12, 14)
    make(db, 1000, model="another")
    assert usual(db, last=5) == Span(low=10, high=14)
    assert usual(db, last=1) == Span(low=14, high=14)


def test_usual_seconds_are_learned_for_each_shape(db: Tables):
    make(db, 40, 40)
    make(db, 60, 60, aspect_ratio="16:9")
    assert usual(db) == Span(low=40, high=40)


def test_drafts_say_nothing_of_how_long_whole_clips_take_and_the_reverse(db: Tables):
    make(db, 6, 6, steps=4, aspect_ratio="16:9")
    assert usual(db) is None
    assert usual(db, steps=14) is None
    assert usual(db, steps=4) == Span(low=6, high=6), "of another shape, but as many steps"
    make(db, 40, 40, aspect_ratio="16:9")
    assert usual(db) == Span(low=40, high=40)
    assert usual(db, steps=4) == Span(low=6, high=6)


def test_a_shape_is_all_that_decides_how_long_a_clip_takes():
    request = Request(prompt="a cat", seed=1, model="builtin")
    longer = [
        dataclasses.replace(request, seconds=10),
        dataclasses.replace(request, aspect_ratio="9:16"),
        dataclasses.replace(request, steps=4),
    ]
    assert len({clips.shape_of(one) for one in (request, *longer)}) == 4
    same = dataclasses.replace(request, prompt="a dog", seed=2, negative_prompt="rain")
    assert clips.shape_of(same) == clips.shape_of(request)
