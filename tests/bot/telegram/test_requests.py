"""PTB's calls over aiohttp, to a server that does what Telegram and the net do."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot
from telegram.error import BadRequest, NetworkError, TimedOut

from bot.telegram import requests
from bot.telegram.requests import AiohttpRequest

TOKEN = "7:secret"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Answer], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers = []

    async def start(answer: Answer) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        return str(servers[-1].make_url("")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
def fresh_proxies() -> Iterator[None]:
    requests._proxy_for.cache_clear()
    yield
    requests._proxy_for.cache_clear()


def bot_at(root: str) -> Bot:
    request = AiohttpRequest()
    return Bot(TOKEN, base_url=f"{root}/bot", request=request, get_updates_request=request)


def answer_json(result: object = True, *, status: int = 200) -> web.Response:
    if status == 200:
        return web.json_response({"ok": True, "result": result})
    body = {"ok": False, "error_code": status, "description": str(result)}
    return web.json_response(body, status=status)


async def test_words_and_files_arrive_as_they_were_sent(serve: Serve) -> None:
    seen: list[dict[str, object]] = []

    async def answer(request: web.Request) -> web.Response:
        fields = await request.post()
        seen.append(
            {
                name: (value.filename, value.content_type, value.file.read())
                if isinstance(value, web.FileField)
                else value
                for name, value in fields.items()
            }
        )
        return answer_json({"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}})

    root = await serve(answer)
    bot, clip = bot_at(root), bytes(range(256)) * 4000
    async with bot._request[1]:
        await bot.send_message(5, "一只猫 & = % ü\n😀")
        await bot.send_video(5, clip, filename="猫 1.mp4", caption="“cat”", width=640)
    assert seen[0] == {"chat_id": "5", "text": "一只猫 & = % ü\n😀"}
    video = seen[1].pop("video")
    assert isinstance(video, tuple)
    assert video[1:] == ("video/mp4", clip)
    assert seen[1] == {"chat_id": "5", "caption": "“cat”", "width": "640"}


async def test_a_refusal_and_a_file_come_back_as_they_are(serve: Serve) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(body=b"\x00\xff" * 100_000)
        return answer_json("chat not found", status=400)

    root = await serve(answer)
    request = AiohttpRequest()
    async with request:
        assert (
            await request.retrieve(f"{root}/file/bot{TOKEN}/photos/1.jpg") == b"\x00\xff" * 100_000
        )
        with pytest.raises(BadRequest, match="not found"):
            await request.post(f"{root}/bot{TOKEN}/getChat")


async def test_a_server_that_keeps_silent_or_hangs_up_is_no_server(serve: Serve) -> None:
    ended = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if "hang" in request.path:
            request.transport.abort()  # type: ignore[union-attr]
        await ended.wait()
        return answer_json()

    root = await serve(answer)
    request = AiohttpRequest()
    async with request:
        with pytest.raises(TimedOut):
            await request.post(f"{root}/bot{TOKEN}/getMe", read_timeout=0.05)
        with pytest.raises(NetworkError) as caught:
            await request.post(f"{root}/bot{TOKEN}/hang")
        ended.set()
    assert not isinstance(caught.value, TimedOut)
    assert TOKEN not in str(caught.value)


async def test_a_server_that_does_not_take_a_file_is_given_up_after_its_time(serve: Serve) -> None:
    held = asyncio.Event()

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()  # reads nothing, so that the sender's buffers stay full
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0, limit=1)
    port = server.sockets[0].getsockname()[1]
    bot, clip = bot_at(f"http://127.0.0.1:{port}"), bytes(20_000_000)
    slowest, requests.SLOWEST_UPLOAD = requests.SLOWEST_UPLOAD, 10**9
    try:
        async with bot._request[1]:
            limits = {f"{name}_timeout": 0.1 for name in ("read", "write", "connect", "pool")}
            with pytest.raises(TimedOut):
                await bot.send_video(5, clip, **limits)
    finally:
        requests.SLOWEST_UPLOAD = slowest
        held.set()
        server.close()
        await server.wait_closed()


async def test_an_address_that_nobody_serves_is_named_without_the_token() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/bot{TOKEN}/getMe"
        async with AiohttpRequest() as request:
            for address in (url, f"nowhere://{TOKEN}/getMe"):
                with pytest.raises(NetworkError) as caught:
                    await request.post(address)
                assert TOKEN not in str(caught.value)


async def test_calls_outside_of_its_life_are_a_mistake() -> None:
    request = AiohttpRequest()
    for _ in range(2):
        with pytest.raises(NetworkError, match="not initialized"):
            await request.post("http://127.0.0.1/")
        await request.initialize()
        await request.initialize()
        await request.shutdown()
        await request.shutdown()


@pytest.mark.usefixtures("fresh_proxies")
async def test_a_proxy_of_the_environment_is_used_but_for_whom_it_leaves_out(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(str(request.url))
        return answer_json()

    root = await serve(answer)
    monkeypatch.setenv("http_proxy", root)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with AiohttpRequest() as request:
        assert await request.post("http://telegram.example/getMe") is True
        assert await request.post(f"{root}/direct") is True
    assert asked == ["http://telegram.example/getMe", f"{root}/direct"]
