"""The sandbox as one aiohttp server on 127.0.0.1."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot.sandbox.bot_api import BotApi
from bot.sandbox.event_stream import EventStream
from bot.sandbox.group_api import GroupApi
from bot.sandbox.guard import add_headers, guard
from bot.sandbox.limits import FloodLimits
from bot.sandbox.misbehaviour import Misbehaviour
from bot.sandbox.page_api import PageApi
from bot.sandbox.parameters import BODY_BYTES
from bot.sandbox.people import BOT_ID
from bot.sandbox.state import State, read_or_make_token, write_token
from bot.sandbox.static_page import page_routes
from bot.sandbox.webhook import WebhookSender


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A running sandbox. root: http address without a slash at its end."""

    root: str
    token: str = field(repr=False)
    folder: Path


@asynccontextmanager
async def open_sandbox(
    folder: Path,
    *,
    port: int = 0,
    token: str = "",
    flood_scale: float = 1.0,
    clock: Callable[[], float] = time.time,
    flood_clock: Callable[[], float] = time.monotonic,
    webhook_pause_seconds: float = 1.0,
) -> AsyncIterator[Sandbox]:
    """A sandbox that answers until the context ends; its folder can be opened again later.

    port: 0 takes a free one. token: kept in the folder; "" keeps or makes one.
    flood_scale: 1.0 for Telegram's limits, less for tighter ones.
    clock: Unix seconds for dates. flood_clock: seconds that only grow, for the flood limits.
    webhook_pause_seconds: before a failed webhook is tried again; doubled every time.
    Raises: ValueError, for a flood scale out of (0, 1]; OSError, when the port is taken.
    """
    limits = FloodLimits(scale=flood_scale, clock=flood_clock)
    if token:
        write_token(folder, token)
    state = State(folder, clock=clock)
    token = token or read_or_make_token(folder, BOT_ID)
    sender = asyncio.create_task(
        WebhookSender(state, first_pause_seconds=webhook_pause_seconds).run()
    )
    runner = web.AppRunner(
        _application(state, token, limits),
        access_log=None,  # it would print the token
        shutdown_timeout=2.0,
    )
    try:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        real_port = runner.addresses[0][1]
        yield Sandbox(root=f"http://127.0.0.1:{real_port}", token=token, folder=folder)
    finally:
        sender.cancel()
        state.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await sender
        await runner.cleanup()
        state.close()


def _application(state: State, token: str, limits: FloodLimits) -> web.Application:
    misbehaviour = Misbehaviour()
    application = web.Application(middlewares=[guard], client_max_size=BODY_BYTES)
    application.on_response_prepare.append(add_headers)
    bot_api = BotApi(state, token=token, limits=limits, misbehaviour=misbehaviour)
    application.add_routes(bot_api.routes())
    application.add_routes(PageApi(state, misbehaviour).routes())
    application.add_routes(GroupApi(state).routes())
    application.add_routes(EventStream(state).routes())
    application.add_routes(page_routes())
    return application
