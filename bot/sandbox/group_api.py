"""The page API's part about the group, for its administrator and for tests. All JSON.

POST /sandbox/group/bot      {person, status, denied?}  -> {}
    status: member, administrator, restricted, left or kicked; denied, of a restricted bot: a
    list of can_send_messages and can_send_videos
POST /sandbox/group/upgrade  {person}                   -> {chat}: its new id for the bot
"""

from aiohttp import web

from bot.sandbox import group
from bot.sandbox.errors import PageError
from bot.sandbox.page_input import answering, read_object, whole, words
from bot.sandbox.people import person_of
from bot.sandbox.state import State


class GroupApi:
    """The addresses under /sandbox/group/."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """Both addresses, answering bad input with 400 and a sentence."""
        return [
            web.post("/sandbox/group/bot", answering(self._bot)),
            web.post("/sandbox/group/upgrade", answering(self._upgrade)),
        ]

    async def _bot(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person = person_of(whole(wanted, "person"))
        denied = wanted.get("denied", [])
        if not isinstance(denied, list) or not all(isinstance(one, str) for one in denied):
            raise PageError("denied must be a list of words.")
        with self._state.transaction():
            group.change_bot(self._state, person, words(wanted, "status"), denied)
        return web.json_response({})

    async def _upgrade(self, request: web.Request) -> web.Response:
        wanted = await read_object(request)
        person = person_of(whole(wanted, "person"))
        with self._state.transaction():
            chat_id = group.upgrade(self._state, person)
        return web.json_response({"chat": chat_id})
