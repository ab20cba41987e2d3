"""The Bot API over HTTP: /bot<token>/<method> and /file/bot<token>/<path>."""

import hmac
import logging
from typing import Any

from aiohttp import web

from bot.sandbox import files
from bot.sandbox.errors import BotApiError, FloodError, bad_request
from bot.sandbox.limits import FloodLimits
from bot.sandbox.long_poll import LongPoll
from bot.sandbox.methods import METHODS, Method
from bot.sandbox.misbehaviour import Fault, Misbehaviour
from bot.sandbox.parameters import Parameters, read_parameters
from bot.sandbox.state import State

logger = logging.getLogger(__name__)


class BotApi:
    """Answers a bot's calls. Nothing here ever logs a path, for the token is in it."""

    def __init__(
        self, state: State, *, token: str, limits: FloodLimits, misbehaviour: Misbehaviour
    ) -> None:
        self._state = state
        self._token = token
        self._limits = limits
        self._misbehaviour = misbehaviour
        self._long_poll = LongPoll(state)

    def routes(self) -> list[web.RouteDef]:
        """The two addresses of a Bot API server."""
        return [
            web.get("/file/bot{token}/{path:.+}", self._download),
            web.route("*", "/bot{token}/{method}", self._call),
        ]

    def _is_ours(self, request: web.Request) -> bool:
        given = request.match_info["token"].encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._token.encode())

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if not self._is_ours(request):
            return _refusal(BotApiError(401, "Unauthorized"))
        found = files.download_of(self._state, request.match_info["path"])
        if found is None:
            return _refusal(BotApiError(404, "Not Found"))
        path, mime_type = found
        return web.FileResponse(path, headers={"Content-Type": mime_type})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"].lower()
        try:
            if not self._is_ours(request):
                raise BotApiError(401, "Unauthorized")
            if request.method not in {"GET", "POST"}:
                raise BotApiError(405, "Method Not Allowed")
            if name != "getupdates" and name not in METHODS:
                raise BotApiError(404, "Not Found")
            parameters = await read_parameters(request)
            fault = self._misbehaviour.take(name)
            result = await self._answer(name, parameters, fault)
        except BotApiError as error:
            return _refusal(error)
        except Exception:
            logger.exception("the sandbox failed in %s", name if name in METHODS else "a call")
            return _refusal(BotApiError(500, "Internal Server Error"))
        if fault is not None and fault.kind == "lose_answer":
            return _cut(request)
        if fault is not None and fault.kind == "delay":
            await self._state.rest(fault.seconds)
        return web.json_response({"ok": True, "result": result})

    async def _answer(self, name: str, parameters: Parameters, fault: Fault | None) -> Any:
        if name == "getupdates":
            _raise_planned(fault)
            return await self._long_poll.get_updates(parameters)
        method = METHODS[name]
        try:
            _raise_planned(fault)
            return self._run(method, parameters)
        except BotApiError as error:
            with self._state.transaction():
                self._log(method.name, parameters, None, error.description)
            raise
        finally:
            if name == "setwebhook":
                self._long_poll.check_webhook()

    def _run(self, method: Method, parameters: Parameters) -> Any:
        """The method's result, its effects kept. A call that comes too soon has no effect."""
        with self._state.transaction():
            try:
                result = method.function(self._state, parameters)
            except BotApiError as error:
                if error.costs:
                    self._pace(parameters)
                raise
            if method.paced:
                self._pace(parameters)
            self._log(method.name, parameters, result, None)
            return result

    def _pace(self, parameters: Parameters) -> None:
        wait = self._limits.take(int(parameters.text("chat_id")))
        if wait:
            raise FloodError(wait)

    def _log(self, method: str, parameters: Parameters, result: Any, error: str | None) -> None:
        """One row of `GET /sandbox/calls`."""
        numbers = {}
        for name in ("chat_id", "message_id"):
            text = parameters.text(name)
            numbers[name] = int(text) if text.lstrip("-").isdecimal() and len(text) < 18 else None
        if isinstance(result, dict) and "message_id" in result:
            numbers["message_id"] = result["message_id"]
        self._state.write(
            "INSERT INTO calls (at, method, chat_id, message_id, ok, error) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            self._state.clock(),
            method,
            numbers["chat_id"],
            numbers["message_id"],
            error is None,
            error,
        )


def _raise_planned(fault: Fault | None) -> None:
    if fault is not None and fault.kind == "429":
        raise FloodError(fault.retry_after)
    if fault is not None and fault.kind == "413":
        raise BotApiError(413, "Request Entity Too Large")
    if fault is not None and fault.kind == "500":
        raise BotApiError(500, "Internal Server Error")
    if fault is not None and fault.kind == "no_photos":
        raise bad_request("not enough rights to send photos to the chat")
    if fault is not None and fault.kind == "too_old":
        raise bad_request("message can't be deleted")


def _refusal(error: BotApiError) -> web.Response:
    response = web.json_response(error.answer(), status=error.error_code)
    if isinstance(error, FloodError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _cut(request: web.Request) -> web.Response:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
