"""The HTTP side of the service: webhook, health, readiness, metrics."""

from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from pydantic import AnyHttpUrl

from bot.telegram.inbox import parse_webhook
from bot.web.server import SECRET_HEADER
from storage import inbox
from tests.fleets import LocalFleet, open_gate
from tests.service import ADA, BOT_ID, Sandbox, open_service, settled, until, videos

HOST = "http://127.0.0.1"


async def test_without_the_secret_the_webhook_answers_403_and_stores_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data", webhook_url=AnyHttpUrl("http://127.0.0.1:9"))
    async with open_service(settings, fleet.open) as app, aiohttp.ClientSession() as http:
        url = f"{HOST}:{app.http_port}/telegram"
        for headers in ({}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "é"}):
            async with http.post(url, json={"update_id": 1}, headers=headers) as answer:
                assert answer.status == 403
        assert await app.database.read(inbox.count_waiting, bot_id=BOT_ID) == 0


async def test_updates_posted_to_the_webhook_become_clips(sandbox: Sandbox, tmp_path: Path) -> None:
    port = unused_port()
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(
        tmp_path / "data", http_port=port, webhook_url=AnyHttpUrl(f"{HOST}:{port}")
    )
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.send(ADA, ADA, "a cat")
        assert await until(sandbox.client, ADA, ADA, videos)
        await settled(app)
        found = await sandbox.client.inline(ADA, ADA, "cat")
        assert found is not None
        assert [result["title"] for result in found["results"]] == ["a cat"]


async def test_ready_until_every_worker_is_lost_or_the_disk_takes_no_data(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    data = tmp_path / "data"
    async with (
        open_service(sandbox.settings(data), fleet.open) as app,
        aiohttp.ClientSession() as http,
    ):

        async def get(path: str) -> tuple[int, str]:
            async with http.get(f"{HOST}:{app.http_port}{path}") as answer:
                return answer.status, await answer.text()

        assert (await get("/healthz"))[0] == 200
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)
        assert await get("/readyz") == (200, "ready\n")
        fleet.workers()[0].state = "loading"
        assert await get("/readyz") == (200, "ready\n"), "it turns to another model, say"
        fleet.lose("it died")
        assert await get("/readyz") == (503, "every worker is lost: it died\n")
        fleet.workers()[0].error = ""
        data.rename(tmp_path / "moved")
        status, reason = await get("/readyz")
        assert status == 503
        assert "takes no writes" in reason
        (tmp_path / "moved").rename(data)
        assert (await get("/healthz"))[0] == 200


async def test_metrics_count_jobs_credits_workers_and_stages(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    settings = sandbox.settings(tmp_path / "data")
    async with open_service(settings, fleet.open) as app, aiohttp.ClientSession() as http:
        await sandbox.client.send(ADA, ADA, "a cat")
        await until(sandbox.client, ADA, ADA, videos)
        async with http.get(f"{HOST}:{app.http_port}/metrics") as answer:
            page = await answer.text()
        for line in (
            'kinogram_queue_depth{model="builtin"} 0.0',
            'kinogram_credits{kind="reserve"} 1.0',
            'kinogram_workers{model="builtin",state="idle"} 1.0',
            'kinogram_stage_seconds_count{model="builtin",stage="denoise"} 1.0',
        ):
            assert line in page


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": "1"}', b"\xff", b"[" * 9999])
def test_a_body_that_is_no_update_is_refused(body: bytes) -> None:
    assert parse_webhook(body) is None
