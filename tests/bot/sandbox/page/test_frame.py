"""Who one is and where: people, chats, widths, colours, reloads and lost connections."""

from typing import Any

import pytest
import telegram
from playwright.async_api import expect

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, BO, CLEO, GROUP
from tests.bot.sandbox.page.conftest import OpenPage, Restartable

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = {"viewport": {"width": 390, "height": 844}}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two opaque `rgb(r, g, b)` colours, as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        channels = [int(part) / 255 for part in colour[4:-1].split(",")]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


async def become(page: Any, person: int) -> None:
    await page.locator(f"label:has([data-person-id='{person}'])").click()
    await expect(page.locator("body")).to_have_attribute("data-person", str(person))


async def test_each_person_has_chats_and_a_language_of_their_own(
    open_page: OpenPage, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "only for the bot")
    page = await open_page()
    await expect(page.locator("[data-chat='1001']")).to_contain_text("only for the bot")
    await expect(page.locator("[data-person-id]")).to_have_count(3)
    await become(page, BO)
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await expect(page.get_by_role("textbox")).to_have_attribute("placeholder", "输入消息")
    await expect(page.locator("[data-chat='1002']")).to_be_visible()
    await expect(page.locator("body")).not_to_contain_text("only for the bot")
    await become(page, CLEO)
    await expect(page.locator("html")).to_have_attribute("lang", "en-GB")


async def test_the_group_shows_who_wrote_and_counts_what_is_unread(
    open_page: OpenPage, people: SandboxClient, bot: telegram.Bot
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    row = page.locator(f"[data-chat-id='{GROUP}']")
    await expect(row).to_have_attribute("data-unread", "0")
    first = await people.send(BO, GROUP, "/video a cat")
    await bot.send_message(GROUP, "In line")
    await expect(row.locator("[data-part=unread]")).to_have_text("2")
    await expect(row.locator("[data-part=preview]")).to_have_text("Kinogram: In line")
    await row.click()
    asked = page.locator(f"[data-message-id='{first['message_id']}']")
    await expect(asked.locator("[data-part=name]")).to_have_text("小波")
    await expect(asked).to_have_attribute("data-own", "false")
    await expect(page.locator("[data-part=bot-badge]")).to_have_text("bot")
    await expect(row).to_have_attribute("data-unread", "0")
    await become(page, BO)
    await expect(asked).to_have_attribute("data-own", "true")
    await page.reload()
    await expect(asked).to_have_attribute("data-own", "true")
    await expect(page.locator(f"[data-chat='{GROUP}']")).to_be_visible()


async def test_a_phone_shows_the_list_or_the_conversation(
    open_page: OpenPage, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "word " * 60 + "x" * 300)
    page = await open_page(f"{ADA}", **PHONE)
    row = page.locator(f"[data-chat-id='{ADA}']")
    await expect(row).to_be_visible()
    await expect(page.locator("[data-part=composer]")).to_have_count(0)
    await row.click()
    await expect(page.locator("[data-part=composer]")).to_be_in_viewport()
    await expect(row).to_be_hidden()
    await expect(page.locator("[data-person-id='1003'] + .avatar")).to_be_in_viewport()
    width = "() => Math.max(...[...document.querySelectorAll('body, .history, .bubble')]"
    assert await page.evaluate(f"{width}.map(box => box.scrollWidth))") <= 390
    await page.locator("[data-action=back]").click()
    await expect(row).to_be_visible()
    await page.go_back()
    await expect(page.locator("[data-part=composer]")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_is_readable_in_light_and_in_dark(
    open_page: OpenPage, people: SandboxClient, bot: telegram.Bot, scheme: str
) -> None:
    await people.send(ADA, ADA, "a cat /help")
    await bot.send_message(ADA, "Hello /help")
    page = await open_page(f"{ADA}/{ADA}", color_scheme=scheme)
    await expect(page.locator("[data-message-id]")).to_have_count(2)
    colour = "(element, name) => getComputedStyle(element)[name]"
    page_colour = await page.locator("body").evaluate(colour, "backgroundColor")
    assert (contrast(page_colour, "rgb(0, 0, 0)") < 3) == (scheme == "dark")
    for own in ("true", "false"):
        bubble = page.locator(f"[data-own={own}] .bubble")
        behind = await bubble.evaluate(colour, "backgroundColor")
        for part in (".said", ".meta"):
            ink = await bubble.locator(part).evaluate(colour, "color")
            assert contrast(ink, behind) >= 4.5, (own, part)
    for part in (".chat-row:not([aria-current]) .chat-preview", ".chats-title", ".chat-subtitle"):
        ink = await page.locator(part).first.evaluate(colour, "color")
        assert contrast(ink, page_colour) >= 4.5, part


async def test_the_page_catches_up_after_the_sandbox_was_away(
    open_page: OpenPage, restartable: Restartable, bot: telegram.Bot, people: SandboxClient
) -> None:
    page = await open_page(f"{ADA}/{ADA}")
    await page.evaluate("window.sameLoad = true")
    sent = await people.send(ADA, ADA, "before")
    await expect(page.locator("[data-message-id]")).to_have_count(1)
    await restartable.stop()
    await expect(page.locator("body")).to_have_attribute("data-connection", "lost")
    await expect(page.locator("#connection")).to_be_visible()
    await restartable.start()
    await people.edit(ADA, ADA, sent["message_id"], "before, corrected")
    await bot.send_message(ADA, "during")
    await bot.send_message(GROUP, "during, for all")
    await expect(page.locator("body")).to_have_attribute("data-connection", "open")
    await expect(page.locator("#connection")).to_be_hidden()
    await expect(page.locator("[data-message-id]").first).to_contain_text("before, corrected")
    await expect(page.locator("[data-message-id]").last).to_contain_text("during")
    await expect(page.locator(f"[data-chat-id='{GROUP}'] [data-part=unread]")).to_have_text("1")
    await bot.send_message(ADA, "after")
    await expect(page.locator("[data-message-id]")).to_have_count(3)
    assert await page.evaluate("window.sameLoad")


async def test_everything_that_can_be_pressed_has_a_name_and_takes_the_keyboard(
    open_page: OpenPage, people: SandboxClient
) -> None:
    await people.send(ADA, ADA, "a cat")
    page = await open_page(f"{ADA}/{ADA}")
    await expect(page.locator("[data-message-id]")).to_have_count(1)
    nameless = await page.evaluate(
        "() => [...document.querySelectorAll('button, input, textarea, a')].filter(element =>"
        " !(element.ariaLabel || element.innerText || element.labels?.[0]?.innerText))"
        ".map(element => element.outerHTML)"
    )
    assert nameless == []
    await page.locator("[data-person-id='1001']").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("body")).to_have_attribute("data-person", str(BO))
    await expect(page.locator("[data-person-id='1002']")).to_be_focused()
