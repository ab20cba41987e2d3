"""The commands menu: set, read and deleted by scope and language, resolved for a person."""

import json
import re
from typing import Any

from bot.sandbox.arguments import known_chat
from bot.sandbox.errors import bad_request
from bot.sandbox.events import post_event
from bot.sandbox.parameters import Parameters
from bot.sandbox.people import GROUP_ID, PEOPLE, Person, is_private
from bot.sandbox.state import State

MOST_COMMANDS = 100
_NAME = re.compile(r"[a-z0-9_]+")
_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


def set_my_commands(state: State, parameters: Parameters) -> Any:
    """Telegram's setMyCommands."""
    scope, language = _scope(state, parameters), _language(parameters)
    given = parameters.structure("commands")
    if not isinstance(given, list):
        raise bad_request("can't parse commands JSON array")
    if len(given) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(command) for command in given]
    state.write("DELETE FROM commands WHERE scope = ? AND language_code = ?", scope, language)
    if commands:
        state.write("INSERT INTO commands VALUES (?, ?, ?)", scope, language, json.dumps(commands))
    _announce(state)
    return True


def get_my_commands(state: State, parameters: Parameters) -> Any:
    """Telegram's getMyCommands: exactly that scope and language, nothing inherited."""
    return _stored(state, _scope(state, parameters), _language(parameters)) or []


def delete_my_commands(state: State, parameters: Parameters) -> Any:
    """Telegram's deleteMyCommands."""
    scope, language = _scope(state, parameters), _language(parameters)
    state.write("DELETE FROM commands WHERE scope = ? AND language_code = ?", scope, language)
    _announce(state)
    return True


def commands_for(state: State, person: Person, chat_id: int) -> list[dict[str, str]]:
    """The menu a person sees in a chat: the narrowest scope wins, then the person's language.

    The order is the one in the Bot API, "Determining list of commands".
    """
    if is_private(chat_id):
        scopes = [f"chat {chat_id}", "all_private_chats", "default"]
    else:
        scopes = [f"chat_member {chat_id} {person.id}"]
        if person.is_admin:
            scopes.append(f"chat_administrators {chat_id}")
        scopes.append(f"chat {chat_id}")
        if person.is_admin:
            scopes.append("all_chat_administrators")
        scopes += ["all_group_chats", "default"]
    for scope in scopes:
        for language in (person.language_code[:2], ""):
            commands = _stored(state, scope, language)
            if commands is not None:
                return commands
    return []


def _stored(state: State, scope: str, language: str) -> list[dict[str, str]] | None:
    statement = "SELECT commands FROM commands WHERE scope = ? AND language_code = ?"
    commands = state.value(statement, scope, language)
    return None if commands is None else list(json.loads(commands))


def _scope(state: State, parameters: Parameters) -> str:
    """The scope as a key. Raises: BotApiError."""
    scope = parameters.structure("scope") or {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: expected an Object")
    kind = scope.get("type")
    if kind in _PLAIN_SCOPES:
        return str(kind)
    if kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    inner = Parameters(scope)
    chat_id = known_chat(state, inner)
    if kind != "chat" and is_private(chat_id):
        raise bad_request("chat_id must belong to a group or a supergroup")
    if kind != "chat_member":
        return f"{kind} {chat_id}"
    user_id = inner.integer("user_id")
    if user_id not in PEOPLE:
        raise bad_request("user not found")
    return f"{kind} {chat_id} {user_id}"


def _language(parameters: Parameters) -> str:
    language = parameters.text("language_code")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return language


def _command(command: Any) -> dict[str, str]:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(command.get("command", "")).strip().removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not name:
        raise bad_request("command can't be empty")
    if len(name) > 32:
        raise bad_request("command length must not exceed 32")
    if not _NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description:
        raise bad_request("command description can't be empty")
    if len(description) > 256:
        raise bad_request("command description length must not exceed 256")
    return {"command": name, "description": description}


def _announce(state: State) -> None:
    for chat_id in (*PEOPLE, GROUP_ID):
        post_event(state, chat_id, "commands")
