"""The page API: what people do, what they see, and bad input answered with a sentence."""

import io
from typing import Any

import aiohttp
import pytest
import telegram
from PIL import Image

from bot.sandbox.client import SandboxClient, SandboxRefused
from tests.bot.sandbox.conftest import ADA, BO, CLEO, GROUP


async def test_three_people_share_a_group_and_have_a_chat_each(people: SandboxClient) -> None:
    cast = {person["id"]: person for person in await people.people()}
    assert {person: one["is_admin"] for person, one in cast.items()} == {
        ADA: False,
        BO: False,
        CLEO: True,
    }
    assert cast[BO]["language_code"] == "zh-hans"
    sent = await people.send(ADA, GROUP, "hello all")
    for person in cast:
        private, group = await people.chats(person)
        assert (private["id"], private["type"], private["last"]) == (person, "private", None)
        assert (group["id"], group["title"], group["last"]) == (GROUP, "Film Club", sent)


async def test_the_last_fifty_messages_come_first_and_older_ones_on_demand(
    people: SandboxClient,
) -> None:
    for number in range(60):
        await people.send(ADA, ADA, str(number))
    newest = await people.messages(ADA, ADA)
    assert [one["text"] for one in newest] == [str(number) for number in range(10, 60)]
    older = await people.messages(ADA, ADA, before=newest[0]["message_id"])
    assert [one["text"] for one in older] == [str(number) for number in range(10)]


