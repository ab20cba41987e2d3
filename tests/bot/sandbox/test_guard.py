"""Other web sites are kept out, and the token stays where it belongs."""

import aiohttp
import pytest

from bot.sandbox.client import SandboxClient
from bot.sandbox.server import Sandbox
from tests.bot.sandbox.conftest import ADA

BODY = {"person": ADA, "chat": ADA, "text": "x"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://localhost:{port}"},
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": "127.0.0.1.evil.example:{port}"},
        {"Host": "localhost:{port}@evil.example"},
    ],
)
async def test_a_foreign_origin_or_host_is_refused(
    sandbox: Sandbox,
    web: aiohttp.ClientSession,
    people: SandboxClient,
    headers: dict[str, str],
) -> None:
    port = sandbox.root.rpartition(":")[2]
    headers = {name: value.replace("{port}", port) for name, value in headers.items()}
    async with web.post("/sandbox/send", json=BODY, headers=headers) as answer:
        assert answer.status == 403
    async with web.get("/sandbox/people", headers=headers) as answer:
        assert answer.status == 403
    assert await people.messages(ADA, ADA) == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_the_sandboxs_own_page_is_let_in(
    sandbox: Sandbox, web: aiohttp.ClientSession, name: str
) -> None:
    host = f"{name}:{sandbox.root.rpartition(':')[2]}"
    headers = {"Host": host, "Origin": f"http://{host}"}
    async with web.post("/sandbox/send", json=BODY, headers=headers) as answer:
        assert answer.status == 200


async def test_no_address_of_the_page_gives_the_token_away(
    sandbox: Sandbox, web: aiohttp.ClientSession, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "hello")
    for path in (
        "/",
        "/sandbox/people",
        f"/sandbox/chats?person={ADA}",
        f"/sandbox/messages?person={ADA}&chat={ADA}",
        "/sandbox/calls",
        "/sandbox/token",
        "/token",
        "/page/token",
    ):
        async with web.get(path) as answer:
            assert sandbox.token not in await answer.text()
