"""The page API: what the page, `kinogram try` and the tests do and see as people. All JSON.

Seen (GET /sandbox/...):

    people                                {people, bot}
    chats?person                          {chats: [{id, type, title, commands, last,
                                          bot: {status, denied}}], seq}
    messages?person&chat[&before]         {messages, seq}: the last 50, oldest first
    events?person[&after]                 Server-Sent Events, see event_stream.py
    file/<file_unique_id>                 the file; Range works
    calls[?after]                         {calls: [{seq, at, method, chat_id, message_id, ok,
                                          error}]}, without getUpdates

Done (POST /sandbox/...):

    send     {person, chat, text, reply_to?, thread?, anonymous?} -> {message}
    edit     {person, chat, message_id, text}              -> {message}
    photo    multipart person, chat, caption, photo, reply_to?, album?, as_file?
                                                           -> {message}
    delete   {person, chat, message_id}                    -> {}
    tap      {person, chat, message_id, data}              -> {answer: {text, show_alert} | null}
    inline   {person, chat, query, offset?}                -> {answer: {query_id, results,
                                                             next_offset, button, ...} | null}
    choose   {person, chat, query_id, result_id}           -> {message}, posted via the bot
    inline-mode {on}                                       -> {}, as @BotFather's /setinline
    block    {person, blocked}                             -> {}
    misbehave {method, kind, count, retry_after?, seconds?}, see misbehaviour.py
    redeliver {count}                                      -> {count}

`seq` is the number of the newest event when the answer was made: events after it are news. A
message looks as in the Bot API, but `chat` is the chat's id, `reply_to_message_id` stands for the
message replied to, a video, photo or document has a `url`, and there are
`reactions: [{emoji, from}]`.
Bad input is answered with 400 and {error: a sentence}.
"""

import asyncio
from typing import Any

from aiohttp import web

from bot.sandbox import actions, files, inline, messages, updates
from bot.sandbox.errors import BotApiError, PageError
from bot.sandbox.events import latest_seq
from bot.sandbox.limits import PHOTO_BYTES
from bot.sandbox.methods import METHODS
from bot.sandbox.methods_commands import commands_for
from bot.sandbox.methods_queries import answer_of
from bot.sandbox.misbehaviour import Misbehaviour
from bot.sandbox.page_input import (
    answering,
    asked_person,
    place,
    read_object,
    whole,
    whole_or_none,
    words,
)
from bot.sandbox.parameters import read_parameters
from bot.sandbox.people import (
    BOT_ID,
    PEOPLE,
    chat_json,
    chat_of,
    chats_of,
    person_of,
    user_json,
)
from bot.sandbox.state import State

MESSAGES_A_PAGE = 50
TAP_SECONDS = 10.0