async def test_only_the_sender_edits_and_an_edit_tells_the_bot(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    sent = await people.send(ADA, ADA, "a cat")
    edited = await people.edit(ADA, ADA, sent["message_id"], "a dog")
    assert edited["edit_date"] == edited["date"]
    await people.edit(ADA, ADA, sent["message_id"], "a dog")
    first, second = await bot.get_updates()
    assert first.message
    assert second.edited_message
    assert second.edited_message.text == "a dog"
    in_group = await people.send(ADA, GROUP, "hello")
    with pytest.raises(SandboxRefused, match="Only the sender can edit"):
        await people.edit(BO, GROUP, in_group["message_id"], "bye")


async def test_people_delete_their_own_messages_and_an_admin_all(people: SandboxClient) -> None:
    sent = [await people.send(ADA, GROUP, text) for text in ("one", "two")]
    with pytest.raises(SandboxRefused, match="Only the sender or an administrator"):
        await people.delete(BO, GROUP, sent[0]["message_id"])
    await people.delete(ADA, GROUP, sent[0]["message_id"])
    await people.delete(CLEO, GROUP, sent[1]["message_id"])
    assert await people.messages(BO, GROUP) == []
    with pytest.raises(SandboxRefused, match="no such message"):
        await people.delete(ADA, GROUP, sent[0]["message_id"])


async def test_a_photo_with_a_caption_reaches_the_bot(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    picture = io.BytesIO()
    Image.new("RGBA", (300, 200), "red").save(picture, "WEBP")
    sent = await people.photo(ADA, GROUP, picture.getvalue(), "/video from this")
    assert sent["photo"]["width"] == 300
    (update,) = await bot.get_updates()
    assert update.message
    assert update.message.caption == "/video from this"
    file = await bot.get_file(update.message.photo[-1].file_id)
    content = bytes(await file.download_as_bytearray())
    assert content == await people.file(sent["photo"]["url"])
    with pytest.raises(SandboxRefused, match="photo was not taken"):
        await people.photo(ADA, ADA, b"no picture")


async def test_a_photo_may_answer_a_message_and_belong_to_an_album(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(picture, "PNG")
    first = await people.photo(ADA, ADA, picture.getvalue(), album="7")
    await people.photo(ADA, ADA, picture.getvalue(), reply_to=first["message_id"])
    await people.send(ADA, ADA, "make it move", first["message_id"])
    updates = [update.message for update in await bot.get_updates()]
    album, answer, words = [message for message in updates if message]
    assert (album.media_group_id, answer.media_group_id) == ("7", None)
    for message in (answer, words):
        assert message.reply_to_message
        assert message.reply_to_message.photo == album.photo
    with pytest.raises(SandboxRefused, match="no message to reply to"):
        await people.photo(ADA, ADA, picture.getvalue(), reply_to=999)


async def test_a_file_reaches_the_bot_as_it_is_up_to_what_a_bot_may_download(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    content = b"\x89PNG and so on"
    sent = await people.document(ADA, ADA, content, "image/png", "from this")
    assert sent["document"]["mime_type"] == "image/png"
    await people.document(ADA, ADA, bytes(20 * 2**20 + 1), "image/png")
    small, large = [update.message for update in await bot.get_updates()]
    assert small
    assert small.document
    assert (small.caption, small.document.file_size) == ("from this", len(content))
    file = await bot.get_file(small.document.file_id)
    assert bytes(await file.download_as_bytearray()) == content
    assert large
    assert large.document
    with pytest.raises(telegram.error.BadRequest, match="File is too big"):
        await bot.get_file(large.document.file_id)
    with pytest.raises(SandboxRefused, match="photo was not taken"):
        await people.document(ADA, ADA, b"", "image/png")


async def test_blocking_tells_the_bot_once(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.block(ADA)
    await people.block(ADA)
    await people.block(ADA, blocked=False)
    members = [update.my_chat_member for update in await bot.get_updates()]
    assert [one.new_chat_member.status for one in members if one] == ["kicked", "member"]


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("send", {}, "person must be a whole number"),
        ("send", {"person": 5}, "person must be one of 1001, 1002, 1003"),
        ("send", {"person": ADA, "chat": BO, "text": "x"}, "chat must be one of 1001, -100500"),
        ("send", {"person": ADA, "chat": ADA}, "text must be a text"),
        ("send", {"person": ADA, "chat": ADA, "text": " "}, "needs some text"),
        ("send", {"person": ADA, "chat": ADA, "text": "🐈" * 2049}, "at most 4096"),
        ("send", {"person": ADA, "chat": ADA, "text": "\ud83d"}, "half of a character"),
        ("send", {"person": ADA, "chat": ADA, "text": "x", "reply_to": 9}, "no message to reply"),
        ("send", {"person": ADA, "chat": ADA, "text": "x", "thread": 9}, "Only the group"),
        ("send", {"person": True, "chat": ADA, "text": "x"}, "person must be a whole number"),
        ("send", {"person": ADA, "chat": 1e300, "text": "x"}, "chat must be a whole number"),
        ("edit", {"person": ADA, "chat": ADA, "message_id": 9, "text": "x"}, "no such message"),
        ("delete", {"person": ADA, "chat": ADA}, "message_id must be a whole number"),
        ("tap", {"person": ADA, "chat": ADA, "message_id": 1}, "data must be a text"),
        ("block", {"person": ADA}, "blocked must be true or false"),
        ("misbehave", {"method": "sendDice", "kind": "429"}, "method must be"),
        ("misbehave", {"method": "*", "kind": "sulk"}, "kind must be one of"),
        ("misbehave", {"method": "*", "kind": "429", "count": -1}, "count must be"),
        ("misbehave", {"method": "*", "kind": "429", "retry_after": 0}, "retry_after must be"),
        ("misbehave", {"method": "*", "kind": "delay", "seconds": "x"}, "seconds must be"),
        ("redeliver", {"count": 0}, "count must be"),
        ("inline", {"person": ADA, "chat": ADA}, "query must be a text"),
        (
            "choose",
            {"person": ADA, "chat": ADA, "query_id": "1", "result_id": "1"},
            "no such result",
        ),
    ],
)
async def test_bad_input_is_answered_with_a_sentence(
    web: aiohttp.ClientSession, path: str, body: dict[str, Any], sentence: str
) -> None:
    async with web.post(f"/sandbox/{path}", json=body) as answer:
        assert answer.status == 400
        assert sentence in (await answer.json())["error"]


async def test_a_body_must_be_a_json_object_of_reasonable_size(
    web: aiohttp.ClientSession,
) -> None:
    for body, status in ((b"[1]", 400), (b"{", 400), (b"", 400), (b" " * 70_000, 413)):
        async with web.post("/sandbox/send", data=body) as answer:
            assert answer.status == status
            assert (await answer.json())["error"].startswith("The body")


@pytest.mark.parametrize(
    "path",
    [
        "messages?person=1001&chat=1002",
        "messages?person=1001",
        "messages?person=1001&chat=1001&before=x",
        "chats",
        "chats?person=one",
        "calls?after=x",
        "events?person=5",
        "events?person=1001&after=x",
    ],
)
async def test_a_question_of_another_form_is_answered_with_400(
    web: aiohttp.ClientSession, path: str
) -> None:
    async with web.get(f"/sandbox/{path}") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"].endswith(".")


async def test_a_video_can_be_read_in_parts(
    bot: telegram.Bot, people: SandboxClient, web: aiohttp.ClientSession
) -> None:
    await bot.send_video(GROUP, b"0123456789")
    url = (await people.messages(ADA, GROUP))[-1]["video"]["url"]
    async with web.get(url, headers={"Range": "bytes=2-5"}) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == "bytes 2-5/10"
        assert answer.content_type == "video/mp4"
        assert await answer.read() == b"2345"
    with pytest.raises(SandboxRefused, match="no such file"):
        await people.file("/sandbox/file/nonsense")


async def test_calls_are_logged_with_what_became_of_them(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    before = (await people.calls())[-1]["seq"]
    sent = await bot.send_message(GROUP, "x")
    with pytest.raises(telegram.error.BadRequest):
        await bot.edit_message_text("x", GROUP, 99)
    await bot.get_updates()
    logged = await people.calls(after=before)
    assert [
        (one["method"], one["chat_id"], one["message_id"], one["ok"], one["error"])
        for one in logged
    ] == [
        ("sendMessage", GROUP, sent.message_id, True, None),
        ("editMessageText", GROUP, 99, False, "Bad Request: message to edit not found"),
    ]


async def test_the_page_is_served_and_nothing_beside_it(web: aiohttp.ClientSession) -> None:
    async with web.get("/") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    for path in ("/page/../__main__.py", "/page/%2e%2e/server.py", "/page/nonsense.js", "/page/"):
        async with web.get(path) as answer:
            assert answer.status == 404
