"""editMessage*, deleteMessage and setMessageReaction, with a real python-telegram-bot."""

from typing import Any

import pytest
import telegram
from telegram.error import RetryAfter

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, BOT_ID, GROUP, Call, Clock, keyboard, refused

NOT_MODIFIED = (
    "Message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)


@pytest.fixture
async def card(bot: telegram.Bot, people: SandboxClient) -> telegram.Message:
    """The bot's text with a button, after Ada's message 1."""
    await people.send(ADA, ADA, "hello")
    return await bot.send_message(ADA, "1st in line", reply_markup=keyboard("cancel"))


def video(content: bytes | str = b"mp4", **more: Any) -> telegram.InputMediaVideo:
    return telegram.InputMediaVideo(content, width=96, height=96, duration=4, **more)


async def test_an_edit_shows_and_drops_the_keyboard_that_is_not_given_again(
    bot: telegram.Bot, people: SandboxClient, card: telegram.Message, clock: Clock
) -> None:
    clock.now += 60
    edited = await bot.edit_message_text("step 2", ADA, card.message_id)
    assert isinstance(edited, telegram.Message)
    assert edited.reply_markup is None
    assert edited.edit_date
    assert edited.edit_date.timestamp() == int(clock.now)
    seen = (await people.messages(ADA, ADA))[-1]
    assert (seen["text"], seen.get("reply_markup")) == ("step 2", None)
    event = await people.first_event(ADA, lambda event: event["type"] == "edited")
    assert event["message"] == seen


async def test_the_same_again_is_not_modified(bot: telegram.Bot, card: telegram.Message) -> None:
    with refused(NOT_MODIFIED):
        await bot.edit_message_text(
            "1st in line", ADA, card.message_id, reply_markup=keyboard("cancel")
        )
    with refused(NOT_MODIFIED):
        await bot.edit_message_reply_markup(ADA, card.message_id, reply_markup=keyboard("cancel"))
    assert await bot.edit_message_text("1st in line", ADA, card.message_id)
    assert await bot.edit_message_text(
        "<b>1st</b> in line", ADA, card.message_id, parse_mode="HTML"
    )


async def test_edits_that_change_nothing_still_count_as_messages(
    bot: telegram.Bot, card: telegram.Message
) -> None:
    for _ in range(4):
        with refused(NOT_MODIFIED):
            await bot.edit_message_reply_markup(
                ADA, card.message_id, reply_markup=keyboard("cancel")
            )
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("step 2", ADA, card.message_id)


async def test_a_text_becomes_a_video_and_never_a_text_again(
    bot: telegram.Bot, people: SandboxClient, card: telegram.Message
) -> None:
    clip = await bot.edit_message_media(
        video(caption="a <b>cat</b>", parse_mode="HTML", supports_streaming=True),
        ADA,
        card.message_id,
    )
    assert isinstance(clip, telegram.Message)
    assert clip.video
    assert (clip.text, clip.caption, clip.reply_markup) == (None, "a cat", None)
    (seen,) = (await people.messages(ADA, ADA))[1:]
    assert seen["message_id"] == card.message_id
    assert seen["video"]["supports_streaming"]
    assert await people.file(seen["video"]["url"]) == b"mp4"
    with refused("There is no text in the message to edit"):
        await bot.edit_message_text("x", ADA, card.message_id)
    with refused(NOT_MODIFIED):
        await bot.edit_message_media(
            video(clip.video.file_id, caption="a <b>cat</b>", parse_mode="HTML"),
            ADA,
            card.message_id,
        )


async def test_a_caption_and_its_keyboard_can_be_edited(
    bot: telegram.Bot, card: telegram.Message
) -> None:
    with refused("There is no caption in the message to edit"):
        await bot.edit_message_caption(ADA, card.message_id, caption="x")
    await bot.edit_message_media(video(caption="a cat"), ADA, card.message_id)
    edited = await bot.edit_message_caption(
        ADA, card.message_id, caption="two cats", reply_markup=keyboard("again")
    )
    assert isinstance(edited, telegram.Message)
    assert edited.video
    assert edited.caption == "two cats"
    assert edited.reply_markup
    bare = await bot.edit_message_reply_markup(ADA, card.message_id)
    assert isinstance(bare, telegram.Message)
    assert bare.reply_markup is None
    assert bare.caption == "two cats"
    with refused("Message caption is too long"):
        await bot.edit_message_caption(ADA, card.message_id, caption="🐈" * 513)


async def test_only_messages_that_are_there_and_the_bots_own_can_be_edited(
    bot: telegram.Bot, people: SandboxClient, card: telegram.Message, call: Call
) -> None:
    with refused("Message to edit not found"):
        await bot.edit_message_text("x", ADA, 99)
    with refused("Message can't be edited"):
        await bot.edit_message_text("x", ADA, 1)
    await people.delete(ADA, ADA, card.message_id)
    with refused("Message to edit not found"):
        await bot.edit_message_text("x", ADA, card.message_id)
    for parameters, words in (
        ({"chat_id": ADA}, "message identifier is not specified"),
        ({"inline_message_id": "x"}, "MESSAGE_ID_INVALID"),
        ({"message_id": 1}, "chat_id is empty"),
    ):
        answer = await call("editMessageText", text="x", **parameters)
        assert answer["description"] == f"Bad Request: {words}"


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    ("media", "words"),
    [
        (None, "can't parse input media: expected an Object"),
        ({"type": "animation", "media": "x"}, "can't parse input media: type"),
        ({"type": "video"}, "can't parse input media: media not found"),
        ({"type": "video", "media": "attach://nothing"}, "wrong file identifier"),
        ({"type": "video", "media": "x", "caption": "<b>"}, "can't parse entities"),
    ],
)
async def test_media_of_another_form_are_refused(call: Call, media: Any, words: str) -> None:
    if isinstance(media, dict):
        media["parse_mode"] = "HTML"
    answer = await call("editMessageMedia", chat_id=ADA, message_id=2, media=media)
    assert answer["description"].startswith(f"Bad Request: {words}")


