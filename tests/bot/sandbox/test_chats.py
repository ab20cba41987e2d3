"""getMe, getChat, getChatMember, getChatAdministrators, getFile, and methods that are not there."""

import io
from pathlib import Path

import aiohttp
import pytest
import telegram
from telegram.error import InvalidToken

from bot.sandbox.client import SandboxClient
from bot.sandbox.limits import DOWNLOAD_BYTES, UPLOAD_BYTES
from bot.sandbox.server import Sandbox
from tests.bot.sandbox.conftest import ADA, BO, BOT_ID, CLEO, GROUP, Call, refused


async def test_the_bot_knows_itself(bot: telegram.Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.username, me.is_bot) == (BOT_ID, "kinogram_sandbox_bot", True)
    assert not me.can_read_all_group_messages


async def test_chats_are_known_once_somebody_has_written(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    with refused("Chat not found"):
        await bot.get_chat(ADA)
    await people.send(ADA, ADA, "hello")
    assert (await bot.get_chat(ADA)).username == "ada"
    assert (await bot.get_chat(GROUP)).title == "Film Club"


async def test_cleo_is_the_administrator_of_the_group(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    (admin,) = await bot.get_chat_administrators(GROUP)
    assert admin.user.id == CLEO
    assert (await bot.get_chat_member(GROUP, CLEO)).status == "administrator"
    assert (await bot.get_chat_member(GROUP, BO)).status == "member"
    with refused("participant_id_invalid"):
        await bot.get_chat_member(GROUP, 5)
    await people.send(ADA, ADA, "hello")
    assert (await bot.get_chat_member(ADA, ADA)).status == "member"
    with refused("Member not found"):
        await bot.get_chat_member(ADA, BO)
    with refused("no administrators in the private chat"):
        await bot.get_chat_administrators(ADA)


async def test_a_file_can_be_downloaded_up_to_20_mb(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "hello")
    sent = await bot.send_video(ADA, b"small mp4")
    assert sent.video
    file = await bot.get_file(sent.video.file_id)
    assert file.file_path
    assert file.file_path.endswith(".mp4")
    assert bytes(await file.download_as_bytearray()) == b"small mp4"
    large = await bot.send_video(ADA, bytes(DOWNLOAD_BYTES + 1))
    assert large.video
    with refused("File is too big"):
        await bot.get_file(large.video.file_id)
    with refused("invalid file_id"):
        await bot.get_file("nonsense")


async def test_an_upload_over_50_mb_is_refused_and_leaves_nothing(
    people: SandboxClient, sandbox: Sandbox, web: aiohttp.ClientSession
) -> None:
    await people.send(ADA, ADA, "hello")
    for size in (UPLOAD_BYTES + 1, UPLOAD_BYTES + 2 * 1024 * 1024):
        form = aiohttp.FormData({"chat_id": str(ADA)})
        form.add_field("video", io.BytesIO(bytes(size)), filename="clip.mp4")
        async with web.post(f"/bot{sandbox.token}/sendVideo", data=form) as answer:
            assert answer.status == 413
            assert await answer.json() == {
                "ok": False,
                "error_code": 413,
                "description": "Request Entity Too Large",
            }
    assert len(await people.messages(ADA, ADA)) == 1
    assert list((sandbox.folder / "files").iterdir()) == []


async def test_a_refused_video_leaves_no_file(
    bot: telegram.Bot, people: SandboxClient, sandbox: Sandbox
) -> None:
    await people.send(ADA, ADA, "hello")
    for _ in range(5):
        await bot.send_message(ADA, "x")
    with pytest.raises(telegram.error.RetryAfter):
        await bot.send_video(ADA, b"mp4")
    assert list((sandbox.folder / "files").iterdir()) == []


async def test_other_methods_are_not_found(call: Call) -> None:
    not_found = {"ok": False, "error_code": 404, "description": "Not Found"}
    assert await call("sendDice", chat_id=GROUP) == not_found
    assert await call("nonsense") == not_found


async def test_methods_are_found_in_any_case(call: Call) -> None:
    assert (await call("GETME"))["result"]["id"] == BOT_ID
    assert (await call("getupdates"))["ok"]


async def test_parameters_come_in_the_address_a_form_or_json(
    sandbox: Sandbox, web: aiohttp.ClientSession
) -> None:
    path = f"/bot{sandbox.token}/sendMessage"
    parameters = {"chat_id": str(GROUP), "text": "x"}
    multipart = aiohttp.MultipartWriter("form-data")
    for name, value in parameters.items():
        multipart.append(value).set_content_disposition("form-data", name=name)
    for request in (
        web.get(path, params=parameters),
        web.post(path, params=parameters),
        web.post(path, data=parameters),
        web.post(path, json=parameters),
        web.post(path, data=multipart),
    ):
        async with request as answer:
            assert (await answer.json())["result"]["text"] == "x"


@pytest.mark.parametrize("body", ["[1]", "{", "5", '{"chat_id": "five"}'])
async def test_a_broken_body_is_refused(
    sandbox: Sandbox, web: aiohttp.ClientSession, body: str
) -> None:
    async with web.post(
        f"/bot{sandbox.token}/sendMessage",
        data=body,
        headers={"Content-Type": "application/json"},
    ) as answer:
        assert answer.status == 400
        assert not (await answer.json())["ok"]


async def test_a_wrong_token_is_unauthorized(sandbox: Sandbox, web: aiohttp.ClientSession) -> None:
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    for path in ("/bot7000001:wrong/getMe", "/bot7000001:wrong/nonsense", "/botä/getMe"):
        async with web.get(path) as answer:
            assert answer.status == 401
            assert await answer.json() == unauthorized
    async with web.get("/file/bot7000001:wrong/videos/file_0.mp4") as answer:
        assert answer.status == 401
    with pytest.raises(InvalidToken):
        async with telegram.Bot("7000001:wrong", base_url=f"{sandbox.root}/bot"):
            pass


async def test_files_are_found_by_their_names_alone(
    sandbox: Sandbox, web: aiohttp.ClientSession
) -> None:
    assert (sandbox.folder / "token").exists()
    for path in (
        "token",
        "../token",
        "%2e%2e/token",
        "videos/../../token",
        str(Path("/etc/passwd")),
    ):
        async with web.get(f"/file/bot{sandbox.token}/{path}") as answer:
            assert answer.status == 404
