"""GET /sandbox/events: what a person sees happen, as Server-Sent Events."""

import json

from aiohttp import web

from bot.sandbox.events import events_after, latest_seq
from bot.sandbox.page_input import answering, asked_person, whole
from bot.sandbox.state import State

HEARTBEAT_SECONDS = 15.0


class EventStream:
    """Streams to any number of pages at once."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """The one address."""
        return [web.get("/sandbox/events", answering(self._stream))]

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        person = asked_person(request)
        after = self._start(request)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await response.write(b"retry: 500\n\n")
        while not self._state.closing:
            events = events_after(self._state, person.id, after)
            try:
                for event in events:
                    after = event["seq"]
                    line = f"id: {after}\ndata: {json.dumps(event)}\n\n"
                    await response.write(line.encode())
                if events:
                    continue
                if not await self._state.changed.wait(HEARTBEAT_SECONDS):
                    await response.write(b": still here\n\n")
            except ConnectionError:
                break
        return response

    def _start(self, request: web.Request) -> int:
        """The number after which to begin: Last-Event-ID, or `after`, or now."""
        last = request.headers.get("Last-Event-ID", "")
        if last:
            return whole({"Last-Event-ID": last}, "Last-Event-ID")
        if "after" in request.query:
            return whole(request.query, "after")
        return latest_seq(self._state)
