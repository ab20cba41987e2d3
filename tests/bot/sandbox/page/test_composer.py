"""What people do when they write: commands, long texts, replies, edits, photos, second tries."""

import io
from typing import Any

import pytest
import telegram
from PIL import Image
from playwright.async_api import expect

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA
from tests.bot.sandbox.page.conftest import OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def menu_of(page: Any, message_id: int, item: str) -> None:
    bubble = page.locator(f"[data-message-id='{message_id}']")
    await bubble.hover()
    await bubble.locator("[data-action=message-menu]").click()
    await page.locator(f"[data-menu-item={item}]").click()


async def test_published_commands_are_listed_narrowed_and_sent(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await expect(page.locator("[data-action=commands]")).to_be_hidden()
    await bot.set_my_commands([("help", "How it works"), ("quota", "Credits"), ("quit", "Leave")])
    await page.locator("[data-action=commands]").click()
    await expect(page.locator("[data-command]")).to_have_count(3)
    await expect(page.locator("[data-command='/quota']")).to_contain_text("Credits")
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-part=commands]")).to_be_hidden()

    await page.keyboard.type("/qu")
    await expect(page.locator("[data-command]")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("textbox")).to_have_value("/quit ")
    await page.get_by_role("textbox").fill("/")
    await page.locator("[data-command='/help']").click()
    await expect(page.get_by_role("textbox")).to_have_value("")
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.text == "/help"
    assert update.message.entities[0].type == "bot_command"


async def test_enter_sends_and_shift_enter_makes_a_line(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    field = page.get_by_role("textbox")
    await field.fill("   ")
    await expect(page.locator("[data-action=send]")).to_be_disabled()
    await field.fill("one")
    height = (await field.bounding_box())["height"]
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    assert (await field.bounding_box())["height"] > height
    await page.keyboard.press("Enter")
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.text == "one\ntwo"
    await expect(field).to_have_value("")


async def test_a_pasted_text_over_the_limit_goes_out_in_parts(
    open_page: OpenPage, people: SandboxClient
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    text = ("words and 🎬 " * 500)[:5000]
    await page.get_by_role("textbox").focus()
    await page.keyboard.insert_text(text)
    await expect(page.locator("[data-part=composer-notice]")).to_contain_text("2 messages")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-own=true][data-state=sent]")).to_have_count(2)
    said = [message["text"] for message in await people.messages(ADA, ADA)]
    assert " ".join(said).split() == text.split()
    assert all(len(part.encode("utf-16-le")) // 2 <= 4096 for part in said)

    await page.keyboard.press("ArrowUp")
    await page.get_by_role("textbox").fill("x" * 4097)
    await expect(page.locator("[data-part=composer-notice]")).to_contain_text("4097 of 4096")
    await expect(page.locator("[data-action=send]")).to_be_disabled()


async def test_own_messages_are_answered_edited_and_deleted(
    open_page: OpenPage, bot: telegram.Bot, people: SandboxClient
) -> None:
    mine = (await people.send(ADA, ADA, "a cat"))["message_id"]
    theirs = (await bot.send_message(ADA, "Which colour?")).message_id
    page = await open_page(f"{ADA}/{ADA}")
    await menu_of(page, theirs, "reply")
    await expect(page.locator("[data-part=banner]")).to_contain_text("Reply to Kinogram")
    await page.keyboard.type("blue")
    await page.keyboard.press("Enter")
    quote = page.locator(f"[data-reply-to='{theirs}']")
    await expect(quote).to_contain_text("Which colour?")
    await quote.click()
    await expect(page.locator(f"[data-message-id='{theirs}']")).to_have_class("message found")

    await menu_of(page, mine, "edit")
    await expect(page.get_by_role("textbox")).to_have_value("a cat")
    await page.get_by_role("textbox").fill("a dog")
    await page.keyboard.press("Enter")
    edited = page.locator(f"[data-message-id='{mine}']")
    await expect(edited.locator("[data-part=text]")).to_contain_text("a dog")
    await expect(edited.locator("[data-part=edited]")).to_be_visible()

    await menu_of(page, mine, "remove")
    await page.locator("dialog [data-value=yes]").click()
    await expect(edited).to_have_count(0)
    bubble = page.locator(f"[data-message-id='{theirs}'] .bubble")
    await bubble.click(button="right")
    assert await page.locator("[data-menu-item]").all_inner_texts() == ["Reply", "Copy text"]


async def test_a_message_that_could_not_be_sent_waits_for_another_try(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await page.get_by_role("textbox").fill("a cat")
    await page.context.set_offline(True)
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-own=true]")).to_have_attribute("data-state", "failed")
    await page.context.set_offline(False)
    await page.locator("[data-action=retry]").click()
    await expect(page.locator("[data-own=true]")).to_have_attribute("data-state", "sent")
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.text == "a cat"


async def test_a_file_is_sent_as_it_is_and_answers_a_message(
    open_page: OpenPage, bot: telegram.Bot
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(picture, "PNG")
    page = await open_page(f"{ADA}/{ADA}")
    await page.locator("[data-part=composer]").fill("look")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-own=true]")).to_have_attribute("data-state", "sent")
    await page.locator("[data-own=true] [data-part=text]").dblclick()
    await expect(page.locator("[data-part=banner]")).to_be_visible()
    async with page.expect_file_chooser() as choosing:
        await page.locator("[data-action=attach]").click()
    chosen = {"name": "cat.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    await (await choosing.value).set_files(chosen)
    await page.locator("[data-part=as-file]").check()
    await page.locator("[data-value=yes]").click()
    await expect(page.locator("[data-kind=document] [data-part=document]")).to_contain_text("cat")
    await expect(page.locator("[data-part=banner]")).to_be_hidden()
    said, sent = [update.message for update in await bot.get_updates(timeout=30)]
    assert said
    assert sent
    assert sent.document
    assert (sent.document.mime_type, sent.document.file_name) == ("image/png", "cat.png")
    assert sent.reply_to_message
    assert sent.reply_to_message.message_id == said.message_id


async def test_a_photo_is_sent_with_its_caption(open_page: OpenPage, bot: telegram.Bot) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "orange").save(picture, "PNG")
    page = await open_page(f"{ADA}/{ADA}")
    async with page.expect_file_chooser() as choosing:
        await page.locator("[data-action=attach]").click()
    chosen = {"name": "cat.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    await (await choosing.value).set_files(chosen)
    await page.locator("[data-part=photo-caption]").fill("make it move")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-kind=photo] [data-part=photo]")).to_be_visible()
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.caption == "make it move"
    assert update.message.photo
