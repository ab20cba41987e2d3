"""Shared clips: who finds which, by what words, in what order."""

import dataclasses
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database as Tables

from storage import clips, jobs, people, sharing
from storage.database import open_in_memory
from storage.jobs import Job
from storage.migrations.m0016_sharing import m0016_sharing
from storage.sharing import Place

from .examples import ADA, BO, BOT, ask, render


def make(db: Tables, prompt: str, user_id: int = ADA, *, public: bool = False) -> Job:
    """A clip that was delivered."""
    ask(db, user_id=user_id, prompt=prompt, daily_tenths=10**9)
    job = render(db)
    assert jobs.delivered(db, job_id=job.id, file_id=f"file-{job.id}", now=0)
    if public:
        assert sharing.set_public(db, job_id=job.id, public=True, now=5)
    return job


def page(
    db: Tables, words: str, user_id: int = ADA, after: Place | None = None, limit: int = 50
) -> tuple[list[str], Place | None]:
    found, then = sharing.search(
        db, bot_id=BOT, user_id=user_id, words=words, after=after or Place(), limit=limit
    )
    return [clip.prompt for clip in found], then


def prompts(db: Tables, words: str, user_id: int = ADA) -> list[str]:
    found, then = page(db, words, user_id)
    assert then is None
    return found


def test_without_words_people_find_their_own_clips_newest_first(db: Tables):
    for prompt in ("a cat", "a dog", "an owl"):
        make(db, prompt)
    make(db, "a fox", BO, public=True)
    assert prompts(db, "") == prompts(db, "  ?! ") == ["an owl", "a dog", "a cat"]
    assert prompts(db, "", BO) == ["a fox"]


def test_words_find_what_is_public_and_never_what_is_anothers(db: Tables):
    make(db, "a public cat", public=True)
    make(db, "a private cat")
    make(db, "a cat of Bo's", BO)
    assert prompts(db, "cat", BO) == ["a cat of Bo's", "a public cat"]
    assert prompts(db, "private", BO) == []
    assert prompts(db, "cat") == ["a private cat", "a public cat"]


def test_ones_own_come_before_newer_ones_of_others(db: Tables):
    make(db, "my cat")
    make(db, "their cat", BO, public=True)
    assert prompts(db, "cat") == ["my cat", "their cat"]


def test_a_clip_made_private_again_is_its_makers_alone(db: Tables):
    job = make(db, "a cat", public=True)
    assert sharing.set_public(db, job_id=job.id, public=False, now=6)
    assert prompts(db, "cat", BO) == []
    assert prompts(db, "cat") == ["a cat"]


def test_a_deleted_clip_is_found_by_nobody_and_cannot_become_public(db: Tables):
    job = make(db, "a cat", public=True)
    clips.delete(db, job_id=job.id, now=9)
    assert prompts(db, "cat") == prompts(db, "") == prompts(db, "cat", BO) == []
    assert not sharing.set_public(db, job_id=job.id, public=True, now=9)
    assert prompts(db, "cat", BO) == []
    assert sharing.by_token(db, bot_id=BOT, token=job.token) is None


def test_a_clip_without_telegrams_file_is_not_found_until_it_has_one(db: Tables):
    ask(db, prompt="a cat")
    job = render(db)
    sharing.set_public(db, job_id=job.id, public=True, now=5)
    assert prompts(db, "cat") == []
    clips.set_file_id(db, job_id=job.id, file_id="file")
    assert prompts(db, "cat", BO) == ["a cat"]


def test_another_bot_in_the_same_tables_finds_nothing_of_this_one(db: Tables):
    job = make(db, "a cat", public=True)
    found, _ = sharing.search(db, bot_id=BOT + 1, user_id=ADA, words="cat", after=Place(), limit=50)
    assert found == []
    assert sharing.by_token(db, bot_id=BOT + 1, token=job.token) is None


