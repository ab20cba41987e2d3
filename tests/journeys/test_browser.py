"""A person in a browser on the sandbox page, with the real bot, Ray and the built-in model."""

import asyncio
from pathlib import Path

import pytest

from tests.bot.sandbox.page.conftest import CHROMIUM, FLAGS, playwright_api
from tests.journeys.test_whole_service import LONG_SECONDS, one_worker
from tests.service import ADA, Sandbox, open_service

LONG_MILLISECONDS = LONG_SECONDS * 1000
PLAYED = "video => video.readyState >= 2 && video.currentTime > 0 && video.videoWidth"


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
async def test_a_person_types_a_prompt_watches_the_card_and_plays_the_video(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings(tmp_path / "data")
    async with (
        open_service(settings, one_worker([])),
        playwright_api.async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(LONG_MILLISECONDS)
        await page.goto(f"{sandbox.root}/#{ADA}/{ADA}")
        await page.locator("[data-part=composer]").fill("a cat moves left on a blue background")
        await page.keyboard.press("Enter")

        card = page.locator("[data-message-id][data-own=false]").first
        await card.locator("[data-part=text]").filter(has_text="a cat moves left").wait_for()
        number = await card.get_attribute("data-message-id")
        await card.locator("[data-part=text]").filter(has_text="▱").wait_for()
        assert await card.locator("[data-callback-data]").count() == 1

        video = card.locator("video")
        await video.wait_for()
        assert await card.get_attribute("data-message-id") == number
        await video.evaluate("video => video.play()")
        async with asyncio.timeout(LONG_SECONDS):
            while not await video.evaluate(PLAYED):
                await asyncio.sleep(0.05)
        assert await video.evaluate("video => video.videoWidth") == 256
        await card.locator("[data-part=caption]").filter(has_text="seed ").wait_for()
        assert await card.locator("[data-callback-data^='cancel:']").count() == 0
        assert await card.locator("[data-callback-data^='again:']").count() == 1
        await browser.close()
