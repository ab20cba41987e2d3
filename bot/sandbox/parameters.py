"""The parameters of a Bot API call, from a query string, a form, JSON or multipart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.sandbox.errors import BotApiError, bad_request
from bot.sandbox.limits import UPLOAD_BYTES

# The file, and the other fields around it.
BODY_BYTES = UPLOAD_BYTES + 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file in a multipart body."""

    name: str
    content: bytes = field(repr=False)
    content_type: str


class Parameters:
    """The named values of one call; every reader says in Telegram's words what is wrong."""

    def __init__(
        self, values: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None
    ) -> None:
        self._values = dict(values)
        self.uploads = dict(uploads or {})

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """The value as text; "" when it is not given."""
        value = self._values.get(name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int | None = None) -> int | None:
        """The value as a whole number; the default when it is not given.

        Raises: BotApiError, when it is no whole number.
        """
        if name not in self:
            return default
        try:
            return int(self.text(name))
        except ValueError:
            raise bad_request(f'can\'t parse "{name}" as a whole number') from None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """The value as a whole number, moved into the bounds as Telegram does."""
        value = self.integer(name, default)
        return min(most, max(least, default if value is None else value))

    def boolean(self, name: str) -> bool:
        """Whether the value is one of Telegram's words for yes."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def structure(self, name: str) -> Any:
        """The value as JSON; None when it is not given.

        Raises: BotApiError, when it is no JSON.
        """
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None


async def read_parameters(request: web.Request) -> Parameters:
    """All parameters of a call. Raises: BotApiError, when the body is too large or broken."""
    values: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.method == "POST" and request.body_exists:
        try:
            if request.content_type == "application/json":
                values.update(_json_object(await request.read()))
            else:
                for name, value in (await request.post()).items():
                    if isinstance(value, web.FileField):
                        uploads[name] = Upload(
                            name=value.filename,
                            content=value.file.read(),
                            content_type=value.content_type,
                        )
                    else:
                        values[name] = value if isinstance(value, str) else bytes(value).decode()
        except web.HTTPRequestEntityTooLarge:
            raise BotApiError(413, "Request Entity Too Large") from None
        except (ValueError, UnicodeError):
            raise bad_request("can't parse the request body") from None
    if any(len(upload.content) > UPLOAD_BYTES for upload in uploads.values()):
        raise BotApiError(413, "Request Entity Too Large")
    return Parameters(values, uploads)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse request JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("can't parse request JSON object")
    return value
