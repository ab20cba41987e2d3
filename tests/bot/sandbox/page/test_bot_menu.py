"""What people do with the bot itself, in the browser: stop, mute, remove and follow links to it."""

from typing import Any

import pytest
import telegram
from playwright.async_api import expect

from tests.bot.sandbox.conftest import ADA, BOT_ID, CLEO, GROUP
from tests.bot.sandbox.page.conftest import OpenPage
from tests.bot.sandbox.page.test_sharing import next_update

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def pick(page: Any, name: str) -> None:
    """Choose from the bot's menu; the sandbox has done it on return."""
    await page.locator("[data-action=bot-menu]").click()
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.locator(f"[data-menu-item={name}]").click()


async def checked(page: Any) -> list[str]:
    await page.locator("[data-action=bot-menu]").click()
    await page.locator("[data-part=menu]").wait_for()
    marked = page.locator("[data-menu-item][aria-checked=true]")
    names = await marked.evaluate_all("all => all.map(one => one.dataset.menuItem)")
    await page.keyboard.press("Escape")
    return list(names)


async def test_a_group_admin_mutes_removes_and_takes_back_the_bot(
    open_page: OpenPage, bot: telegram.Bot, tmp_path: Any
) -> None:
    page = await open_page(f"{CLEO}/{GROUP}")
    assert await checked(page) == ["bot-member"]
    for name, status in (
        ("bot-no-videos", "restricted"),
        ("bot-muted", "restricted"),
        ("bot-removed", "kicked"),
        ("bot-administrator", "administrator"),
        ("bot-member", "member"),
    ):
        await pick(page, name)
        update = await next_update(bot)
        assert update.my_chat_member
        assert update.my_chat_member.from_user.id == CLEO
        assert update.my_chat_member.new_chat_member.status == status
        assert await checked(page) == [name]
    await page.locator("[data-action=bot-menu]").click()
    await page.screenshot(path=tmp_path / "menu.png")
    await page.keyboard.press("Escape")
    await pick(page, "upgrade")
    left, _come = await bot.get_updates(timeout=30)
    assert left.message
    assert left.message.migrate_to_chat_id


async def test_others_cannot_change_the_bot_in_a_group_and_anybody_stops_it_for_themselves(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{GROUP}")
    await page.locator(f"[data-chat='{GROUP}']").wait_for()
    await expect(page.locator("[data-action=bot-menu]")).to_have_count(0)
    page = await open_page(f"{ADA}/{ADA}")
    for name, status in (("stop-bot", "kicked"), ("start-bot", "member")):
        await pick(page, name)
        update = await next_update(bot)
        assert update.my_chat_member
        assert update.my_chat_member.chat.id == ADA
        assert update.my_chat_member.new_chat_member.user.id == BOT_ID
        assert update.my_chat_member.new_chat_member.status == status


async def test_a_link_to_the_bot_in_a_text_opens_its_own_chat_here_and_others_lead_outside(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{GROUP}")
    await page.locator(f"[data-chat='{GROUP}']").wait_for()
    mine = "https://t.me/kinogram_sandbox_bot?start=c0de-1"
    await bot.send_message(GROUP, f"{mine} https://t.me/other_bot?start=c0de-1")
    text = page.locator("[data-message-id] [data-part=text]")
    outside = text.locator("a")
    await expect(outside).to_have_text("https://t.me/other_bot?start=c0de-1")
    assert await outside.get_attribute("target") == "_blank"
    await text.locator("[data-start=c0de-1]").click()
    await expect(page.locator(f"[data-chat='{ADA}']")).to_be_visible()
    update = await next_update(bot)
    assert update.message
    assert (update.message.text, update.message.chat.id) == ("/start c0de-1", ADA)
