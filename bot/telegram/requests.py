"""PTB's calls over aiohttp, which takes a third of the time that PTB's own client takes for one.

That client also reads the machine's certificates anew for every bot.
"""

import io
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

MOST_CONNECTIONS = 256  # PTB's own default, like the seconds below
CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0
WRITE_SECONDS = 5.0
WRITE_FILES_SECONDS = 20.0
POOL_SECONDS = 1.0
SLOWEST_UPLOAD = 32 * 1024  # bytes a second


class AiohttpRequest(BaseRequest):
    """One pool of connections to Telegram.

    A proxy is taken from the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds that an answer may keep silent where a call gives no others."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Open the pool. Repeating it is harmless."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close the pool. Repeating it is harmless."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """HTTP status and body of one call.

        read_timeout is for each wait for bytes, write_timeout for sending all of the call; files
        have their time besides.
        Raises: TimedOut, NetworkError; RuntimeError outside of initialize and shutdown.
        """
        if self._session is None:
            raise RuntimeError("the requests are not initialized")
        files = request_data.multipart_data if request_data else {}
        connect = _told(connect_timeout, CONNECT_SECONDS)
        pool = _told(pool_timeout, POOL_SECONDS)
        read = _told(read_timeout, READ_SECONDS)
        write = _told(write_timeout, WRITE_FILES_SECONDS if files else WRITE_SECONDS)
        acquire = None if connect is None or pool is None else connect + pool
        total = None
        # aiohttp has no limit of its own for sending. To fetch a file may take as long as it comes.
        if (
            request_data is not None
            and acquire is not None
            and read is not None
            and write is not None
        ):
            contents = [content for _, content, _ in files.values()]
            upload_bytes = sum(len(one) for one in contents if isinstance(one, bytes))
            total = acquire + read + write + upload_bytes / SLOWEST_UPLOAD
        timeout = aiohttp.ClientTimeout(total=total, connect=acquire, sock_read=read)
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data, files),
                timeout=timeout,
                proxy=_proxy(url),
                allow_redirects=False,
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error
        except aiohttp.ClientError as error:
            # Its text may hold the address, and so the token.
            raise NetworkError(type(error).__name__) from error


def _told(seconds: ODVInput[float], otherwise: float) -> float | None:
    return otherwise if isinstance(seconds, DefaultValue) else seconds


def _body(
    request_data: RequestData | None, files: dict[str, tuple[str, Any, str]]
) -> dict[str, str] | aiohttp.FormData | None:
    parameters = request_data.json_parameters if request_data else {}
    if not files:
        return parameters or None
    form = aiohttp.FormData(parameters)
    for name, (filename, content, mime_type) in files.items():
        # As a file it is sent in pieces, between which others have their turn.
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=filename, content_type=mime_type)
    return form


def _proxy(url: str) -> str | None:
    parts = urlsplit(url)
    return _proxy_for(parts.scheme, parts.hostname or "")


@cache
def _proxy_for(scheme: str, host: str) -> str | None:
    proxies = getproxies()
    if proxy_bypass(host):
        return None
    return proxies.get(scheme) or proxies.get("all")
