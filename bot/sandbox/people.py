"""The cast: three people, the bot, a private chat each, and one group."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import PageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody the page can play. is_admin: administrator of the group."""

    id: int
    first_name: str
    username: str
    language_code: str
    is_admin: bool = False


PEOPLE = {
    person.id: person
    for person in (
        Person(id=1001, first_name="Ada", username="ada", language_code="en"),
        Person(id=1002, first_name="小波", username="bo", language_code="zh-hans"),
        Person(id=1003, first_name="Cleo", username="cleo", language_code="en", is_admin=True),
    )
}
BOT_ID = 7000001
BOT_USERNAME = "kinogram_sandbox_bot"
BOT_NAME = "Kinogram"
GROUP_ID = -100500
GROUP_TITLE = "Film Club"


def add_crowd(count: int) -> range:
    """The ids of so many more people, for measurements; each has a private chat."""
    first = max(PEOPLE) + 1
    ids = range(first, first + count)
    for number in ids:
        PEOPLE[number] = Person(
            id=number, first_name=f"Extra {number}", username=f"extra{number}", language_code="en"
        )
    return ids


def person_of(person_id: object) -> Person:
    """The person with that id. Raises: PageError."""
    if isinstance(person_id, int) and person_id in PEOPLE:
        return PEOPLE[person_id]
    known = ", ".join(str(number) for number in PEOPLE)
    raise PageError(f"person must be one of {known}.")


def chat_of(person: Person, chat_id: object) -> int:
    """The id of a chat that the person is in. Raises: PageError."""
    if chat_id in chats_of(person.id):
        return int(str(chat_id))
    raise PageError(f"chat must be one of {', '.join(map(str, chats_of(person.id)))}.")


def chats_of(person_id: int) -> tuple[int, ...]:
    """The ids of the chats a person sees: the private chat with the bot, and the group."""
    return (person_id, GROUP_ID)


def exists(chat_id: int) -> bool:
    """Whether there is such a chat at all."""
    return chat_id == GROUP_ID or chat_id in PEOPLE


def is_private(chat_id: int) -> bool:
    """Whether the chat is a person's own chat with the bot."""
    return chat_id in PEOPLE


def user_json(user_id: int) -> dict[str, Any]:
    """Telegram's User object."""
    if user_id == BOT_ID:
        return {"id": BOT_ID, "is_bot": True, "first_name": BOT_NAME, "username": BOT_USERNAME}
    person = PEOPLE[user_id]
    return {
        "id": person.id,
        "is_bot": False,
        "first_name": person.first_name,
        "username": person.username,
        "language_code": person.language_code,
    }


def chat_json(chat_id: int) -> dict[str, Any]:
    """Telegram's Chat object."""
    if chat_id == GROUP_ID:
        return {"id": GROUP_ID, "type": "supergroup", "title": GROUP_TITLE}
    person = PEOPLE[chat_id]
    return {
        "id": chat_id,
        "type": "private",
        "first_name": person.first_name,
        "username": person.username,
    }
