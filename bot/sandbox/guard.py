"""Keeps other web sites out: only this machine's browser, only from the sandbox's own page."""

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

_OWN_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?", re.IGNORECASE)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for a Host or an Origin that is not the sandbox's own.

    A foreign Host is a name that was made to point here (DNS rebinding); a foreign Origin is
    another site's script or form.
    """
    if not _is_own(request):
        return web.json_response({"error": "This address belongs to the sandbox."}, status=403)
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Tell browsers to keep to the page's own scripts and files."""
    if not request.path.startswith(("/bot", "/file/")):
        response.headers.update(_HEADERS)


def _is_own(request: web.Request) -> bool:
    host = request.headers.get("Host", "")
    if not _OWN_HOST.fullmatch(host) or not _has_own_port(request, host):
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin.lower() == f"http://{host}".lower()


def _has_own_port(request: web.Request, host: str) -> bool:
    name = request.transport.get_extra_info("sockname") if request.transport else None
    port = host.rpartition(":")[2] if ":" in host else "80"
    return name is not None and port == str(name[1])
