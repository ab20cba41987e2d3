from telegram import Message

from bot.telegram.application import build_application
from bot.telegram.pacing import Pacing
from tests.service import ADA, Sandbox


async def test_no_page_is_shown_for_a_link_in_a_prompt(sandbox: Sandbox) -> None:
    application = build_application(sandbox.token, sandbox.root, Pacing(lambda: 0.0))
    async with application.bot as bot:
        assert bot.defaults is not None
        assert bot.defaults.link_preview_options is not None
        assert bot.defaults.link_preview_options.is_disabled
        await sandbox.client.send(ADA, ADA, "hello")
        message = await bot.send_message(ADA, "https://example.org a cat")
        edited = await bot.edit_message_text("a cat", ADA, message.message_id)
        assert isinstance(edited, Message)
