"""Reads what the page asks for, and says in a sentence what is wrong with it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.errors import PageError
from bot.sandbox.people import Person, chat_of, person_of

JSON_BYTES = 64 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answering(handler: Handler) -> Handler:
    """The handler, with a PageError turned into its sentence."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except PageError as error:
            return web.json_response({"error": error.sentence}, status=error.status)

    return answer


def asked_person(request: web.Request) -> Person:
    """The person of the query string. Raises: PageError."""
    return person_of(whole(request.query, "person"))


def place(wanted: Mapping[str, Any]) -> tuple[Person, int]:
    """Who does it, and in which chat. Raises: PageError."""
    person = person_of(whole(wanted, "person"))
    return person, chat_of(person, whole(wanted, "chat"))


def whole(wanted: Mapping[str, Any], name: str) -> int:
    """A whole number, also as text. Raises: PageError."""
    value = wanted.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62:
        return value
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 18:
        return int(value)
    raise PageError(f"{name} must be a whole number.")


def whole_or_none(wanted: Mapping[str, Any], name: str) -> int | None:
    """A whole number, or None when it is not given. Raises: PageError."""
    return None if wanted.get(name) is None else whole(wanted, name)


def words(wanted: Mapping[str, Any], name: str) -> str:
    """A text. Raises: PageError."""
    value = wanted.get(name)
    if not isinstance(value, str):
        raise PageError(f"{name} must be a text.")
    return value


async def read_object(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body. Raises: PageError, when it is none, or longer than 64 KiB."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > JSON_BYTES:
            raise PageError(f"The body is longer than {JSON_BYTES} bytes.", 413)
    try:
        value = json.loads(body)
    except ValueError:
        raise PageError("The body must be a JSON object.") from None
    if not isinstance(value, dict):
        raise PageError("The body must be a JSON object.")
    return value
