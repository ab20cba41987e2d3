"""Text as Telegram keeps it: cleaned, trimmed, its entities checked, commands and links found."""

import re
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.html import parse_html
from bot.sandbox.links import checked_link
from bot.sandbox.people import BOT_ID, PEOPLE, user_json
from bot.sandbox.utf16 import splits_a_character, utf16_length

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100

_GIVEN_TYPES = frozenset(
    {
        "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote",
        "expandable_blockquote", "code", "pre", "text_link", "text_mention", "custom_emoji",
    }
)  # fmt: skip
_FOUND_TYPES = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
)
_FOUND = (
    (
        "bot_command",
        re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])"),
    ),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z0-9_]{2,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}")),
    ("url", re.compile(r"(?<!\w)https?://[^\s<>\"]+[^\s<>\".,;:!?')\]]")),
)  # fmt: skip

# Control characters become spaces; \r goes later, so that offsets can follow it.
_CONTROLS = {code: " " for code in range(32) if chr(code) not in "\n\t\r"}

Formatted = tuple[str, list[dict[str, Any]]]


def formatted(text: str, parse_mode: str, given: Any) -> Formatted:
    """The text and entities that Telegram would keep for what a bot sends.

    given: the `entities` parameter, used when there is no parse mode.
    Raises: BotApiError, when they do not parse.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    mode = parse_mode.lower()
    if mode == "html":
        plain, entities = parse_html(text)
    elif mode in {"", "none"}:
        plain, entities = text, _given_entities(text, given)
    elif mode in {"markdown", "markdownv2"}:
        raise bad_request("can't parse entities: the sandbox parses HTML only")
    else:
        raise bad_request("unsupported parse_mode")
    plain, entities = _cleaned(plain, entities)
    if len(entities) > ENTITY_LIMIT:
        entities = entities[:ENTITY_LIMIT]
    return plain, with_found_entities(plain, entities)


def with_found_entities(text: str, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entities together with the commands, mentions, hashtags and links in the text."""
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in entities
        if entity["type"] in {"code", "pre", "text_link", "text_mention"}
    ]
    found = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            offset = utf16_length(text[: match.start()])
            length = utf16_length(match.group())
            if any(offset < end and begin < offset + length for begin, end in taken):
                continue
            taken.append((offset, offset + length))
            found.append({"type": kind, "offset": offset, "length": length})
    return sorted(entities + found, key=lambda entity: (entity["offset"], -entity["length"]))


def entities_json(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Telegram's MessageEntity objects; a mention of a person carries the User."""
    shown = []
    for entity in entities:
        copy = dict(entity)
        if "user_id" in copy:
            copy["user"] = user_json(copy.pop("user_id"))
        shown.append(copy)
    return shown


def _given_entities(text: str, given: Any) -> list[dict[str, Any]]:
    """The checked entities of the `entities` parameter.

    Raises: BotApiError, when one is not of the form, or cuts a character in two.
    """
    if given in (None, ""):
        return []
    if not isinstance(given, list):
        raise bad_request("can't parse entities: Expected an Array of MessageEntity")
    entities = []
    length = utf16_length(text)
    for entity in given:
        kept = _given_entity(entity)
        if kept is None:
            continue
        begin, end = kept["offset"], kept["offset"] + kept["length"]
        if end > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {begin} ends after the end of the text "
                f"at UTF-16 offset {end}"
            )
        for border, word in ((begin, "begins"), (end, "ends")):
            if splits_a_character(text, border):
                raise bad_request(
                    f"entity {word} in a middle of a UTF-16 symbol at byte offset {border}"
                )
        entities.append(kept)
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _given_entity(entity: Any) -> dict[str, Any] | None:
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind = entity.get("type")
    offset, length = _whole(entity, "offset"), _whole(entity, "length")
    if offset < 0 or length <= 0 or kind in _FOUND_TYPES:
        return None  # Telegram drops these, and finds its own.
    if kind not in _GIVEN_TYPES:
        raise bad_request("can't parse MessageEntity: type of the entity is unknown")
    kept: dict[str, Any] = {"type": kind, "offset": offset, "length": length}
    if kind == "text_link":
        kept["url"] = checked_link(str(entity.get("url", "")))
        return kept if kept["url"] else None
    if kind == "text_mention":
        user = entity.get("user")
        user_id = user.get("id") if isinstance(user, dict) else None
        if user_id not in PEOPLE and user_id != BOT_ID:
            return None
        kept["user_id"] = user_id
    elif kind == "custom_emoji":
        kept["custom_emoji_id"] = str(entity.get("custom_emoji_id", ""))
    elif kind == "pre" and entity.get("language"):
        kept["language"] = str(entity["language"])
    return kept


def _whole(entity: dict[str, Any], name: str) -> int:
    value = entity.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_request(f'can\'t parse MessageEntity: field "{name}" must be of type Number')
    return value


def cleaned_text(text: str) -> str:
    """The text without control characters, and without space at the ends."""
    return _cleaned(text, [])[0]


def _cleaned(text: str, entities: list[dict[str, Any]]) -> Formatted:
    """Without control characters and without space at the ends; entities moved along."""
    text = text.translate(_CONTROLS)
    kept_from = len(text) - len(text.lstrip())
    kept_to = len(text.rstrip())
    places = [0]  # UTF-16 offset in the cleaned text, by UTF-16 offset in the text
    cleaned = []
    for index, character in enumerate(text):
        keep = kept_from <= index < kept_to and character != "\r"
        for _ in range(utf16_length(character)):
            places.append(places[-1] + keep)
        if keep:
            cleaned.append(character)
    moved = []
    for entity in entities:
        begin = places[entity["offset"]]
        end = places[entity["offset"] + entity["length"]]
        if end > begin:
            moved.append({**entity, "offset": begin, "length": end - begin})
    return "".join(cleaned), moved
