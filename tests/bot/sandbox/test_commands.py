"""The commands menu by scope and language."""

from typing import Any

import pytest
import telegram

from bot.sandbox.client import SandboxClient
from tests.bot.sandbox.conftest import ADA, BO, CLEO, GROUP, Call, refused


def named(name: str) -> list[telegram.BotCommand]:
    return [telegram.BotCommand(name, name.title())]


async def menu(people: SandboxClient, person: int, chat: int) -> list[str]:
    (found,) = [one for one in await people.chats(person) if one["id"] == chat]
    return [command["command"] for command in found["commands"]]


async def test_the_narrowest_scope_and_the_persons_language_win(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await people.send(CLEO, CLEO, "hello")
    await bot.set_my_commands(named("everyone"))
    await bot.set_my_commands(named("private"), telegram.BotCommandScopeAllPrivateChats())
    await bot.set_my_commands(named("sili"), telegram.BotCommandScopeAllPrivateChats(), "zh")
    await bot.set_my_commands(named("cleo"), telegram.BotCommandScopeChat(CLEO))
    await bot.set_my_commands(named("group"), telegram.BotCommandScopeAllGroupChats())
    await bot.set_my_commands(named("club"), telegram.BotCommandScopeChat(GROUP))
    await bot.set_my_commands(named("boss"), telegram.BotCommandScopeChatAdministrators(GROUP))
    await bot.set_my_commands(named("bo"), telegram.BotCommandScopeChatMember(GROUP, BO))
    assert await menu(people, ADA, ADA) == ["private"]
    assert await menu(people, BO, BO) == ["sili"]
    assert await menu(people, CLEO, CLEO) == ["cleo"]
    assert await menu(people, ADA, GROUP) == ["club"]
    assert await menu(people, BO, GROUP) == ["bo"]
    assert await menu(people, CLEO, GROUP) == ["boss"]
    await bot.delete_my_commands(telegram.BotCommandScopeChat(GROUP))
    assert await menu(people, ADA, GROUP) == ["group"]
    await bot.set_my_commands([], telegram.BotCommandScopeAllGroupChats())
    assert await menu(people, ADA, GROUP) == ["everyone"]
    assert [one.command for one in await bot.get_my_commands()] == ["everyone"]
    assert await bot.get_my_commands(telegram.BotCommandScopeAllPrivateChats(), "en") == ()


async def test_people_are_told_that_the_menu_changed(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    await bot.set_my_commands(named("start"))
    event = await people.first_event(ADA, lambda event: event["type"] == "commands")
    assert event["chat"] == ADA


async def test_a_scope_of_a_chat_that_never_wrote_is_refused(bot: telegram.Bot) -> None:
    with refused("Chat not found"):
        await bot.set_my_commands(named("x"), telegram.BotCommandScopeChat(CLEO))


@pytest.mark.parametrize(
    ("command", "description", "words"),
    [
        ("Start", "x", "BOT_COMMAND_INVALID"),
        ("a-b", "x", "BOT_COMMAND_INVALID"),
        ("", "x", "command can't be empty"),
        ("a" * 33, "x", "command length must not exceed 32"),
        ("start", " ", "command description can't be empty"),
        ("start", "x" * 257, "command description length must not exceed 256"),
    ],
)
async def test_commands_that_telegram_refuses_are_refused(
    call: Call, command: str, description: str, words: str
) -> None:
    commands = [{"command": command, "description": description}]
    answer = await call("setMyCommands", commands=commands)
    assert answer["description"] == f"Bad Request: {words}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"language_code": "english"},
        {"scope": {"type": "planet"}},
        {"scope": "all"},
        {"scope": {"type": "chat_administrators", "chat_id": ADA}},
        {"scope": {"type": "chat_member", "chat_id": GROUP, "user_id": 5}},
        {"commands": "x"},
        {"commands": [{"command": "a", "description": "b"}] * 101},
    ],
)
async def test_scopes_and_languages_of_another_form_are_refused(
    call: Call, people: SandboxClient, wrong: dict[str, Any]
) -> None:
    await people.send(ADA, ADA, "hello")
    answer = await call("setMyCommands", **({"commands": []} | wrong))
    assert answer["error_code"] == 400
