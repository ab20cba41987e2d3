"""Clips: their files, and how long they usually take."""

import dataclasses

from sqlite_utils import Database as Tables

from storage import clips

from .examples import BOT, CLIP, ask, render


def make(db: Tables, *seconds: float, model: str = "builtin") -> None:
    for total in seconds:
        ask(db)
        stages = {"denoise": total - 1, "encode": 1.0}
        render(db, clip=dataclasses.replace(CLIP, model=model, stage_seconds=stages))


def typical(db: Tables, model: str = "builtin", last: int = 20) -> float | None:
    return clips.typical_seconds(db, bot_id=BOT, model=model, last=last)


def test_a_job_without_a_clip_has_none(db: Tables):
    assert clips.of_job(db, ask(db).id) is None
    assert not clips.set_file_id(db, job_id=1, file_id="file")


def test_telegrams_id_of_a_clip_is_remembered(db: Tables):
    ask(db)
    job = render(db)
    assert clips.set_file_id(db, job_id=job.id, file_id="file")
    assert clips.of_job(db, job.id) == dataclasses.replace(CLIP, file_id="file")


def test_nothing_is_typical_before_the_first_clip(db: Tables):
    assert typical(db) is None
    make(db, 9)
    assert typical(db, model="another") is None
    assert typical(db) == 9


def test_typical_seconds_are_the_median_of_the_latest_clips_of_the_model(db: Tables):
    make(db, 100, 100, 100, 8, 10, 90)
    make(db, 1000, model="another")
    assert typical(db, last=3) == 10
    assert typical(db, last=4) == 50
