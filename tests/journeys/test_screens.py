"""The main screens of the page, in light and dark, on a desk and on a phone, of the real bot.

TEST_SCREENSHOTS=FOLDER keeps a picture of each, to be looked at.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.bot.sandbox.page.conftest import CHROMIUM, FLAGS, PATIENCE_MILLISECONDS, playwright_api
from tests.fleets import LocalFleet
from tests.service import ADA, BO, CLEO, GROUP, Sandbox, open_service, until, videos

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "small-phone-dark": {"viewport": {"width": 320, "height": 568}, "color_scheme": "dark"},
}
# Who looks at which chat after writing what, and what stands there then.
SCREENS = {
    "clip": (ADA, ADA, "a red fox jumps in the snow", "[data-callback-data^='again:']"),
    "draft": (ADA, ADA, "/draft a red fox jumps", "[data-callback-data^='full:']"),
    "settings": (ADA, ADA, "/settings", "[data-message-id]:has-text('Your settings')"),
    "jobs": (BO, BO, "/jobs", "[data-message-id]"),
    "forget": (BO, BO, "/forgetme", "[data-callback-data^='forget']"),
    "group": (CLEO, GROUP, "/group", "[data-callback-data^='group:cap']"),
    "statistics": (CLEO, CLEO, "/stats", "[data-message-id][data-own=false] img"),
    "chinese": (
        BO,
        GROUP,
        "/video 一只猫在沙漠里慢慢向右走 --ar 16:9",
        "[data-callback-data^='again:']",
    ),
}
# Neither wider than the window, nor with a button outside of it.
FITS = """() => document.documentElement.scrollWidth <= innerWidth
    && [...document.querySelectorAll("[data-callback-data]")].every(
        (button) => button.getBoundingClientRect().right <= innerWidth)"""


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Any]:
    async with playwright_api.async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


async def test_each_main_screen_fits_in_light_and_dark_on_a_desk_and_on_a_phone(
    sandbox: Sandbox, tmp_path: Path, browser: Any
) -> None:
    folder = Path(os.environ.get("TEST_SCREENSHOTS") or tmp_path)
    fleet = LocalFleet()
    fleet.gate.set()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        for person, chat, text, _ in SCREENS.values():
            await sandbox.client.send(person, chat, text)
        await until(sandbox.client, ADA, ADA, lambda shown: len(videos(shown)) == 2)
        for look, options in LOOKS.items():
            for name, (person, chat, _, shown) in SCREENS.items():
                address = f"{sandbox.root}/#{person}/{chat}"
                picture = folder / f"{name}-{look}.png"
                wrong = await look_at(browser, address, options, shown, picture)
                assert wrong == [], (name, look)


async def look_at(
    browser: Any, address: str, options: dict[str, Any], shown: str, picture: Path
) -> list[str]:
    """What is wrong with the page there once that is shown; a screenshot is taken of it."""
    wrong: list[str] = []
    context = await browser.new_context(**options)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    await page.goto(address)
    await page.locator(shown).last.scroll_into_view_if_needed()
    if not await page.evaluate(FITS):
        wrong.append("it does not fit")
    await page.screenshot(path=picture)
    await context.close()
    return wrong
