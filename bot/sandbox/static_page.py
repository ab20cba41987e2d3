"""The page itself: the files of the folder `page/`, and nothing beside them."""

from pathlib import Path

from aiohttp import web

PAGE_FOLDER = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


def page_routes() -> list[web.RouteDef]:
    """`/` and `/page/*`."""
    return [web.get("/", _index), web.get("/page/{name:.+}", _named)]


async def _index(_request: web.Request) -> web.StreamResponse:
    return _file("index.html")


async def _named(request: web.Request) -> web.StreamResponse:
    return _file(request.match_info["name"])


def _file(name: str) -> web.StreamResponse:
    known = {path.name: path for path in PAGE_FOLDER.iterdir() if path.suffix in _TYPES}
    if name not in known:
        raise web.HTTPNotFound
    headers = {"Content-Type": _TYPES[known[name].suffix], "Cache-Control": "no-cache"}
    return web.FileResponse(known[name], headers=headers)