async def test_a_reaction_is_one_emoji_of_telegrams_list_and_can_be_repeated(
    bot: telegram.Bot, people: SandboxClient, card: telegram.Message
) -> None:
    for _ in range(2):
        await bot.set_message_reaction(ADA, 1, "👌")
    await bot.set_message_reaction(ADA, card.message_id, "❤")
    (asked, _) = await people.messages(ADA, ADA)
    assert asked["reactions"] == [{"emoji": "👌", "from": BOT_ID}]
    assert "edit_date" not in asked
    await bot.set_message_reaction(ADA, 1, [])
    events = [
        (event["message_id"], [one["emoji"] for one in event["message"]["reactions"]])
        async for event in _until_caught_up(people, ADA)
        if event["type"] == "reaction"
    ]
    assert events == [(1, ["👌"]), (2, ["❤"]), (1, [])]
    with refused("reaction_invalid"):
        await bot.set_message_reaction(ADA, 1, "🐈")
    with refused("reactions_too_many"):
        await bot.set_message_reaction(ADA, 1, ["👌", "❤"])
    with refused("Message to react not found"):
        await bot.set_message_reaction(ADA, 99, "👌")


async def _until_caught_up(people: SandboxClient, person: int) -> Any:
    """The person's events until a message sent now."""
    marker = await people.send(person, person, "marker")
    async for event in people.events(person):
        if event.get("message", {}).get("message_id") == marker["message_id"]:
            return
        yield event


async def test_the_bot_deletes_its_own_messages_and_in_private_peoples_too(
    bot: telegram.Bot, people: SandboxClient, card: telegram.Message, clock: Clock
) -> None:
    await bot.delete_message(ADA, card.message_id)
    await bot.delete_message(ADA, 1)
    assert await people.messages(ADA, ADA) == []
    with refused("Message to delete not found"):
        await bot.delete_message(ADA, 1)
    asked = await people.send(ADA, GROUP, "/video a cat")
    with refused("Message can't be deleted"):
        await bot.delete_message(GROUP, asked["message_id"])
    sent = await bot.send_message(GROUP, "x")
    clock.now += 48 * 3600 + 1
    with refused("Message can't be deleted"):
        await bot.delete_message(GROUP, sent.message_id)
