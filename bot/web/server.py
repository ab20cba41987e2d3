"""HTTP for operators and for Telegram: health, readiness, metrics, webhook."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.telegram.inbox import parse_webhook
from bot.web.metrics import Metrics
from storage.errors import StorageUnavailable

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (a header's name)
WEBHOOK_PATH = "/telegram"
MOST_UPDATE_BYTES = 1024 * 1024
Receive = Callable[[dict[str, object]], Awaitable[None]]


def build_web(
    *,
    metrics: Metrics,
    not_ready: Callable[[], Awaitable[str]],
    receive: Receive | None = None,
    secret: str = "",
) -> web.Application:
    """The HTTP application.

    not_ready: why the service is not ready, or "".
    receive: commits one update to the inbox; without it there is no webhook route.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        reason = await not_ready()
        return web.Response(text=f"{reason or 'ready'}\n", status=503 if reason else 200)

    async def show_metrics(_request: web.Request) -> web.Response:
        return web.Response(
            body=await metrics.collect(), headers={"Content-Type": metrics.content_type}
        )

    app = web.Application(client_max_size=MOST_UPDATE_BYTES)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", show_metrics)
    if receive is not None:
        app.router.add_post(WEBHOOK_PATH, _webhook(receive, secret))
    return app


def _webhook(receive: Receive, secret: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def webhook(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            raise web.HTTPForbidden(text="wrong secret token\n")
        update = parse_webhook(await request.read())
        if update is None:
            raise web.HTTPBadRequest(text="not an update\n")
        try:
            await receive(update)
        except StorageUnavailable:
            # Not acknowledged: Telegram sends it again.
            raise web.HTTPServiceUnavailable(text="not stored\n") from None
        return web.Response()

    return webhook