class PageApi:
    """The addresses under /sandbox/, except the stream of events."""

    def __init__(self, state: State, misbehaviour: Misbehaviour) -> None:
        self._state = state
        self._misbehaviour = misbehaviour

    def routes(self) -> list[web.RouteDef]:
        """All addresses, each answering bad input with 400 and a sentence."""
        return [
            web.get("/sandbox/people", answering(self._people)),
            web.get("/sandbox/chats", answering(self._chats)),
            web.get("/sandbox/messages", answering(self._messages)),
            web.get("/sandbox/file/{unique_id}", answering(self._file)),
            web.get("/sandbox/calls", answering(self._calls)),
            web.post("/sandbox/send", answering(self._send)),
            web.post("/sandbox/tap", answering(self._tap)),
            web.post("/sandbox/edit", answering(self._edit)),
            web.post("/sandbox/delete", answering(self._delete)),
            web.post("/sandbox/photo", answering(self._photo)),
            web.post("/sandbox/inline", answering(self._inline)),
            web.post("/sandbox/choose", answering(self._choose)),
            web.post("/sandbox/inline-mode", answering(self._inline_mode)),
            web.post("/sandbox/block", answering(self._block)),
            web.post("/sandbox/misbehave", answering(self._misbehave)),
            web.post("/sandbox/redeliver", answering(self._redeliver)),
        ]

    async def _people(self, _request: web.Request) -> web.Response:
        people = [
            {
                "id": person.id,
                "first_name": person.first_name,
                "username": person.username,
                "language_code": person.language_code,
                "is_admin": person.is_admin,
            }
            for person in PEOPLE.values()
        ]
        bot = user_json(BOT_ID) | {"supports_inline_queries": inline.is_on(self._state)}
        del bot["is_bot"]
        return web.json_response({"people": people, "bot": bot})

    async def _chats(self, request: web.Request) -> web.Response:
        person = asked_person(request)
        chats = []
        for chat_id in chats_of(person.id):
            chat = chat_json(chat_id)
            last = messages.latest(self._state, chat_id, None, 1)
            chats.append(
                {
                    "id": chat_id,
                    "type": chat["type"],
                    "title": chat.get("title") or user_json(BOT_ID)["first_name"],
                    "commands": commands_for(self._state, person, chat_id),
                    "bot": actions.bot_in(self._state, person, chat_id),
                    "last": messages.page_form(self._state, last[0]) if last else None,
                }
            )
        return web.json_response({"chats": chats, "seq": latest_seq(self._state)})

    async def _messages(self, request: web.Request) -> web.Response:
        person = asked_person(request)
        chat_id = chat_of(person, whole(request.query, "chat"))
        before = whole_or_none(request.query, "before")
        found = messages.latest(self._state, chat_id, before, MESSAGES_A_PAGE)
        shown = [messages.page_form(self._state, message) for message in found]
        return web.json_response({"messages": shown, "seq": latest_seq(self._state)})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = files.content_of(self._state, request.match_info["unique_id"])
        if found is None:
            raise PageError("There is no such file.", 404)
        path, mime_type = found
        return web.FileResponse(path, headers={"Content-Type": mime_type})

    async def _calls(self, request: web.Request) -> web.Response:
        after = whole_or_none(request.query, "after") or 0
        rows = self._state.rows("SELECT * FROM calls WHERE seq > ? ORDER BY seq", after)
        calls = [{**dict(row), "ok": bool(row["ok"])} for row in rows]
        return web.json_response({"calls": calls})

    async def _send(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person, chat_id = place(wanted)
        with self._state.transaction():
            message = actions.write(
                self._state,
                person,
                chat_id,
                words(wanted, "text"),
                reply_to=whole_or_none(wanted, "reply_to"),
                thread_id=whole_or_none(wanted, "thread"),
                anonymous=wanted.get("anonymous") is True,
            )
        return self._message(message)

    async def _edit(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person, chat_id = place(wanted)
        with self._state.transaction():
            message = actions.edit(
                self._state, person, chat_id, whole(wanted, "message_id"), words(wanted, "text")
            )
        return self._message(message)

    async def _delete(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person, chat_id = place(wanted)
        with self._state.transaction():
            actions.delete(self._state, person, chat_id, whole(wanted, "message_id"))
        return web.json_response({})

    async def _tap(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person, chat_id = place(wanted)
        with self._state.transaction():
            query_id = actions.tap(
                self._state, person, chat_id, whole(wanted, "message_id"), words(wanted, "data")
            )
        return web.json_response({"answer": await self._answer(query_id)})

    async def _inline(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person, chat_id = place(wanted)
        with self._state.transaction():
            query_id = inline.ask(
                self._state, person, chat_id, words(wanted, "query"), str(wanted.get("offset", ""))
            )
        answer = await self._answer(query_id)
        shown = None if answer is None else inline.page_form(self._state, answer)
        return web.json_response({"answer": shown})

    async def _choose(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person, chat_id = place(wanted)
        query_id, result_id = words(wanted, "query_id"), words(wanted, "result_id")
        with self._state.transaction():
            message = inline.choose(self._state, person, chat_id, query_id, result_id)
        return self._message(message)

    async def _inline_mode(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        with self._state.transaction():
            inline.turn(self._state, on=bool(wanted.get("on")))
        return web.json_response({})

    async def _photo(self, request: web.Request) -> web.Response:
        try:
            form = await read_parameters(request)
            upload = form.uploads.get("photo")
            as_file = form.boolean("as_file")
            if upload is None or (len(upload.content) > PHOTO_BYTES and not as_file):
                raise PageError("photo must be a picture file of at most 10 MB.")
            wanted = {"person": form.integer("person"), "chat": form.integer("chat")}
            person, chat_id = place(wanted)
            file = files.document(upload) if as_file else files.photo(upload)
            with self._state.transaction():
                message = actions.send_file(
                    self._state,
                    person,
                    chat_id,
                    form.text("caption"),
                    file,
                    reply_to=form.integer("reply_to"),
                    album=form.text("album"),
                )
        except BotApiError as error:
            raise PageError(f"The photo was not taken: {error.description}") from None
        return self._message(message)

    async def _block(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person = person_of(whole(wanted, "person"))
        if not isinstance(wanted.get("blocked"), bool):
            raise PageError("blocked must be true or false.")
        with self._state.transaction():
            actions.block(self._state, person, blocked=wanted["blocked"])
        return web.json_response({})

    async def _misbehave(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        self._misbehaviour.plan(wanted, {**METHODS, "getupdates": None})
        return web.json_response({})

    async def _redeliver(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        count = whole(wanted, "count")
        if not 1 <= count <= 10_000:
            raise PageError("count must be a whole number from 1 to 10000.")
        with self._state.transaction():
            again = updates.redeliver(self._state, count)
        return web.json_response({"count": again})

    def _message(self, message: dict[str, Any]) -> web.Response:
        return web.json_response({"message": messages.page_form(self._state, message)})

    async def _answer(self, query_id: str) -> dict[str, Any] | None:
        """The bot's answer to a query, or None when none came in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + TAP_SECONDS
        while True:
            answer = answer_of(self._state, query_id)
            left = deadline - loop.time()
            if answer is not None or left <= 0 or self._state.closing:
                return answer
            await self._state.changed.wait(left)
