"""Tests of a worker in this process, without Ray."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from inference.values import (
    Clip,
    EncodeError,
    InferenceError,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    RenderCancelled,
    Request,
    RequestRejected,
    Stage,
)
from inference.worker import Worker
from tests.inference.entries import TINY, tiny_request
from tests.inference.test_mp4 import decode


@pytest.fixture
async def worker(models_folder: Path) -> AsyncIterator[Worker]:
    worker = Worker(TINY, models_folder=models_folder)
    await worker.load()
    yield worker
    worker.close()


async def render(
    worker: Worker,
    request: Request,
    key: str = "1",
    *,
    cancel_at: Progress | None = None,
    heard: list[Progress | Clip] | None = None,
) -> list[Progress | Clip]:
    """All that a render says; cancelled when it says `cancel_at`."""
    heard = [] if heard is None else heard
    async for item in worker.render(request, key=key):
        heard.append(item)
        if item == cancel_at:
            assert worker.cancel(key)
    return heard


async def test_a_request_becomes_progress_and_then_one_clip(worker):
    *progress, clip = await render(worker, tiny_request(seed=9))
    assert isinstance(clip, Clip)
    assert all(isinstance(item, Progress) for item in progress)
    stages = [item.stage for item in progress if isinstance(item, Progress) and item.step == 0]
    assert stages == list(Stage)
    assert (clip.width, clip.height, clip.fps, clip.seed) == (64, 64, 8, 9)
    assert clip.seconds == 9 / 8
    assert set(clip.stage_seconds) == set(Stage)
    assert all(seconds >= 0 for seconds in clip.stage_seconds.values())
    frames, _ = decode(clip.mp4)
    assert frames.shape == (9, 64, 64, 3)


async def test_the_same_seed_gives_the_same_file(worker):
    one, other = await render(worker, tiny_request()), await render(worker, tiny_request())
    assert isinstance(one[-1], Clip)
    assert isinstance(other[-1], Clip)
    assert one[-1].mp4 == other[-1].mp4


async def test_a_cancel_is_heard_within_one_step_and_the_next_request_works(worker):
    heard: list[Progress | Clip] = []
    second = Progress(stage=Stage.DENOISE, step=2, steps=90)
    with pytest.raises(RenderCancelled):
        await render(worker, tiny_request(steps=90), cancel_at=second, heard=heard)
    assert len(heard) < 90, "most steps were never made"
    assert not worker.cancel("1"), "nothing of that name is under way any more"
    assert isinstance((await render(worker, tiny_request()))[-1], Clip)


async def test_a_cancel_during_the_encode_gives_no_clip(worker):
    encode = Progress(stage=Stage.ENCODE, step=0, steps=1)
    with pytest.raises(RenderCancelled):
        await render(worker, tiny_request(), cancel_at=encode)


async def test_a_cancel_of_one_render_leaves_the_other_alone(worker):
    begun = Progress(stage=Stage.TEXT, step=0, steps=1)
    cancelled, other = await asyncio.gather(
        render(worker, tiny_request(steps=90), "1", cancel_at=begun),
        render(worker, tiny_request(), "2"),
        return_exceptions=True,
    )
    assert isinstance(cancelled, RenderCancelled)
    assert isinstance(other, list)
    assert isinstance(other[-1], Clip)


async def test_leaving_a_render_early_stops_it_before_its_decode(worker):
    """The decode of the render that is left would never end, nor would the one after it begin."""
    stream = worker.render(tiny_request(steps=100, aspect_ratio="silence"), key="1")
    async for item in stream:
        if item == Progress(stage=Stage.DENOISE, step=2, steps=100):
            break
    await stream.aclose()
    assert isinstance((await render(worker, tiny_request()))[-1], Clip)


async def test_the_next_request_is_denoised_while_this_one_is_encoded(worker):
    """A large clip of one step takes longer to encode than the next takes to begin."""
    marks: dict[tuple[str, str], float] = {}

    async def watch(key: str) -> None:
        request = tiny_request(seconds=4.0, steps=1, aspect_ratio="large")
        async for item in worker.render(request, key=key):
            name = "clip" if isinstance(item, Clip) else f"{item.stage} {item.step}"
            marks[key, name] = time.perf_counter()

    await asyncio.gather(watch("first"), watch("second"))
    assert marks["first", "encode 0"] < marks["second", "denoise 1"] < marks["first", "clip"]
    assert marks["first", "decode 1"] <= marks["second", "denoise 0"], "one at a time in the model"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"aspect_ratio": "memory"}, OutOfMemory),
        ({"aspect_ratio": "bug"}, InferenceError),
        ({"seconds": 99.0}, RequestRejected),
    ],
)
async def test_a_failed_render_tells_its_cause_and_the_next_one_works(worker, changes, error):
    with pytest.raises(InferenceError) as caught:
        await render(worker, tiny_request(**changes))
    assert type(caught.value) is error
    assert isinstance((await render(worker, tiny_request()))[-1], Clip)


async def test_a_file_that_cannot_be_written_is_an_encode_error(worker, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(EncodeError):
        await render(worker, tiny_request())


async def test_a_key_is_free_again_as_soon_as_its_clip_is_there(worker):
    stream = worker.render(tiny_request(), key="1")
    async for item in stream:
        if isinstance(item, Clip):
            assert isinstance((await render(worker, tiny_request(), "1"))[-1], Clip)


async def test_one_key_names_one_render(worker):
    stream = worker.render(tiny_request(), key="1")
    await anext(stream)
    with pytest.raises(InferenceError, match="already"):
        await render(worker, tiny_request(), "1")
    await stream.aclose()


async def test_loading_fails_with_a_sentence_and_may_be_tried_again(tmp_path, models_folder):
    entry = replace(TINY, source="missing")
    worker = Worker(entry, models_folder=tmp_path)
    with pytest.raises(ModelUnavailable, match="is not loaded"):
        await render(worker, tiny_request())
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "model_index.json").write_text("{")
    with pytest.raises(ModelUnavailable, match="cannot be loaded from"):
        await worker.load()
    (tmp_path / "tiny" / "model_index.json").unlink()
    (tmp_path / "tiny").rmdir()
    (tmp_path / "tiny").symlink_to(models_folder / "tiny")
    await worker.load()
    assert isinstance((await render(worker, tiny_request()))[-1], Clip)
    worker.close()
