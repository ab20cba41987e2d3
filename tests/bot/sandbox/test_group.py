"""The group as the bot meets it: what it may do there, and the upgrade to a supergroup."""

import pytest
import telegram
from telegram.error import ChatMigrated, Forbidden

from bot.sandbox.client import SandboxClient, SandboxRefused
from bot.sandbox.group import ANONYMOUS_ID, UPGRADED_ID
from tests.bot.sandbox.conftest import ADA, BOT_ID, CLEO, GROUP, refused


@pytest.mark.parametrize(("status", "words"), [("left", "not a member"), ("kicked", "was kicked")])
async def test_a_bot_that_is_out_may_not_write_and_hears_nothing(
    bot: telegram.Bot, people: SandboxClient, status: str, words: str
) -> None:
    await people.change_bot(CLEO, status)
    await people.send(ADA, GROUP, "/video a cat")
    (update,) = await bot.get_updates(timeout=30)
    assert update.my_chat_member
    assert update.my_chat_member.new_chat_member.status == status
    assert update.my_chat_member.old_chat_member.status == "member"
    assert (await bot.get_chat_member(GROUP, BOT_ID)).status == status
    with pytest.raises(Forbidden, match=words):
        await bot.send_message(GROUP, "x")
    await people.change_bot(CLEO, "member")
    assert await bot.send_message(GROUP, "x")


async def test_a_muted_bot_may_not_write_and_one_without_videos_may(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    card = await bot.send_message(GROUP, "card")
    await people.change_bot(CLEO, "restricted", ["can_send_videos"])
    member = await bot.get_chat_member(GROUP, BOT_ID)
    assert isinstance(member, telegram.ChatMemberRestricted)
    assert (member.can_send_messages, member.can_send_videos) == (True, False)
    assert await bot.send_message(GROUP, "x")
    with refused("not enough rights to send videos to the chat"):
        await bot.send_video(GROUP, b"mp4")
    with refused("not enough rights to send videos to the chat"):
        await bot.edit_message_media(telegram.InputMediaVideo(b"mp4"), GROUP, card.message_id)
    await people.change_bot(CLEO, "restricted", ["can_send_messages"])
    with refused("not enough rights to send text messages to the chat"):
        await bot.send_message(GROUP, "x")
    await people.change_bot(CLEO, "administrator")
    assert await bot.send_video(GROUP, b"mp4")


async def test_the_same_membership_again_is_no_news(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.change_bot(CLEO, "member")
    await people.send(ADA, GROUP, "/help")
    (update,) = await bot.get_updates(timeout=30)
    assert update.message


async def test_only_the_administrator_changes_the_group(people: SandboxClient) -> None:
    with pytest.raises(SandboxRefused, match="Only the group's administrator"):
        await people.change_bot(ADA, "kicked")
    with pytest.raises(SandboxRefused, match="Only the group's administrator"):
        await people.upgrade_group(ADA)
    with pytest.raises(SandboxRefused, match="Only the group's administrator"):
        await people.send(ADA, GROUP, "/group", anonymous=True)
    with pytest.raises(SandboxRefused, match="status must be"):
        await people.change_bot(CLEO, "asleep")
    with pytest.raises(SandboxRefused, match="denied must hold"):
        await people.change_bot(CLEO, "restricted", ["can_fly"])


async def test_an_upgraded_group_is_known_by_its_new_id_alone(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    old = await bot.send_message(GROUP, "old")
    assert await people.upgrade_group(CLEO) == UPGRADED_ID
    left, arrived = await bot.get_updates(timeout=30)
    assert left.message
    assert (left.message.chat_id, left.message.migrate_to_chat_id) == (GROUP, UPGRADED_ID)
    assert arrived.message
    assert (arrived.message.chat_id, arrived.message.migrate_from_chat_id) == (UPGRADED_ID, GROUP)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(GROUP, "x")
    assert caught.value.new_chat_id == UPGRADED_ID
    with refused("message to edit not found"):
        await bot.edit_message_text("new", UPGRADED_ID, old.message_id)
    with refused("message to be replied not found"):
        await bot.send_message(UPGRADED_ID, "x", reply_to_message_id=old.message_id)
    sent = await bot.send_message(UPGRADED_ID, "new")
    assert sent.chat_id == UPGRADED_ID
    assert await bot.edit_message_text("newer", UPGRADED_ID, sent.message_id)
    with pytest.raises(SandboxRefused, match="already"):
        await people.upgrade_group(CLEO)


async def test_an_administrator_may_write_as_the_group(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    shown = await people.send(CLEO, GROUP, "/group", anonymous=True)
    assert shown["from"]["id"] == ANONYMOUS_ID
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.from_user
    assert (update.message.from_user.id, update.message.from_user.is_bot) == (ANONYMOUS_ID, True)
    assert update.message.sender_chat
    assert update.message.sender_chat.id == GROUP


async def test_a_spoiler_is_kept_and_can_be_taken_away(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    sent = await bot.send_video(GROUP, b"mp4", has_spoiler=True)
    assert sent.has_media_spoiler
    assert (await people.messages(ADA, GROUP))[-1]["has_media_spoiler"]
    open_again = telegram.InputMediaVideo(sent.video)  # type: ignore[arg-type]
    changed = await bot.edit_message_media(open_again, GROUP, sent.message_id)
    assert isinstance(changed, telegram.Message)
    assert not changed.has_media_spoiler
