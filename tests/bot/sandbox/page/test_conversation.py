"""A person's prompt and the bot's answers, as the browser shows them, without a reload."""

import asyncio
import io
from typing import Any

import pytest
import telegram
from PIL import Image
from playwright.async_api import expect

from bot.chart import Day, draw
from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, keyboard
from tests.bot.sandbox.page.conftest import OpenPage
from tests.service import WAIT_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def say(page: Any, text: str) -> None:
    """Send a text; the sandbox has it on return."""
    await page.get_by_role("textbox").fill(text)
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.keyboard.press("Enter")


def message(page: Any, text: str) -> Any:
    return page.locator("[data-message-id]", has_text=text)


async def test_a_picture_of_the_bots_is_shown_above_its_caption(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await say(page, "/stats")
    png = draw([Day(label=f"01-0{day}", clips=day, seconds=8.0) for day in range(1, 8)])
    sent = await bot.send_photo(ADA, png, caption="Today\nClips: 7", filename="chart.png")
    shown = page.locator(f'[data-message-id="{sent.message_id}"]')
    await expect(shown).to_have_attribute("data-kind", "photo")
    await expect(shown.locator("[data-part=caption]")).to_contain_text("Clips: 7")
    picture = shown.locator("[data-part=photo]")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 960


async def test_a_prompt_gets_a_card_that_becomes_a_playing_clip(
    open_page: OpenPage, bot: telegram.Bot, clip: bytes
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await page.evaluate("window.sameLoad = true")
    await say(page, "a cat moves left on blue")
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.text == "a cat moves left on blue"
    own = page.locator(f'[data-message-id="{update.message.message_id}"]')
    await expect(own).to_have_attribute("data-own", "true")
    await expect(own).to_have_attribute("data-state", "sent")

    sent = await bot.send_message(ADA, "1st in line", reply_markup=keyboard("cancel"))
    card = page.locator(f'[data-message-id="{sent.message_id}"]')
    await expect(card.locator("[data-part=text]")).to_contain_text("1st in line")
    await expect(card.locator("[data-callback-data=cancel]")).to_be_visible()
    await bot.edit_message_text("Denoising 7 of 20", ADA, sent.message_id)
    await expect(card.locator("[data-part=text]")).to_contain_text("Denoising 7 of 20")
    await expect(card.locator("[data-part=edited]")).to_be_visible()
    await expect(card.locator("[data-callback-data]")).to_have_count(0)

    await bot.send_chat_action(ADA, "upload_video")
    await expect(page.locator("header [data-part=chat-action]")).to_have_text("sending a video…")
    video = telegram.InputMediaVideo(
        clip, caption="a cat moves left on blue", width=96, height=64, supports_streaming=True
    )
    await bot.edit_message_media(
        video, ADA, sent.message_id, reply_markup=keyboard("again", "new seed")
    )
    await expect(card).to_have_attribute("data-kind", "video")
    await expect(card.locator("[data-part=caption]")).to_contain_text("a cat moves left on blue")
    await expect(page.locator("header [data-part=chat-action]")).to_have_text("bot")
    playing = card.locator("video")
    await page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.2")
    shown = await playing.evaluate(
        "video => [video.muted, video.loop, video.controls, video.videoWidth, video.videoHeight,"
        " video.clientWidth / video.clientHeight, video.clientWidth]"
    )
    assert shown[:5] == [True, True, True, 96, 64]
    assert shown[5] == pytest.approx(96 / 64, rel=0.02)
    assert shown[6] > 300

    await bot.set_message_reaction(ADA, update.message.message_id, "🎉")
    await expect(own.locator('[data-reaction="🎉"]')).to_be_visible()
    assert await page.evaluate("window.sameLoad")


async def test_a_card_shows_previews_and_then_the_clip_without_a_jump(
    open_page: OpenPage, bot: telegram.Bot, clip: bytes
) -> None:
    page = await open_page()
    await say(page, "a cat")
    await bot.get_updates(timeout=30)
    sent = await bot.send_message(ADA, "Denoising 7 of 50", reply_markup=keyboard("cancel"))
    card = page.locator(f'[data-message-id="{sent.message_id}"]')
    sizes = []
    for step, grey in ((20, 60), (35, 160)):
        picture = telegram.InputMediaPhoto(_jpeg(grey), caption=f"Denoising {step} of 50")
        await bot.edit_message_media(picture, ADA, sent.message_id, reply_markup=keyboard("cancel"))
        await expect(card.locator("[data-part=caption]")).to_contain_text(f"{step} of 50")
        await expect(card.locator("[data-callback-data=cancel]")).to_be_visible()
        shown = card.locator("[data-part=photo]")
        # The frame has its size before the picture is there, and keeps it.
        sizes.append(await shown.evaluate("at => [at.clientWidth, at.clientHeight]"))
        await page.wait_for_function("() => document.querySelector('[data-part=photo]')?.complete")
        sizes.append(await shown.evaluate("at => [at.clientWidth, at.clientHeight]"))
    video = telegram.InputMediaVideo(clip, caption="a cat", width=96, height=64)
    await bot.edit_message_media(video, ADA, sent.message_id)
    await expect(card).to_have_attribute("data-kind", "video")
    sizes.append(await card.locator("video").evaluate("at => [at.clientWidth, at.clientHeight]"))
    assert sizes == [sizes[0]] * 5
    assert sizes[0][0] > 300


def _jpeg(grey: int) -> bytes:
    written = io.BytesIO()
    Image.new("L", (320, 213), grey).save(written, "JPEG")
    return written.getvalue()


async def test_an_edited_caption_leaves_the_playing_video_alone(
    open_page: OpenPage, bot: telegram.Bot, clip: bytes
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await say(page, "/start")
    sent = await bot.send_video(ADA, clip, caption="one", width=96, height=64, duration=2)
    await page.wait_for_function("() => document.querySelector('video')?.currentTime > 0")
    await page.evaluate("document.querySelector('video').marked = true")
    await bot.edit_message_caption(ADA, sent.message_id, caption="two")
    await expect(page.locator("[data-part=caption]")).to_contain_text("two")
    assert await page.evaluate("document.querySelector('video').marked")


async def test_a_tapped_button_waits_for_the_answer_and_shows_it(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await say(page, "/start")
    await bot.send_message(ADA, "Card", reply_markup=keyboard("cancel:1", "explain:1"))
    for data, alert in (("cancel:1", False), ("explain:1", True)):
        button = page.locator(f'[data-callback-data="{data}"]')
        await button.click()
        await expect(button).to_have_attribute("aria-busy", "true")
        query = await next_callback(bot)
        assert query.data == data
        assert query.from_user.id == ADA
        shown = page.locator("[data-part=alert]" if alert else "[data-part=toast]")
        # Looked for from before the answer on: a toast is gone after a moment.
        seen = asyncio.ensure_future(expect(shown).to_contain_text(f"Heard {data}"))
        await query.answer(f"Heard {data}", show_alert=alert)
        await seen
        await expect(button).not_to_have_attribute("aria-busy", "true")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-part=alert]")).to_have_count(0)


async def next_callback(bot: telegram.Bot) -> telegram.CallbackQuery:
    offset = None
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            for update in await bot.get_updates(offset=offset, timeout=30):
                offset = update.update_id + 1
                if update.callback_query:
                    await bot.get_updates(offset=offset)
                    return update.callback_query


async def test_what_people_and_the_bot_write_is_never_markup(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    evil = '<img src=x onerror=alert(1)> <script>alert(2)</script> "><b>bold</b>'
    page = await open_page(f"{ADA}/{ADA}")
    await say(page, evil)
    own = page.locator('[data-own="true"] [data-part=text]')
    await expect(own).to_contain_text(evil)
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    await bot.send_message(
        ADA,
        evil,
        reply_parameters=telegram.ReplyParameters(update.message.message_id),
        reply_markup=telegram.InlineKeyboardMarkup(
            [[telegram.InlineKeyboardButton(evil, callback_data="evil")]]
        ),
    )
    await expect(page.locator("[data-part=quote]")).to_contain_text(evil)
    await expect(page.locator("[data-callback-data=evil]")).to_have_text(evil)
    await expect(page.locator("[data-chat-id='1001'] [data-part=preview]")).to_contain_text("<img")
    assert await page.locator("[src=x], #open-chat script, #open-chat b").count() == 0


async def test_entities_are_drawn_and_a_command_can_be_clicked(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await say(page, "/start")
    await bot.send_message(
        ADA,
        "🎬 <b>bold <i>both</i></b> <code>a &lt; b</code> <a href='https://example.org/'>docs</a> "
        "then /help",
        parse_mode="HTML",
    )
    text = page.locator('[data-own="false"] [data-part=text]')
    await expect(text.locator("strong")).to_have_text("bold both")
    await expect(text.locator("strong em")).to_have_text("both")
    await expect(text.locator("code")).to_have_text("a < b")
    await expect(text.locator("a")).to_have_attribute("href", "https://example.org/")
    await text.get_by_role("button", name="/help").click()
    await expect(page.locator('[data-own="true"]').last).to_contain_text("/help")


async def test_an_empty_chat_offers_prompts_that_can_be_tapped(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await expect(page.locator("[data-example]")).to_have_count(3)
    await page.locator("[data-example]").first.click()
    await expect(page.locator("[data-part=empty]")).to_have_count(0)
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.text == "an astronaut riding a horse in space"


async def test_a_reader_of_older_messages_is_not_torn_away(
    open_page: OpenPage, bot: telegram.Bot, people: SandboxClient
) -> None:
    for number in range(70):
        await people.send(ADA, ADA, f"prompt number {number}")
    page = await open_page(f"{ADA}/{ADA}")
    await expect(message(page, "prompt number 69")).to_be_in_viewport()
    await expect(message(page, "prompt number 0")).to_have_count(0)
    await page.locator(".history").evaluate("history => history.scrollTo(0, 0)")
    await expect(message(page, "prompt number 0")).to_have_count(1)
    before = await page.locator(".history").evaluate("history => history.scrollTop")
    await bot.send_message(ADA, "Ready")
    pill = page.locator("[data-action=jump-down]")
    await expect(pill).to_have_text("1 new message")
    assert await page.locator(".history").evaluate("history => history.scrollTop") == before
    await pill.click()
    await expect(message(page, "Ready")).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def test_a_covered_clip_is_blurred_until_somebody_clicks_it(
    open_page: OpenPage, bot: telegram.Bot, clip: bytes, people: SandboxClient
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await people.send(ADA, ADA, "a cat")
    sent = await bot.send_video(ADA, clip, width=96, height=64, has_spoiler=True)
    video = page.locator(f'[data-message-id="{sent.message_id}"] video')
    await expect(video).to_have_css("filter", "blur(24px)")
    await page.get_by_role("button", name="Show the covered clip").click()
    await expect(video).to_have_css("filter", "none")
    await expect(page.get_by_role("button", name="Show the covered clip")).to_have_count(0)
