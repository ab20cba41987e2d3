"""What people do in the sandbox, from Python: for `kinogram try` and for tests."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

Message = dict[str, Any]
Event = dict[str, Any]


class SandboxRefused(Exception):
    """The page API said no; the text is its sentence."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence, status)
        self.sentence = sentence
        self.status = status

    def __str__(self) -> str:
        return self.sentence


class SandboxClient:
    """Plays any person of the sandbox at `root` (http://127.0.0.1:PORT). An async context manager.

    Messages and events are the plain JSON objects of the page API. Every call raises
    SandboxRefused when the sandbox says no, and aiohttp.ClientError when it cannot be reached.
    """

    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def people(self) -> list[dict[str, Any]]:
        """Everybody who can be played."""
        return list((await self._get("/sandbox/people"))["people"])

    async def chats(self, person: int) -> list[dict[str, Any]]:
        """The person's chats, each with its commands menu and its last message."""
        return list((await self._get("/sandbox/chats", person=person))["chats"])

    async def messages(self, person: int, chat: int, before: int | None = None) -> list[Message]:
        """The last 50 messages of a chat, oldest first."""
        page = {} if before is None else {"before": before}
        answer = await self._get("/sandbox/messages", person=person, chat=chat, **page)
        return list(answer["messages"])

    async def send(
        self,
        person: int,
        chat: int,
        text: str,
        reply_to: int | None = None,
        *,
        thread: int | None = None,
        anonymous: bool = False,
    ) -> Message:
        """The message that the person sent. thread: a forum topic of the group.

        anonymous: the group's administrator writes as the group.
        """
        wanted = {"person": person, "chat": chat, "text": text}
        wanted |= {"reply_to": reply_to, "thread": thread, "anonymous": anonymous}
        return dict((await self._post("/sandbox/send", wanted))["message"])

    async def photo(
        self,
        person: int,
        chat: int,
        picture: bytes,
        caption: str = "",
        *,
        reply_to: int | None = None,
        album: str = "",
    ) -> Message:
        """The photo that the person sent. picture: a file of any common format.

        album: names those that belong together.
        """
        fields: dict[str, object] = {"caption": caption, "album": album, "reply_to": reply_to or ""}
        return await self._upload(person, chat, picture, "photo", None, fields)

    async def document(
        self,
        person: int,
        chat: int,
        content: bytes,
        mime_type: str,
        caption: str = "",
        *,
        reply_to: int | None = None,
    ) -> Message:
        """The file that the person sent as it is."""
        fields: dict[str, object] = {
            "caption": caption,
            "as_file": "true",
            "reply_to": reply_to or "",
        }
        return await self._upload(person, chat, content, "file", mime_type, fields)

    async def _upload(
        self,
        person: int,
        chat: int,
        content: bytes,
        name: str,
        mime_type: str | None,
        fields: dict[str, object],
    ) -> Message:
        form = aiohttp.FormData()
        for key, value in {"person": person, "chat": chat, **fields}.items():
            form.add_field(key, str(value))
        form.add_field("photo", io.BytesIO(content), filename=name, content_type=mime_type)
        async with self._open().post(f"{self._root}/sandbox/photo", data=form) as answer:
            return dict((await _object(answer))["message"])

    async def edit(self, person: int, chat: int, message_id: int, text: str) -> Message:
        """The person's message after its change."""
        wanted = {"person": person, "chat": chat, "message_id": message_id, "text": text}
        return dict((await self._post("/sandbox/edit", wanted))["message"])

    async def delete(self, person: int, chat: int, message_id: int) -> None:
        """Take a message away."""
        wanted = {"person": person, "chat": chat, "message_id": message_id}
        await self._post("/sandbox/delete", wanted)

    async def tap(
        self, person: int, chat: int, message_id: int, data: str
    ) -> dict[str, Any] | None:
        """The bot's answer to a tap on a button, {text, show_alert}; None after 10 s without."""
        wanted = {"person": person, "chat": chat, "message_id": message_id, "data": data}
        answer = (await self._post("/sandbox/tap", wanted))["answer"]
        return None if answer is None else dict(answer)

    async def inline(
        self, person: int, chat: int, query: str, offset: str = ""
    ) -> dict[str, Any] | None:
        """The bot's answer to `@bot query` typed in a chat; None after 10 s without."""
        wanted = {"person": person, "chat": chat, "query": query, "offset": offset}
        answer = (await self._post("/sandbox/inline", wanted))["answer"]
        return None if answer is None else dict(answer)

    async def choose(self, person: int, chat: int, query_id: str, result_id: str) -> Message:
        """The message that a tap on one of the results posts."""
        wanted = {"person": person, "chat": chat, "query_id": query_id, "result_id": result_id}
        return dict((await self._post("/sandbox/choose", wanted))["message"])

    async def set_inline_mode(self, *, on: bool) -> None:
        """What @BotFather's /setinline does."""
        await self._post("/sandbox/inline-mode", {"on": on})

    async def block(self, person: int, *, blocked: bool = True) -> None:
        """Stop the bot in the person's private chat, or start it again."""
        await self._post("/sandbox/block", {"person": person, "blocked": blocked})

    async def change_bot(self, person: int, status: str, denied: Sequence[str] = ()) -> None:
        """Make the bot a member, administrator, restricted, left or kicked in the group.

        denied: of a restricted bot, can_send_messages and can_send_videos, or one of them.
        """
        wanted = {"person": person, "status": status, "denied": list(denied)}
        await self._post("/sandbox/group/bot", wanted)

    async def upgrade_group(self, person: int) -> int:
        """Make the group a supergroup: the new id that the bot knows it by."""
        return int((await self._post("/sandbox/group/upgrade", {"person": person}))["chat"])

    async def events(self, person: int, after: int = 0) -> AsyncGenerator[Event, None]:
        """What the person saw after event number `after`, then live, until the sandbox closes."""
        async with self._open().get(
            f"{self._root}/sandbox/events",
            params={"person": person, "after": after},
            timeout=aiohttp.ClientTimeout(total=None, sock_read=60),
        ) as answer:
            if answer.status != 200:
                await _object(answer)
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield dict(json.loads(line.removeprefix(b"data: ")))

    async def first_event(
        self,
        person: int,
        matches: Callable[[Event], bool],
        *,
        after: int = 0,
        seconds: float = 30.0,
    ) -> Event:
        """The first event after number `after` that matches. Raises: TimeoutError."""
        async with asyncio.timeout(seconds):
            async with contextlib.aclosing(self.events(person, after)) as events:
                async for event in events:
                    if matches(event):
                        return event
        raise TimeoutError

    async def file(self, url: str) -> bytes:
        """The content behind the `url` of a video or a photo."""
        async with self._open().get(f"{self._root}{url}") as answer:
            if answer.status != 200:
                await _object(answer)
            return await answer.read()

    async def misbehave(
        self,
        method: str,
        kind: str,
        count: int = 1,
        *,
        retry_after: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Let the next calls of a Bot API method ("*": any) go wrong.

        kind: "413", "429", "500", "no_photos", "too_old", "lose_answer" or "delay"; "none" forgets
            all that was planned.
        """
        wanted = {"method": method, "kind": kind, "count": count}
        if retry_after is not None:
            wanted["retry_after"] = retry_after
        if seconds is not None:
            wanted["seconds"] = seconds
        await self._post("/sandbox/misbehave", wanted)

    async def redeliver(self, count: int) -> int:
        """Send the bot its last so many updates again; how many there were."""
        return int((await self._post("/sandbox/redeliver", {"count": count}))["count"])

    async def calls(self, after: int = 0) -> list[dict[str, Any]]:
        """The bot's calls after number `after`, without getUpdates."""
        return list((await self._get("/sandbox/calls", after=after))["calls"])

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("SandboxClient is used outside of its `async with`")
        return self._session

    async def _get(self, path: str, **query: int) -> dict[str, Any]:
        async with self._open().get(f"{self._root}{path}", params=query) as answer:
            return await _object(answer)

    async def _post(self, path: str, wanted: dict[str, Any]) -> dict[str, Any]:
        async with self._open().post(f"{self._root}{path}", json=wanted) as answer:
            return await _object(answer)


async def _object(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """The JSON object of an answer. Raises: SandboxRefused."""
    if answer.content_type != "application/json":
        raise SandboxRefused(await answer.text(), answer.status)
    value = dict(await answer.json())
    if answer.status != 200:
        raise SandboxRefused(str(value.get("error", value)), answer.status)
    return value
