"""Share, `@bot words`, and the link under what was posted, as the browser shows them."""

from typing import Any

import pytest
import telegram
from playwright.async_api import expect

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, GROUP
from tests.bot.sandbox.page.conftest import OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="session")
NAME = "@kinogram_sandbox_bot"


async def next_update(bot: telegram.Bot) -> telegram.Update:
    (update,) = await bot.get_updates(timeout=30)
    await bot.get_updates(offset=update.update_id + 1)
    return update


async def clip_in_chat(bot: telegram.Bot, people: SandboxClient, mp4: bytes) -> str:
    """The file id of a clip with a Share button in Ada's private chat."""
    await people.send(ADA, ADA, "a cat")
    await next_update(bot)
    picker = telegram.SwitchInlineQueryChosenChat("c0ffee", True, False, True, True)
    share = telegram.InlineKeyboardButton("Share", switch_inline_query_chosen_chat=picker)
    sent = await bot.send_video(
        ADA,
        mp4,
        caption="a cat",
        width=96,
        height=64,
        duration=2,
        reply_markup=telegram.InlineKeyboardMarkup([[share]]),
    )
    assert sent.video
    return sent.video.file_id


def results(file_id: str, count: int) -> list[telegram.InlineQueryResultCachedVideo]:
    url = f"https://t.me/{NAME[1:]}?start=make_c0ffee"
    link = telegram.InlineKeyboardButton("🎬 Make your own", url=url)
    return [
        telegram.InlineQueryResultCachedVideo(
            str(number),
            file_id,
            f"a cat moves left on blue, number {number}",
            description="yours, private",
            caption="a cat moves left on blue\nmade by Ada",
            reply_markup=telegram.InlineKeyboardMarkup([[link]]),
        )
        for number in range(count)
    ]


async def test_share_opens_a_picker_and_the_clip_is_posted_with_a_link_that_starts_the_bot(
    open_page: OpenPage, bot: telegram.Bot, people: SandboxClient, clip: bytes, tmp_path: Any
) -> None:
    file_id = await clip_in_chat(bot, people, clip)
    page = await open_page(f"{ADA}/{ADA}")
    await page.locator("[data-share=c0ffee]").click()
    await expect(page.locator("[data-pick-chat]")).to_have_count(1)
    await page.screenshot(path=tmp_path / "picker.png")
    await page.locator(f"[data-pick-chat='{GROUP}']").click()
    await expect(page.locator(f"[data-chat='{GROUP}']")).to_be_visible()
    await expect(page.get_by_role("textbox")).to_have_value(f"{NAME} c0ffee")

    update = await next_update(bot)
    assert update.inline_query
    assert (update.inline_query.query, update.inline_query.chat_type) == ("c0ffee", "supergroup")
    await update.inline_query.answer(results(file_id, 3), cache_time=0, is_personal=True)
    await expect(page.locator("[data-inline-result]")).to_have_count(3)
    await page.screenshot(path=tmp_path / "results.png")
    await page.locator("[data-inline-result='1']").click()
    await expect(page.locator("[data-part=inline-results]")).to_be_hidden()
    await expect(page.get_by_role("textbox")).to_have_value("")
    posted = page.locator("[data-message-id][data-kind=video]")
    await expect(posted.locator("[data-part=via]")).to_have_text(f"via {NAME}")
    await expect(posted.locator("[data-part=caption]")).to_contain_text("made by Ada")
    await expect(posted).to_have_attribute("data-own", "true")
    await page.screenshot(path=tmp_path / "posted.png")
    assert (await next_update(bot)).message

    await posted.locator("[data-start=make_c0ffee]").click()
    await expect(page.locator(f"[data-chat='{ADA}']")).to_be_visible()
    update = await next_update(bot)
    assert update.message
    assert (update.message.text, update.message.chat.id) == ("/start make_c0ffee", ADA)


async def test_words_behind_the_bots_name_are_asked_paged_and_chosen_by_keys(
    open_page: OpenPage, bot: telegram.Bot, people: SandboxClient, clip: bytes
) -> None:
    file_id = await clip_in_chat(bot, people, clip)
    page = await open_page(f"{ADA}/{GROUP}")
    await page.get_by_role("textbox").fill(f"{NAME} 猫 cat")
    update = await next_update(bot)
    assert update.inline_query
    assert update.inline_query.query == "猫 cat"
    first = results(file_id, 50)
    await update.inline_query.answer(first, cache_time=0, is_personal=True, next_offset="o9")
    await expect(page.locator("[data-inline-result]")).to_have_count(50)
    await page.locator("[data-inline-result='49']").scroll_into_view_if_needed()
    update = await next_update(bot)
    assert update.inline_query
    assert update.inline_query.offset == "o9"
    rest = results(file_id, 53)[50:]
    await update.inline_query.answer(rest, cache_time=0, is_personal=True)
    await expect(page.locator("[data-inline-result]")).to_have_count(53)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-message-id] [data-part=via]")).to_be_visible()
    assert (await people.messages(ADA, GROUP))[-1]["caption"].endswith("made by Ada")


async def test_the_button_above_no_results_starts_the_bot(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{GROUP}")
    await page.get_by_role("textbox").fill(f"{NAME} ")
    update = await next_update(bot)
    assert update.inline_query
    button = telegram.InlineQueryResultsButton("No clip found. Make one!", start_parameter="inline")
    await update.inline_query.answer([], cache_time=0, is_personal=True, button=button)
    await page.locator("[data-part=inline-button]").click()
    await expect(page.locator(f"[data-chat='{ADA}']")).to_be_visible()
    update = await next_update(bot)
    assert update.message
    assert update.message.text == "/start inline"


async def test_a_bot_without_inline_mode_is_not_asked(
    open_page: OpenPage, bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.set_inline_mode(on=False)
    page = await open_page(f"{ADA}/{GROUP}")
    await page.get_by_role("textbox").fill(f"{NAME} cat")
    await page.keyboard.press("Enter")
    assert (await next_update(bot)).message