@pytest.mark.parametrize(
    ("prompt", "found_by", "missed_by"),
    [
        ("A Cat moves LEFT on blue", ["blue cat", "CAT", "ca bl", "left, cat!"], ["cat red", "at"]),
        (
            "一只熊猫在森林里跳舞",
            ["熊猫", "森林 熊猫", "跳", "只熊猫在"],
            ["猫熊", "大象", "熊猫 雪"],
        ),
        ("3只cat在海边", ["cat", "海边 cat", "3"], ["dog"]),
        ("Ｃafé at night", ["cafe", "CAFÉ"], ["caff"]),
        ("ラーメンを食べる猫", ["ラーメン", "猫"], ["犬"]),
        ('say "hi" OR NOT', ["hi not", '"hi"', "or"], ["NEAR"]),
    ],
)
def test_all_words_count_in_any_order_and_case(
    db: Tables, prompt: str, found_by: list[str], missed_by: list[str]
):
    make(db, prompt)
    for words in found_by:
        assert prompts(db, words) == [prompt], words
    for words in missed_by:
        assert prompts(db, words) == [], words


def test_a_readers_word_in_a_prompt_or_a_query_opens_nothing(db: Tables):
    make(db, "a secret")
    make(db, f"{BOT}all {BOT}u{BO}")
    for words in (f"{BOT}all", f"{BOT}u{ADA}", f'" OR readers:"{BOT}u{ADA}', "a* OR b"):
        assert prompts(db, words, BO) == []


@settings(max_examples=50)
@given(words=st.text(max_size=256))
def test_no_words_whatever_are_an_error(words: str):
    with open_in_memory() as db:
        make(db, "a cat", public=True)
        make(db, words[:150])
        page(db, words, BO)


def test_a_list_is_paged_without_gap_or_repetition_from_ones_own_into_the_public_ones(db: Tables):
    for number in range(7):
        make(db, f"cat {number}")
        make(db, f"cat of bo {number}", BO, public=True)
    shown: list[str] = []
    place: Place | None = Place()
    while place is not None:
        found, place = page(db, "cat", after=place, limit=3)
        assert len(found) <= 3
        shown += found
    assert shown == [f"cat {n}" for n in range(6, -1, -1)] + [
        f"cat of bo {n}" for n in range(6, -1, -1)
    ]


def test_a_page_that_ends_with_the_last_own_clip_is_followed_by_the_public_ones(db: Tables):
    make(db, "cat 1")
    make(db, "cat 2", BO, public=True)
    found, place = page(db, "cat", limit=1)
    assert found == ["cat 1"]
    assert place is not None
    assert page(db, "cat", after=place, limit=2) == (["cat 2"], None)


def test_a_clip_names_its_maker(db: Tables):
    people.see(
        db, bot_id=BOT, user_id=ADA, username="ada", first_name="Ada", language_code="en", now=0
    )
    job = make(db, "a cat", public=True)
    clip = sharing.by_token(db, bot_id=BOT, token=job.token)
    assert clip is not None
    assert (clip.maker, clip.file_id, clip.prompt) == ("Ada", f"file-{job.id}", "a cat")
    assert clip.is_for(BO)
    assert not dataclasses.replace(clip, is_public=False).is_for(BO)


def test_clips_that_were_sent_before_sharing_came_are_found(db: Tables):
    job = make(db, "一只熊猫")
    make(db, "a fox", BO)
    gone = make(db, "a dog")
    clips.delete(db, job_id=gone.id, now=1)
    db.execute("DROP TABLE clip_words")
    db.execute("ALTER TABLE clips DROP COLUMN public_at")
    m0016_sharing(db)
    assert prompts(db, "熊猫") == prompts(db, "") == ["一只熊猫"]
    assert prompts(db, "熊猫", BO) == []
    assert sharing.set_public(db, job_id=job.id, public=True, now=2)
    assert prompts(db, "熊猫", BO) == ["一只熊猫"]


def test_a_hundred_thousand_clips_are_searched_in_milliseconds():
    with open_in_memory() as db:
        make(db, "first")
        db.execute(
            """WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO clip_words (rowid, prompt, readers)
            SELECT i, 'a cat ' || (i % 97) || ' 熊 猫 跳 舞 on blue',
                ? || 'u' || (i % 1000) || iif(i % 2, ' ' || ? || 'all', '') FROM n""",
            [BOT, BOT],
        )
        slowest = 0.0
        for words in ("", "a", "c bl", "熊猫", "cat zebra", "猫 96 on"):
            begun = time.perf_counter()
            page(db, words, 7)
            slowest = max(slowest, time.perf_counter() - begun)
        # Some 5 ms on a slow machine; a walk along all prompts takes a hundred times that.
        assert slowest < 0.25
