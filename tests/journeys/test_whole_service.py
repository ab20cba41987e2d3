"""Everything real: the command line, Ray, the built-in model, H.264."""

import asyncio
import io
import os
import signal
import sys
import time
from pathlib import Path

import av
import pytest

from bot.app import OpenFleet
from bot.sandbox.client import SandboxClient
from inference import catalog
from inference.fleet import Fleet
from tests.service import ADA, Sandbox, by_bot, open_service, settled, texts, until, videos

pytestmark = pytest.mark.timeout(300)
COMMAND = (sys.executable, "-c", "from bot.cli import app; app()")
PROJECT = Path(__file__).parent.parent.parent
MODEL = catalog.find(catalog.DEFAULT_MODEL)
LONG_SECONDS = 120.0


async def kinogram(folder: Path, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *COMMAND,
        *words,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "KINOGRAM_HTTP_PORT": "0", "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def check_mp4(mp4: bytes) -> None:
    """H.264, yuv420p, the model's shape and length, index in front."""
    assert mp4.index(b"moov") < mp4.index(b"mdat")
    with av.open(io.BytesIO(mp4)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == MODEL.shapes[MODEL.default_aspect_ratio]
        frames = sum(1 for _ in container.decode(stream))
    assert frames == catalog.frames(MODEL, MODEL.default_seconds)


async def test_try_prints_the_conversation_and_saves_the_clip(tmp_path: Path) -> None:
    process = await kinogram(tmp_path, "try", "一只猫在蓝色背景上向左移动", "--output", "cat.mp4")
    output, errors = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, errors.decode()
    assert "You: 一只猫在蓝色背景上向左移动" in text
    assert "▱" in text
    assert "seed " in text
    assert "cat.mp4" in text
    check_mp4((tmp_path / "cat.mp4").read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == ["cat.mp4"]


async def test_try_prints_the_bots_refusal_and_exits_1(tmp_path: Path) -> None:
    process = await kinogram(tmp_path, "try", "x" * 200)
    output, _errors = await process.communicate()
    assert process.returncode == 1
    assert "200 characters" in output.decode()
    assert list(tmp_path.iterdir()) == []


async def test_serve_survives_sigterm_in_the_middle_of_a_clip(tmp_path: Path) -> None:
    words = ("serve", "--sandbox", "--sandbox-port", "0")
    process = await kinogram(tmp_path, *words)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), LONG_SECONDS)).decode()
    root = line.split()[1]
    async with SandboxClient(root) as client:
        await client.send(ADA, ADA, "a cat moves left")
        # The worker is loading or rendering now.
        await until(client, ADA, ADA, by_bot)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert time.monotonic() - began < 10
    _output, errors = await process.communicate()
    token = (tmp_path / "kinogram-data/sandbox/telegram/token").read_text().strip()
    assert token not in errors.decode()

    process = await kinogram(tmp_path, *words)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), LONG_SECONDS)).decode()
    async with SandboxClient(line.split()[1]) as client:
        await until(client, ADA, ADA, videos, seconds=LONG_SECONDS)
        assert len(by_bot(await client.messages(ADA, ADA))) == 1
    process.send_signal(signal.SIGTERM)
    await process.communicate()


def ray_fleet(opened: list[Fleet]) -> OpenFleet:
    async def open_fleet() -> Fleet:
        opened.append(await Fleet.open(MODEL, address=None, workers=1))
        return opened[0]

    return open_fleet


async def test_a_clip_arrives_although_its_worker_was_killed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    opened: list[Fleet] = []
    settings = sandbox.settings(tmp_path / "data")
    async with open_service(settings, ray_fleet(opened)) as app:
        await sandbox.client.send(ADA, ADA, "a cat moves left")
        await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: [text for text in texts(found) if "▱" in text],
            seconds=LONG_SECONDS,
        )
        (worker,) = opened[0].workers()
        os.kill(worker.process_id, signal.SIGKILL)
        await until(sandbox.client, ADA, ADA, videos, seconds=LONG_SECONDS)
        assert len(by_bot(await sandbox.client.messages(ADA, ADA))) == 1
        assert [row["kind"] for row in await settled(app)] == ["reserve", "capture"]
        (clip,) = videos(await sandbox.client.messages(ADA, ADA))
        check_mp4(await sandbox.client.file(clip["video"]["url"]))
