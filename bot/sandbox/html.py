"""Telegram's HTML: text with tags -> plain text and entities.

The rules and the words of refusal are those of `parse_html` in tdlib/td, MessageEntity.cpp:
a bare `&` stays as it is, a bare `<` begins a tag and so is mostly refused.
"""

import re
from typing import Any

from bot.sandbox.errors import BotApiError, bad_request
from bot.sandbox.links import checked_link, mentioned_user_id
from bot.sandbox.utf16 import utf16_length

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([a-zA-Z]*));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACE = " \t\r\n\0\v"
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text, and its entities with offsets and lengths in UTF-16 code units.

    Raises: BotApiError, when Telegram would not parse it.
    """
    return _Parser(text).parse()


def _reference(text: str, position: int) -> tuple[str, int]:
    """The character that a reference at the position stands for, and where it ends.

    The character is empty when `&` is only itself.
    """
    match = _REFERENCE.match(text, position)
    if match is None:
        return "", position
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name, ""), match.end()
    number = int(hexadecimal, 16) if hexadecimal else int(decimal or 0)
    digits_end = match.end() - match.group().endswith(";")
    if number == 0 or number >= 0x10FFFF or digits_end - position >= 10:
        return "", position
    return chr(number), match.end()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._plain: list[str] = []
        self._offset = 0
        self._open: list[tuple[str, str, int, int]] = []
        self._entities: list[dict[str, Any]] = []

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "<":
                if self._text.startswith("</", self._at):
                    self._end_tag()
                else:
                    self._start_tag()
                continue
            following = self._at + 1
            if character == "&":
                decoded, end = _reference(self._text, self._at)
                if decoded:
                    character, following = decoded, end
            self._plain.append(character)
            self._offset += utf16_length(character)
            self._at = following
        if self._open:
            raise _refusal(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')
        # The outer entity first, as Telegram sorts them.
        self._entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        for entity in self._entities:
            entity.pop("class", None)
        plain = "".join(self._plain)
        if any("\ud800" <= character <= "\udfff" for character in plain):
            raise _refusal(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return plain, self._entities

    def _character(self) -> str:
        """The character at the position; NUL, which counts as a space, at the end."""
        return self._text[self._at] if self._at < len(self._text) else "\0"

    def _ended(self) -> bool:
        return self._at >= len(self._text)

    def _skip_spaces(self) -> None:
        while not self._ended() and self._character() in _SPACE:
            self._at += 1

    def _take_until(self, stops: str) -> str:
        begin = self._at
        while not self._ended() and self._character() not in stops:
            self._at += 1
        return self._text[begin : self._at]

    def _byte_offset(self, position: int) -> int:
        return len(self._text[:position].encode("utf-8", "surrogatepass"))

    def _start_tag(self) -> None:
        begin = self._at
        where = f"at byte offset {self._byte_offset(begin)}"
        self._at += 1
        name = self._take_until(_SPACE + ">").lower()
        if self._ended():
            raise _refusal(f"Unclosed start tag {where}")
        if name not in _TYPES:
            raise _refusal(f'Unsupported start tag "{name}" {where}')
        argument = ""
        while True:
            self._skip_spaces()
            if self._character() == ">":
                break
            attribute, value = self._attribute(name, where)
            argument = _argument(name, attribute, value, argument)
        self._at += 1
        if name == "span" and argument != "spoiler":
            raise _refusal(f'Tag "span" must have class "tg-spoiler" {where}')
        self._open.append((name, argument, self._offset, len(self._plain)))

    def _attribute(self, tag: str, where: str) -> tuple[str, str]:
        name = self._take_until(_SPACE + "=>")
        if self._ended():
            raise _refusal(f"Unclosed start tag {where}")
        if not name:
            raise _refusal(f'Empty attribute name in the tag "{tag}" {where}')
        self._skip_spaces()
        if self._character() != "=":
            if tag == "blockquote" and name == "expandable":
                return name, ""
            raise _refusal(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" {where}'
            )
        self._at += 1
        self._skip_spaces()
        value = self._attribute_value()
        if self._ended():
            raise _refusal(f"Unclosed start tag {where}")
        return name, value

    def _attribute_value(self) -> str:
        quote = self._character()
        if quote not in "'\"":
            begin = self._at
            match = _NAME_TOKEN.match(self._text, begin)
            value = match.group() if match else ""
            self._at += len(value)
            if self._character() not in _SPACE + ">":
                offset = self._byte_offset(begin)
                raise _refusal(f"Unexpected end of name token at byte offset {offset}")
            return value.lower()
        self._at += 1
        value = ""
        while not self._ended() and self._character() != quote:
            character, following = self._character(), self._at + 1
            if character == "&":
                decoded, end = _reference(self._text, self._at)
                if decoded:
                    character, following = decoded, end
            value += character
            self._at = following
        self._at += 1
        return value

    def _end_tag(self) -> None:
        offset = self._byte_offset(self._at)
        if not self._open:
            raise _refusal(f"Unexpected end tag at byte offset {offset}")
        self._at += 2
        name = self._take_until(_SPACE + ">").lower()
        self._skip_spaces()
        if self._character() != ">":
            raise _refusal(f"Unclosed end tag at byte offset {offset}")
        self._at += 1
        tag, argument, begin, plain_begin = self._open.pop()
        if name and name != tag:
            raise _refusal(
                f'Unmatched end tag at byte offset {offset}, expected "</{tag}>", found "</{name}>"'
            )
        if self._offset > begin:
            self._close(tag, argument, begin, "".join(self._plain[plain_begin:]))

    def _close(self, tag: str, argument: str, offset: int, inside: str) -> None:
        entity: dict[str, Any] = {
            "type": _TYPES[tag],
            "offset": offset,
            "length": self._offset - offset,
        }
        last = self._entities[-1] if self._entities else {}
        same_range = last.get("offset") == offset and last.get("length") == entity["length"]
        if tag == "tg-emoji":
            if not argument.isdecimal() or int(argument) == 0:
                raise _refusal("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = argument
        elif tag == "a":
            if not _link(entity, argument or inside):
                return
        elif tag == "pre" and same_range and last.get("type") == "code" and last.get("class"):
            last.update(type="pre", language=last.pop("class"))
            return
        elif tag == "code" and argument:
            if same_range and last.get("type") == "pre":
                last["language"] = argument
                return
            entity["class"] = argument
        elif tag == "blockquote" and argument:
            entity["type"] = "expandable_blockquote"
        self._entities.append(entity)


def _argument(tag: str, attribute: str, value: str, before: str) -> str:
    """What an attribute gives to its tag; the former argument where it is none of ours."""
    match tag, attribute:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return "expandable"
    return before


def _link(entity: dict[str, Any], address: str) -> bool:
    """Make the entity a link or a mention; False when the address is no link at all."""
    user_id = mentioned_user_id(address)
    if user_id is not None:
        entity.update(type="text_mention", user_id=user_id)
        return True
    url = checked_link(address)
    entity["url"] = url
    return bool(url)


def _refusal(reason: str) -> BotApiError:
    return bad_request(f"can't parse entities: {reason}")
