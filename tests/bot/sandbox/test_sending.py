"""sendMessage, sendVideo, sendPhoto, sendChatAction, with a real python-telegram-bot."""

import io
from typing import Any

import pytest
import telegram
from PIL import Image
from telegram.error import Forbidden, RetryAfter

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, BO, BOT_ID, CLEO, GROUP, Call, Clock, keyboard, refused


def picture(width: int = 64, height: int = 48) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
async def first(people: SandboxClient) -> dict[str, Any]:
    """Ada's first message: before it the bot may not write to her."""
    return await people.send(ADA, ADA, "hello")


@pytest.mark.usefixtures("first")
async def test_what_the_bot_sends_is_what_people_see(
    bot: telegram.Bot, people: SandboxClient, clock: Clock
) -> None:
    sent = await bot.send_message(
        ADA, "<b>hi</b> 🐈", parse_mode="HTML", reply_markup=keyboard("cancel:1")
    )
    assert sent.text == "hi 🐈"
    assert sent.date.timestamp() == int(clock.now)
    assert sent.from_user
    assert sent.from_user.id == BOT_ID
    assert sent.from_user.is_bot
    seen = (await people.messages(ADA, ADA))[-1]
    assert seen["text"] == "hi 🐈"
    assert seen["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert seen["reply_markup"]["inline_keyboard"] == [
        [{"text": "cancel:1", "callback_data": "cancel:1"}]
    ]
    assert seen["from"]["is_bot"]


async def test_the_bot_cannot_write_first(bot: telegram.Bot, people: SandboxClient) -> None:
    with refused("Chat not found"):
        await bot.send_message(BO, "hello")
    await people.send(BO, GROUP, "hello all")
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(BO, "hello")
    with refused("Chat not found"):
        await bot.send_message("@nobody", "hello")
    with refused("Chat not found"):
        await bot.send_message(5, "hello")


async def test_who_blocked_the_bot_hears_nothing_until_they_write_again(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "hello")
    await people.block(ADA)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ADA, "hello")
    await people.send(ADA, ADA, "back again")
    assert await bot.send_message(ADA, "hello")
    kinds = [update.to_dict().keys() for update in await bot.get_updates()]
    assert ["my_chat_member" in kind for kind in kinds] == [False, True, True, False]


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Message text is empty"),
        (" \n ", "Text must be non-empty"),
        ("<b> </b>", "Text must be non-empty"),
        ("🐈" * 2049, "Message is too long"),
        ("a" * 4097, "Message is too long"),
        ("a <cat>", "Can't parse entities: unsupported start tag"),
    ],
)
async def test_text_that_telegram_refuses_is_refused(
    bot: telegram.Bot, text: str, words: str
) -> None:
    with refused(words):
        await bot.send_message(ADA, text, parse_mode="HTML")


@pytest.mark.usefixtures("first")
async def test_the_longest_text_counts_after_parsing(bot: telegram.Bot) -> None:
    sent = await bot.send_message(ADA, "<b>" + "🐈" * 2048 + "</b>", parse_mode="HTML")
    assert sent.text == "🐈" * 2048


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[{"text": "x", "callback_data": "ä" * 33}]], "BUTTON_DATA_INVALID"),
        (
            [[{"text": "x", "callback_data": ""}]],
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            [[{"text": "x"}]],
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ([[{"text": " ", "callback_data": "x"}]], "BUTTON_TEXT_INVALID"),
        ([[{"text": "x", "web_app": {"url": "https://example.org"}}]], "BUTTON_TYPE_INVALID"),
        (
            [[{"text": "x", "url": "http://localhost/"}]],
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
        ([[{"text": "x", "callback_data": "x"}] * 9], "reply markup is too long"),
        ([[{"text": "x", "callback_data": "x"}]] * 101, "reply markup is too long"),
        (
            [{"text": "x"}],
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array',
        ),
    ],
)
async def test_keyboards_that_telegram_refuses_are_refused(
    call: Call, rows: Any, words: str
) -> None:
    answer = await call(
        "sendMessage", chat_id=ADA, text="x", reply_markup={"inline_keyboard": rows}
    )
    assert answer["description"] == f"Bad Request: {words}"


@pytest.mark.usefixtures("first")
async def test_the_largest_keyboard_is_taken(bot: telegram.Bot) -> None:
    row = [telegram.InlineKeyboardButton("x", callback_data="ä" * 32)] * 8
    assert await bot.send_message(ADA, "x", reply_markup=telegram.InlineKeyboardMarkup([row] * 12))


async def test_a_reply_carries_the_message_replied_to(
    bot: telegram.Bot, people: SandboxClient, first: dict[str, Any]
) -> None:
    sent = await bot.send_message(ADA, "yes?", reply_to_message_id=first["message_id"])
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "hello"
    seen = (await people.messages(ADA, ADA))[-1]
    assert seen["reply_to_message_id"] == first["message_id"]


