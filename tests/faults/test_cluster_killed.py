"""The whole service on a cluster of Ray's whose nodes are killed, the head's too."""

import asyncio
from pathlib import Path

import pytest
from diffusers import LTXPipeline

from tests.faults.cluster_process import ENTRY
from tests.faults.nodes import Gate, open_cluster
from tests.faults.processes import check_books, check_chat, until_all_ended
from tests.forked import Forked
from tests.inference.faulty import GATE
from tests.inference.tiny import tiny_ltx
from tests.service import ADA, CLEO, Message, Sandbox, by_bot, texts, until, videos

LONG_SECONDS = 120.0


async def asks(sandbox: Sandbox, prompt: str) -> None:
    """Ada asks for a clip, and her card shows that it is being rendered."""
    await sandbox.client.send(ADA, ADA, prompt)

    def shows_a_bar(found: list[Message]) -> bool:
        return any("▱" in text for text in texts(found)[-1:])

    await until(sandbox.client, ADA, ADA, shows_a_bar, seconds=LONG_SECONDS)


async def reads(sandbox: Sandbox, person: int, part: str) -> None:
    """The bot says so to them."""
    await until(
        sandbox.client,
        person,
        person,
        lambda found: any(part in text for text in texts(found)),
    )


async def has_clips(sandbox: Sandbox, number: int) -> None:
    def wanted(found: list[Message]) -> bool:
        return len(videos(found)) == number

    await until(sandbox.client, ADA, ADA, wanted, seconds=LONG_SECONDS)


@pytest.mark.timeout(300)
async def test_every_clip_is_shown_and_charged_once_whatever_node_is_lost_and_whoever_is_renewed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    tiny_ltx(LTXPipeline).save_pretrained(tmp_path / "models" / ENTRY.name)
    gate = Gate(tmp_path / "gate")
    data_dir = tmp_path / "data"
    async with open_cluster(**{GATE: str(gate.path)}) as cluster:
        await cluster.start_head()
        environment = sandbox.environment(
            data_dir,
            KINOGRAM_RAY_ADDRESS=cluster.address,
            KINOGRAM_MODELS_DIR=str(tmp_path / "models"),
            **cluster.environment,
        )
        bot = Forked("tests.faults.cluster_process", environment=environment)
        try:
            await asyncio.gather(cluster.start_node(ENTRY.cpus), cluster.start_node(ENTRY.cpus))
            await asks(sandbox, "a cat moves left --ar 16:9")
            renders, other = (1, 2) if cluster.workers(1) else (2, 1)
            await cluster.kill(renders)
            with gate.opened():
                await has_clips(sandbox, 1)

            await asks(sandbox, "a dog moves left --ar 16:9")
            await cluster.kill(0, other)
            await cluster.start_head()
            await cluster.start_node(ENTRY.cpus)
            with gate.opened():
                await has_clips(sandbox, 2)

            await asks(sandbox, "a car moves left --ar 16:9")
            sent = await sandbox.client.send(ADA, ADA, "a bus moves left --ar 16:9")
            await until(
                sandbox.client,
                ADA,
                ADA,
                lambda found: by_bot(found)[-1]["message_id"] > sent["message_id"],
            )
            before = cluster.workers(4)
            for line, answer in (("/drain", "2 clips are still"), ("/restart", "One after the")):
                await sandbox.client.send(CLEO, CLEO, line)
                await reads(sandbox, CLEO, answer)
            with gate.opened():
                await has_clips(sandbox, 4)
            await until_all_ended(data_dir)
            assert len(before) == len(cluster.workers(4) - before) == 1, "a fresh worker"
            bot.terminate()
            assert await bot.wait() == 0
        finally:
            bot.kill()
            await bot.wait()
    books = await check_books(data_dir)
    attempts = [(row["attempt"], row["failures"]) for row in books["rows"]]
    assert attempts == [(2, 1), (2, 1), (1, 0), (1, 0)], "lost with its node, with the head; kept"
    assert check_chat(await sandbox.client.messages(ADA, ADA), books["rows"], ADA) == 0