@pytest.mark.usefixtures("first")
async def test_a_reply_to_nothing_is_refused_unless_allowed(bot: telegram.Bot) -> None:
    with refused("Message to be replied not found"):
        await bot.send_message(ADA, "x", reply_parameters=telegram.ReplyParameters(99))
    sent = await bot.send_message(
        ADA,
        "x",
        reply_parameters=telegram.ReplyParameters(99, allow_sending_without_reply=True),
    )
    assert sent.reply_to_message is None


@pytest.mark.usefixtures("first")
async def test_a_topic_that_nobody_opened_is_refused(bot: telegram.Bot) -> None:
    for chat in (ADA, GROUP):
        with refused("Message thread not found"):
            await bot.send_message(chat, "x", message_thread_id=7)


async def test_an_answer_in_a_topic_stays_there(bot: telegram.Bot, people: SandboxClient) -> None:
    await people.send(ADA, GROUP, "/video a cat", thread=7)
    (update,) = await bot.get_updates()
    assert update.message
    assert update.message.message_thread_id == 7
    sent = await bot.send_message(GROUP, "yes", message_thread_id=7)
    assert sent.message_thread_id == 7


@pytest.mark.usefixtures("first")
async def test_a_video_keeps_its_size_and_length(bot: telegram.Bot, people: SandboxClient) -> None:
    sent = await bot.send_video(
        ADA,
        b"an mp4",
        caption="a <i>cat</i>",
        parse_mode="HTML",
        width=96,
        height=64,
        duration=4,
        supports_streaming=True,
    )
    assert sent.video
    assert (sent.video.width, sent.video.height, sent.video.file_size) == (96, 64, 6)
    assert sent.caption == "a cat"
    seen = (await people.messages(ADA, ADA))[-1]
    assert seen["video"]["duration"] == 4
    assert await people.file(seen["video"]["url"]) == b"an mp4"
    again = await bot.send_video(ADA, sent.video.file_id)
    assert again.video
    assert again.video.file_unique_id == sent.video.file_unique_id


@pytest.mark.usefixtures("first")
async def test_captions_count_utf_16_after_parsing(bot: telegram.Bot) -> None:
    assert await bot.send_video(ADA, b"mp4", caption=f"<b>{'🐈' * 512}</b>", parse_mode="HTML")
    with refused("Message caption is too long"):
        await bot.send_video(ADA, b"mp4", caption="🐈" * 512 + "a")


@pytest.mark.usefixtures("first")
async def test_files_that_telegram_refuses_are_refused(bot: telegram.Bot) -> None:
    photo = await bot.send_photo(ADA, picture())
    cases: list[tuple[str, Any]] = [
        ("Can't use file of type photo as video", photo.photo[-1].file_id),
        ("Wrong file identifier/http url specified", "nonsense"),
        ("Failed to get http url content", "https://example.org/a.mp4"),
        ("File must be non-empty", b""),
    ]
    for words, video in cases:
        with refused(words):
            await bot.send_video(ADA, video)


@pytest.mark.usefixtures("first")
async def test_a_photo_becomes_a_jpeg_of_at_most_1280_pixels(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    sent = await bot.send_photo(ADA, picture(2560, 1280), caption="blue")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (1280, 640)
    seen = (await people.messages(ADA, ADA))[-1]
    with Image.open(io.BytesIO(await people.file(seen["photo"]["url"]))) as kept:
        assert kept.format == "JPEG"
    with refused("photo_invalid_dimensions"):
        await bot.send_photo(ADA, picture(2100, 100))
    with refused("image_process_failed"):
        await bot.send_photo(ADA, b"no picture")


@pytest.mark.usefixtures("first")
async def test_a_chat_action_is_seen_and_checked(bot: telegram.Bot, people: SandboxClient) -> None:
    await bot.send_chat_action(ADA, "upload_video")
    event = await people.first_event(ADA, lambda event: event["type"] == "action")
    assert event["action"] == "upload_video"
    with refused("wrong parameter action in request"):
        await bot.send_chat_action(ADA, "dancing")


@pytest.mark.usefixtures("first")
async def test_too_many_messages_have_to_wait_and_leave_nothing_behind(
    bot: telegram.Bot, people: SandboxClient, flood_clock: Clock
) -> None:
    for number in range(5):
        await bot.send_message(ADA, str(number))
    with pytest.raises(RetryAfter) as refusal:
        await bot.send_message(ADA, "too soon")
    assert refusal.value._retry_after.total_seconds() == 1
    assert [one["text"] for one in await people.messages(ADA, ADA)][-1] == "4"
    flood_clock.now += 1
    await bot.send_message(ADA, "later")


async def test_ids_of_private_chats_run_on_and_a_group_has_its_own(
    people: SandboxClient,
) -> None:
    sent = [
        await people.send(person, chat, "hello")
        for person, chat in ((ADA, ADA), (BO, BO), (ADA, GROUP), (ADA, ADA), (CLEO, GROUP))
    ]
    assert [one["message_id"] for one in sent] == [1, 2, 1, 3, 2]
